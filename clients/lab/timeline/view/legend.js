// A labelled sample of each kind of span and each shape of mark seen so far.

const WIDTH = 24, HEIGHT = 12;

class Legend {
  constructor(store, element) {
    this.store = store;
    this.element = element;
  }

  /** Rebuilds the legend only if there is something new to explain or the colours have changed. */
  draw(brush) {
    const { look, seenKinds, seenMarks } = this.store;
    const shapes = new Set([...seenMarks].map((kind) => look.marks[kind].shape));
    const shown = `${[...seenKinds].sort()} ${[...shapes].sort()} ${devicePixelRatio}`;
    if (shown === this.shown && brush === this.brush) return;
    this.shown = shown;
    this.brush = brush;
    this.element.replaceChildren();
    look.kinds.forEach((kind, number) => {
      const colour = kind.neutral ? brush.neutral : brush.client(0, look.palette);
      if (seenKinds.has(number)) this.add(kind.legend, (pen) => brush.bar(pen, kind, colour, 0, WIDTH, HEIGHT / 2, HEIGHT));
    });
    for (const [shape, text] of Object.entries(look.shapes)) {
      if (shapes.has(shape)) this.add(text, (pen) => brush.shape(pen, shape, brush.muted, WIDTH / 2, HEIGHT / 2));
    }
  }

  add(text, paint) {
    const item = document.createElement("span"), canvas = document.createElement("canvas"), ratio = devicePixelRatio || 1;
    canvas.width = WIDTH * ratio;
    canvas.height = HEIGHT * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    paint(pen);
    item.append(canvas, text);
    this.element.append(item);
  }
}

export { Legend };
