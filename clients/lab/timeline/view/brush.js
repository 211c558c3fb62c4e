// Draws bars and marks on a canvas, in the page's colours. The names of patterns and shapes come from look.py.

const BAR = 18, THIN = 4;                 // heights of bars
const TILES = { hatch: 6, cross: 6, dots: 6, stripes: 5 };  // sizes of a pattern's repeating tile
const COLOURS = ["ink", "muted", "hair", "paper", "neutral"];

const isSolid = (pattern) => pattern === "solid" || pattern === "stripes";
const isThin = (kind) => kind.pattern === "line" || kind.dash;
const isBusy = (pattern) => pattern === "hatch" || pattern === "dots" || pattern === "cross";

class Brush {
  /** element: its CSS custom properties define the colours. */
  constructor(element) {
    const style = getComputedStyle(element);
    for (const name of COLOURS) this[name] = style.getPropertyValue(`--tl-${name}`).trim();
    const [red, green, blue] = style.backgroundColor.match(/[\d.]+/g).map(Number);
    this.dark = 0.3 * red + 0.6 * green + 0.1 * blue < 128;
    this.font = `11px ${style.fontFamily}`;
    this.tiles = new Map();
  }

  /** Returns the colour of a client, by its place among the clients. */
  client(place, palette) {
    return palette[place % palette.length][this.dark ? 1 : 0];
  }

  /** Draws a bar. kind: a kind of span, as packing.py sends it. */
  bar(pen, kind, colour, x, width, middle, height = BAR) {
    const { pattern } = kind;
    if (isThin(kind)) {
      pen.globalAlpha = pattern === "line" ? 0.55 : 0.8;
      pen.fillStyle = colour;
      const [dash, period] = kind.dash ?? [width, width + 1];
      for (let at = x; at < x + width; at += period) pen.fillRect(at, middle - THIN / 2, Math.min(dash, x + width - at), THIN);
      pen.globalAlpha = 1;
      return;
    }
    const y = middle - height / 2;
    pen.fillStyle = this.paper;
    pen.fillRect(x, y, width, height);
    pen.fillStyle = colour;
    pen.globalAlpha = isSolid(pattern) ? 1 : pattern === "dashes" ? 0 : 0.12;
    pen.fillRect(x, y, width, height);
    pen.globalAlpha = 1;
    const tile = this.tile(pen, pattern, colour);
    if (tile) {
      pen.save();
      pen.translate(x, y);
      pen.fillStyle = tile;
      pen.fillRect(0, 0, width, height);
      pen.restore();
    }
    if (isSolid(pattern)) {
      if (width > 4) {
        pen.fillStyle = this.paper;              // a hairline separates two bars of one client
        pen.fillRect(x + width - 0.75, y, 0.75, height);
      }
      return;
    }
    pen.strokeStyle = colour;
    pen.lineWidth = 1;
    pen.setLineDash(pattern === "dashes" ? [4, 3] : []);
    pen.strokeRect(x + 0.5, y + 0.5, Math.max(0, width - 1), height - 1);
    pen.setLineDash([]);
  }

  /** Draws a bar one pixel wide. */
  sliver(pen, kind, colour, x, middle) {
    const half = (isThin(kind) ? THIN : BAR) / 2;
    pen.fillStyle = colour;
    pen.globalAlpha = isSolid(kind.pattern) || kind.pattern === "cross" ? 1 : 0.55;
    pen.fillRect(Math.round(x), middle - half, 1, 2 * half);
    pen.globalAlpha = 1;
  }

  /** Returns the repeating tile of a pattern, drawn once for each colour. */
  tile(pen, pattern, colour) {
    const size = TILES[pattern];
    if (!size) return null;
    const key = `${pattern} ${colour}`, ratio = Math.max(1, Math.round(devicePixelRatio || 1));
    if (!this.tiles.has(key)) {
      const canvas = document.createElement("canvas"), ink = canvas.getContext("2d");
      canvas.width = canvas.height = size * ratio;
      ink.scale(ratio, ratio);
      ink.strokeStyle = ink.fillStyle = colour;
      ink.lineWidth = 1;
      ink.beginPath();
      if (pattern === "dots") {
        ink.arc(1.5, 1.5, 1, 0, 7);
        ink.moveTo(4.5, 4.5);
        ink.arc(4.5, 4.5, 1, 0, 7);
        ink.fill();
      } else if (pattern === "stripes") {
        ink.fillStyle = this.paper;
        ink.fillRect(3.5, 0, 1, size);
      } else {
        for (const shift of [-size, 0, size]) {
          ink.moveTo(shift - 1, size + 1);
          ink.lineTo(shift + size + 1, -1);
          if (pattern === "cross") {
            ink.moveTo(shift - 1, -1);
            ink.lineTo(shift + size + 1, size + 1);
          }
        }
        ink.stroke();
      }
      const tile = pen.createPattern(canvas, "repeat");
      tile.setTransform(new DOMMatrix().scale(1 / ratio));
      this.tiles.set(key, tile);
    }
    return this.tiles.get(key);
  }

  /** Draws a mark, with an edge in the paper's colour that sets it off from the bar below. */
  shape(pen, shape, colour, x, y) {
    for (const [grow, ink] of [[1, this.paper], [0, colour]]) {
      const r = 4 + grow;
      pen.fillStyle = pen.strokeStyle = ink;
      pen.beginPath();
      if (shape === "disc" || shape === "ring") {
        pen.arc(x, y, r, 0, 7);
        pen.fill();
        if (shape === "ring" && !grow) {
          pen.fillStyle = this.paper;
          pen.beginPath();
          pen.arc(x, y, r - 1.5, 0, 7);
          pen.fill();
        }
      } else if (shape === "square") {
        pen.fillRect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7);
      } else if (shape === "diamond") {
        pen.moveTo(x, y - r * 1.2);
        pen.lineTo(x + r * 1.2, y);
        pen.lineTo(x, y + r * 1.2);
        pen.lineTo(x - r * 1.2, y);
        pen.fill();
      } else if (shape === "tick") {
        pen.fillRect(x - 0.75 - grow / 2, y - 9, 1.5 + grow, 18);
      } else {
        pen.lineWidth = 1.6 + 2 * grow;
        pen.moveTo(x - r, y - r);
        pen.lineTo(x + r, y + r);
        pen.moveTo(x - r, y + r);
        pen.lineTo(x + r, y - r);
        pen.stroke();
      }
    }
  }
}

export { BAR, Brush, isBusy, isSolid };
