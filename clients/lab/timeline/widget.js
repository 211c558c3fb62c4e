// The live view of a Timeline (timeline.py): a canvas that draws lanes of spans and marks.
//
// Store keeps what Python told, in typed arrays, once for each model. View draws it, once for each place where it is shown.
// Times are milliseconds since the server's first event.

const SPAN_BYTES = 32, MARK_BYTES = 20;          // SPAN and MARK in timeline.py
const ROW = 32, BAR = 18, THIN = 4, AXIS = 28, LABELS = 172, PAD = 14;
const MARGIN = 25;                               // the part of a window that is left free after its last event
const LONGEST = 30_000;                          // what is shown at once, unless one zooms
const SILENCE = 3_000;                           // without news for so long, the clock of a live view stops
const MOST_SPANS = 150_000;                      // more than Python keeps: then we start from a snapshot again

export default () => {
  const store = new Store();
  return {
    initialize({ model }) {
      store.connect(model);
    },
    render({ model, el }) {
      store.connect(model);
      const view = new View(store, el);
      return () => view.close();
    },
  };
};

// ---------------------------------------------------------------- what Python told

/** The spans or marks of one lane, in the order of time: columns that grow. */
class Columns {
  constructor(types) {
    this.length = 0;
    this.types = types;
    for (const [name, type] of Object.entries(types)) this[name] = new type(64);
  }

  add(values) {
    const names = Object.keys(this.types);
    if (this.length === this[names[0]].length) {
      for (const name of names) {
        const longer = new this.types[name](this.length * 2);
        longer.set(this[name]);
        this[name] = longer;
      }
    }
    for (const name of names) this[name][this.length] = values[name];
    this.length += 1;
  }
}

const SPAN_TYPES = {
  start: Float64Array, end: Float64Array, received: Uint32Array, sent: Uint32Array, client: Int16Array, kind: Uint8Array,
};
const MARK_TYPES = { at: Float64Array, detail: Int32Array, client: Int16Array, kind: Uint8Array };

/** The first place in a sorted column whose value is not less. */
function firstNotBefore(column, length, value) {
  let low = 0, high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

class Store {
  constructor() {
    this.views = new Set();
    this.clear();
    this.number = 0;
    this.title = "Timeline";
    this.look = null;
    this.problem = "";
  }

  clear() {
    this.lanes = [];
    this.order = [];
    this.open = [];
    this.seenKinds = new Set();
    this.seenMarks = new Set();
    this.count = 0;
    this.now = this.first = this.latest = 0;
    this.heard = performance.now();
    this.over = false;
    this.note = "";
  }

  /** Each call of initialize and render hands over a model of its own; the last one is good. */
  connect(model) {
    if (this.model) this.model.off("msg:custom", this.listener);
    this.model = model;
    this.listener = (content, buffers) => this.take(content, buffers);
    model.on("msg:custom", this.listener);
  }

  add(view) {
    this.views.add(view);
    if (this.views.size === 1) this.pulse = setInterval(() => this.say("alive"), 4000);
    this.say("hello");
  }

  remove(view) {
    this.views.delete(view);
    if (this.views.size === 0) clearInterval(this.pulse);
  }

  say(type) {
    try {
      this.model.send({ type });
    } catch {
      // the kernel is gone: there is nobody to tell
    }
  }

  take(content, buffers) {
    if (content.type === "problem") {
      this.problem = content.text;
    } else if (content.type === "snapshot") {
      this.clear();
      this.title = content.title;
      this.look = content.look;
      this.problem = "";
      this.append(content, buffers);
    } else if (content.number === this.number + 1 && this.look) {
      this.append(content, buffers);
    } else if (content.number > this.number) {
      this.say("hello");                         // something was lost on the way
      return;
    }
    for (const view of this.views) view.changed();
  }

  append(content, [spans, open, marks]) {
    this.number = content.number;
    for (const lane of content.lanes) {
      const known = this.lanes[lane.number] ?? { spans: new Columns(SPAN_TYPES), marks: new Columns(MARK_TYPES) };
      this.lanes[lane.number] = Object.assign(known, lane);
    }
    if (content.lanes.length) this.order = ordered(this.lanes.filter(Boolean));
    for (const span of unpackSpans(spans)) {
      this.lanes[span.lane]?.spans.add(span);
      this.seenKinds.add(span.kind);
    }
    for (const mark of unpackMarks(marks)) {
      this.lanes[mark.lane]?.marks.add(mark);
      this.seenMarks.add(mark.kind);
    }
    this.count += spans.byteLength / SPAN_BYTES;
    this.open = [...unpackSpans(open)];
    for (const span of this.open) this.seenKinds.add(span.kind);
    this.heard = performance.now();
    Object.assign(this, { now: content.now, first: content.first, latest: content.latest, over: content.over, note: content.note });
    if (this.count > MOST_SPANS) this.say("hello");
  }

  get live() {
    return !this.over && performance.now() - this.heard < SILENCE;
  }

  /** The server's clock, carried on between two messages. */
  clock() {
    return this.over ? this.now : this.now + Math.min(performance.now() - this.heard, SILENCE);
  }

  /** Does anything go on for which time matters? If not, the picture stands still. */
  get active() {
    return !this.over && this.open.some((span) => this.look.kinds[span.kind].active);
  }

  /** All that is worth seeing, [from, to]: idle time before the first client and after the last event is left out. */
  extent() {
    const end = Math.max(this.latest, this.active ? this.clock() : 0);
    let start = 0;
    if (this.first > end - this.first) start = this.first - (end - this.first) / 12;
    return [start, Math.max(end, start + 0.1)];
  }

  client(number) {
    return this.lanes[number]?.label ?? "a client";
  }
}

function* unpackSpans(bytes) {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.byteLength; at += SPAN_BYTES) {
    yield {
      start: data.getFloat64(at, true), end: data.getFloat64(at + 8, true),
      received: data.getUint32(at + 16, true), sent: data.getUint32(at + 20, true),
      lane: data.getUint16(at + 24, true), client: data.getInt16(at + 26, true), kind: data.getUint8(at + 28),
    };
  }
}

function* unpackMarks(bytes) {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.byteLength; at += MARK_BYTES) {
    yield {
      at: data.getFloat64(at, true), detail: data.getInt32(at + 8, true),
      lane: data.getUint16(at + 12, true), client: data.getInt16(at + 14, true), kind: data.getUint8(at + 16),
    };
  }
}

/** Each process with its threads below it, then the clients; as picture.py has it. */
function ordered(lanes) {
  const server = lanes.filter((lane) => lane.side === "server");
  const roots = server.filter((lane) => lane.parent === null || lane.role === "child");
  const threads = server.filter((lane) => !roots.includes(lane));
  const rows = roots.flatMap((root) => [root, ...threads.filter((thread) => thread.parent === root.number)]);
  return [...rows, ...lanes.filter((lane) => lane.side === "client")];
}

// ---------------------------------------------------------------- words

function duration(ms) {
  if (ms >= 1000) return `${Number((ms / 1000).toPrecision(3))} s`;
  if (ms >= 1) return `${Number(ms.toPrecision(3))} ms`;
  return `${Math.round(ms * 1000)} µs`;
}

function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 0.001)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * 0.999);
}

/** A tick's text, as exact as the ticks are apart, and in the unit of the last of them. */
function timeLabel(ms, step, last) {
  const [unit, size] = step >= 100 || last >= 1000 ? ["s", 1000] : step >= 0.1 ? ["ms", 1] : ["µs", 0.001];
  const digits = Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9));
  return `${(ms / size).toFixed(digits)} ${unit}`;
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

// ---------------------------------------------------------------- the view

const STYLE = `
.sm-timeline {
  --tl-ink: var(--jp-ui-font-color1, #1f2430); --tl-muted: var(--jp-ui-font-color2, #626b7a);
  --tl-hair: var(--jp-border-color2, #e0e4ea); --tl-paper: var(--jp-layout-color0, #ffffff);
  --tl-neutral: #8b95a5; --tl-focus: var(--jp-brand-color1, #1976d2);
  color: var(--tl-ink); background: var(--tl-paper); border: 1px solid var(--tl-hair); border-radius: 6px;
  font: 13px/1.4 var(--jp-ui-font-family, system-ui, sans-serif); margin: 4px 0; position: relative; overflow: hidden;
}
@media (prefers-color-scheme: dark) {
  .sm-timeline {
    --tl-ink: var(--jp-ui-font-color1, #e6e9ee); --tl-muted: var(--jp-ui-font-color2, #a4adba);
    --tl-hair: var(--jp-border-color2, #3a404a); --tl-paper: var(--jp-layout-color0, #15181d);
  }
}
.sm-timeline header { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; padding: 8px ${PAD}px 2px; }
.sm-timeline header strong { font-weight: 600; margin-right: auto; }
.sm-timeline button {
  font: inherit; font-size: 12px; color: var(--tl-ink); background: transparent; border: 1px solid var(--tl-hair);
  border-radius: 4px; padding: 2px 9px; min-height: 24px; cursor: pointer;
}
.sm-timeline button:hover { border-color: var(--tl-muted); }
.sm-timeline button[role=switch] { display: inline-flex; align-items: center; gap: 7px; }
.sm-timeline button[role=switch] i {
  width: 24px; height: 13px; border-radius: 7px; border: 1px solid var(--tl-muted); box-sizing: border-box; position: relative;
}
.sm-timeline button[role=switch] i::after {
  content: ""; position: absolute; left: 1px; top: 1px; width: 9px; height: 9px; border-radius: 50%; background: var(--tl-muted);
}
.sm-timeline button[role=switch][aria-checked=true] i { background: var(--tl-focus); border-color: var(--tl-focus); }
.sm-timeline button[role=switch][aria-checked=true] i::after { left: auto; right: 1px; background: var(--tl-paper); }
.sm-timeline button:focus-visible, .sm-timeline .tl-chart:focus-visible { outline: 2px solid var(--tl-focus); outline-offset: -1px; }
.sm-timeline .tl-chart { outline: none; position: relative; cursor: grab; touch-action: pan-y; user-select: none; }
.sm-timeline .tl-chart:active { cursor: grabbing; }
.sm-timeline canvas { display: block; width: 100%; }
.sm-timeline .tl-rows { max-height: ${ROW * 16}px; overflow-y: auto; overflow-x: hidden; }
.sm-timeline .tl-tip {
  position: absolute; pointer-events: none; z-index: 2; max-width: 320px; padding: 6px 9px; border-radius: 5px; font-size: 12px;
  background: var(--tl-paper); border: 1px solid var(--tl-muted); box-shadow: 0 2px 8px rgb(0 0 0 / 25%); white-space: pre-line;
}
.sm-timeline .tl-tip::first-line { font-weight: 600; }
.sm-timeline .tl-legend { display: flex; flex-wrap: wrap; gap: 3px 18px; padding: 6px ${PAD}px 4px; color: var(--tl-muted); font-size: 12px; }
.sm-timeline .tl-legend span { display: inline-flex; align-items: center; gap: 7px; }
.sm-timeline .tl-legend canvas { width: 24px; height: 12px; }
.sm-timeline footer {
  display: flex; flex-wrap: wrap; gap: 2px 18px; justify-content: space-between; padding: 4px ${PAD}px 8px; font-size: 12px;
}
.sm-timeline .tl-help { color: var(--tl-muted); }
`;

const PAGE = `
<header>
  <strong></strong>
  <button type="button" role="switch" class="tl-follow" aria-checked="true"><i></i><span></span></button>
  <button type="button" class="tl-out" aria-label="Zoom out">− Zoom out</button>
  <button type="button" class="tl-in" aria-label="Zoom in">+ Zoom in</button>
  <button type="button" class="tl-fit" aria-label="Show all">Show all</button>
</header>
<div class="tl-chart" tabindex="0" role="application" data-lm-suppress-shortcuts="true">
  <canvas class="tl-axis" aria-hidden="true"></canvas>
  <div class="tl-rows"><canvas aria-hidden="true"></canvas></div>
  <div class="tl-tip" hidden></div>
</div>
<div class="tl-legend" role="group" aria-label="Legend"></div>
<footer>
  <div class="tl-status" role="status" aria-live="polite"></div>
  <div class="tl-help">Drag to move. Click, then wheel or + and − to zoom, arrows to move, 0 for all, F to follow.</div>
</footer>`;

class View {
  constructor(store, el) {
    this.store = store;
    this.follow = true;
    this.length = null;                          // ms to follow: null for the last LONGEST, Infinity for all
    this.from = 0;
    this.to = 1;
    this.tiles = new Map();
    this.root = document.createElement("div");
    this.root.className = "sm-timeline";
    this.root.innerHTML = PAGE;
    const style = document.createElement("style");
    style.textContent = STYLE;
    this.root.prepend(style);
    el.append(this.root);
    for (const name of ["chart", "axis", "rows", "tip", "legend", "status", "follow", "out", "in", "fit"]) {
      this[`${name}Element`] = this.root.querySelector(`.tl-${name}`);
    }
    this.canvas = this.rowsElement.querySelector("canvas");
    this.theme = null;
    this.stop = new AbortController();
    this.listen();
    store.add(this);
    this.changed();
  }

  close() {
    this.stop.abort();
    this.resizing.disconnect();
    this.theming.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.speaking);
    this.store.remove(this);
    this.root.remove();
  }

  listen() {
    const on = (target, name, action, options = {}) =>
      target.addEventListener(name, action, { signal: this.stop.signal, ...options });
    on(this.followElement, "click", () => this.setFollow(!this.follow));
    on(this.outElement, "click", () => this.zoom(1.6));
    on(this.inElement, "click", () => this.zoom(1 / 1.6));
    on(this.fitElement, "click", () => this.fit());
    on(this.chartElement, "keydown", (event) => this.key(event));
    on(this.chartElement, "wheel", (event) => this.wheel(event), { passive: false });
    on(this.chartElement, "pointerdown", (event) => this.grab(event));
    on(this.chartElement, "pointermove", (event) => this.point(event));
    on(this.chartElement, "pointerup", () => (this.grabbed = null));
    on(this.chartElement, "pointercancel", () => (this.grabbed = null));
    on(this.chartElement, "pointerleave", () => (this.tipElement.hidden = true));
    on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.readTheme());
    this.resizing = new ResizeObserver(() => (this.theme ? this.redraw() : this.readTheme()));
    this.resizing.observe(this.root);
    this.theming = new MutationObserver(() => this.readTheme());
    this.theming.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"] });
  }

  /** Colours as the page has them now. */
  readTheme() {
    if (!this.root.isConnected) return;          // render() comes before; the first measure of our size, after
    const style = getComputedStyle(this.root);
    const read = (name) => style.getPropertyValue(`--tl-${name}`).trim();
    this.theme = Object.fromEntries(["ink", "muted", "hair", "paper", "neutral"].map((name) => [name, read(name)]));
    const [red, green, blue] = style.backgroundColor.match(/[\d.]+/g).map(Number);
    this.theme.dark = 0.3 * red + 0.6 * green + 0.1 * blue < 128;
    this.font = `11px ${style.fontFamily}`;
    this.tiles.clear();
    this.legendKinds = "";
    this.redraw();
  }

  // What one does to it

  key(event) {
    const step = (this.to - this.from) / 8;
    const actions = {
      ArrowLeft: () => this.move(-step), ArrowRight: () => this.move(step),
      ArrowUp: () => (this.rowsElement.scrollTop -= ROW), ArrowDown: () => (this.rowsElement.scrollTop += ROW),
      "+": () => this.zoom(1 / 1.6), "=": () => this.zoom(1 / 1.6), "-": () => this.zoom(1.6),
      0: () => this.fit(), f: () => this.setFollow(!this.follow), F: () => this.setFollow(!this.follow),
    };
    if (!actions[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    actions[event.key]();
  }

  /** The page's own scrolling comes first: the wheel zooms in a timeline that was clicked, or with Ctrl. */
  wheel(event) {
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!sideways && !event.ctrlKey && !this.chartElement.contains(document.activeElement)) return;
    event.preventDefault();
    if (sideways) this.move(((event.deltaX || event.deltaY) / this.plot) * (this.to - this.from));
    else this.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.004), this.timeAt(event));
  }

  grab(event) {
    if (event.button !== 0) return;
    this.chartElement.focus({ preventScroll: true });
    this.chartElement.setPointerCapture(event.pointerId);
    this.grabbed = { x: event.clientX, from: this.from, moved: false };
  }

  point(event) {
    if (!this.grabbed) return this.explain(event);
    const dx = event.clientX - this.grabbed.x;
    if (Math.abs(dx) < 3 && !this.grabbed.moved) return;
    this.grabbed.moved = true;
    this.tipElement.hidden = true;
    this.show(this.grabbed.from - (dx / this.plot) * (this.to - this.from), this.to - this.from);
  }

  timeAt(event) {
    const x = event.clientX - this.chartElement.getBoundingClientRect().left - LABELS - PAD;
    return this.from + (x / this.plot) * (this.to - this.from);
  }

  zoom(factor, around) {
    const length = Math.min(Math.max((this.to - this.from) * factor, 0.01), 24 * 3_600_000);
    if (this.follow && this.store.live) {
      this.length = length;
      this.redraw();
      return;
    }
    const middle = around ?? (this.from + this.to) / 2;
    this.show(middle - ((middle - this.from) / (this.to - this.from)) * length, length);
  }

  move(by) {
    this.show(this.from + by, this.to - this.from);
  }

  /** Show a window of one's own choice, which the live view leaves alone. */
  show(from, length) {
    this.follow = false;
    this.from = from;
    this.to = from + length;
    this.redraw();
  }

  fit() {
    this.length = Infinity;
    const [, end] = this.store.extent();
    this.from = 0;                               // the idle time before the first client too
    this.to = end + end / MARGIN;
    this.redraw();
  }

  setFollow(follow) {
    this.follow = follow;
    if (follow) this.length = null;
    this.redraw();
  }

  // What changes by itself

  changed() {
    this.redraw();
    this.speaking ??= setTimeout(() => {
      this.speaking = undefined;
      this.speak();
    }, 400);                                     // a screen reader must not hear every step of a fast run
  }

  redraw() {
    if (this.frame || this.stop?.signal.aborted) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
      if (this.follow && this.store.live && this.store.look && this.store.active) this.redraw();
    });
  }

  speak() {
    const { store } = this;
    const words = store.open
      .filter((span) => store.lanes[span.lane] && (store.look.kinds[span.kind].active || store.lanes[span.lane].side === "server"))
      .slice(0, 6)
      .map((span) => `${store.lanes[span.lane].label} ${this.says(span)}`);
    const state = store.problem || (store.over ? "The server has ended." : words.length ? `${capital(words.join("; "))}.` : "Nothing goes on.");
    const text = !store.look ? "Waiting for the notebook's kernel." : [state, store.note && `${capital(store.note)}.`].filter(Boolean).join(" ");
    if (this.statusElement.textContent !== text) this.statusElement.textContent = text;
    this.chartElement.setAttribute("aria-label", `${store.title}. ${store.order.length} lanes: ${store.order.map((lane) => lane.label).join(", ")}.`);
  }

  says(span) {
    return this.store.look.kinds[span.kind].says.replace("{client}", this.store.client(span.client));
  }

  // Drawing

  draw() {
    const { store } = this;
    this.root.querySelector("strong").textContent = store.title;
    this.followElement.setAttribute("aria-checked", this.follow);
    this.followElement.querySelector("span").textContent = `Follow live: ${this.follow ? "on" : "off"}`;
    this.plot = Math.max(50, this.root.clientWidth - LABELS - 2 * PAD);
    if (!store.look || !this.theme) return;
    if (this.follow) this.keepUp();
    this.x = (at) => LABELS + PAD + ((at - this.from) / (this.to - this.from)) * this.plot;
    this.drawAxis();
    this.drawRows();
    this.drawLegend();
    if (this.pointer && !this.tipElement.hidden) this.explain(this.pointer);  // what lies under it may have moved
  }

  keepUp() {
    const [start, end] = this.store.extent();
    const length = Math.min(this.length ?? LONGEST, end - start);
    this.to = end + length / MARGIN;
    this.from = end - length;
  }

  /** A canvas of that height, cleared, whose units are CSS pixels. */
  prepare(canvas, height) {
    const width = this.root.clientWidth, ratio = devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.height = `${height}px`;
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = this.font;
    pen.textBaseline = "middle";
    return pen;
  }

  ticks() {
    const step = niceStep(((this.to - this.from) * 90) / this.plot), ticks = [];
    for (let at = Math.ceil(this.from / step) * step; at <= this.to; at += step) ticks.push(at);
    return [ticks, step];
  }

  drawAxis() {
    const pen = this.prepare(this.axisElement, AXIS), [ticks, step] = this.ticks();
    pen.fillStyle = this.theme.muted;
    pen.textAlign = "center";
    for (const at of ticks) {
      const x = this.x(at);
      if (x > LABELS + PAD - 2 && x < LABELS + PAD + this.plot - 8) pen.fillText(timeLabel(Math.abs(at) < step / 2 ? 0 : at, step, ticks.at(-1)), x, AXIS / 2);
    }
  }

  drawRows() {
    const { store, theme } = this;
    const lanes = store.order, pen = this.prepare(this.canvas, ROW * Math.max(1, lanes.length));
    pen.fillStyle = theme.hair;
    for (const at of this.ticks()[0]) pen.fillRect(Math.round(this.x(at)), 0, 0.5, ROW * lanes.length);
    this.openOf = new Map();
    for (const span of store.open) this.openOf.set(span.lane, [...(this.openOf.get(span.lane) ?? []), span]);
    lanes.forEach((lane, row) => this.drawLabel(pen, lane, row * ROW));
    pen.save();
    pen.beginPath();
    pen.rect(LABELS + PAD - 6, 0, this.plot + 12, ROW * lanes.length);
    pen.clip();
    lanes.forEach((lane, row) => this.drawLane(pen, lane, row * ROW + ROW / 2));
    pen.restore();
  }

  drawLabel(pen, lane, y) {
    pen.fillStyle = this.theme.hair;
    pen.fillRect(PAD, y, LABELS + this.plot, 0.5);
    let x = PAD + (lane.role === "child" || lane.role === "thread" ? 14 : 0);
    if (lane.side === "client") {
      pen.fillStyle = this.colour(lane.number);
      pen.fillRect(x, y + ROW / 2 - 5, 10, 10);
      x += 18;
    }
    pen.fillStyle = this.theme.ink;
    pen.textAlign = "left";
    let text = lane.label;
    while (text.length > 4 && pen.measureText(text + "…").width > LABELS + PAD - 10 - x) text = text.slice(0, -1);
    pen.fillText(text === lane.label ? text : text + "…", x, y + ROW / 2);
  }

  drawLane(pen, lane, middle) {
    if (lane.side === "server" && lane.born !== null) {
      const x0 = Math.max(this.x(lane.born), LABELS + PAD), x1 = Math.min(this.x(lane.over ?? this.to), LABELS + PAD + this.plot);
      pen.fillStyle = this.theme.hair;
      if (x1 > x0) pen.fillRect(x0, middle - 0.5, x1 - x0, 1);
    }
    this.drawSpans(pen, lane.spans, middle);
    const now = this.x(this.store.active ? this.store.clock() : Math.max(this.store.clock(), this.to));
    for (const span of this.openOf.get(lane.number) ?? []) this.drawSpan(pen, span, this.x(span.start), now, middle);
    this.drawMarks(pen, lane, middle);
  }

  /** Each visible span; where many share a pixel, the longest of a few of them stands for all. */
  drawSpans(pen, spans, middle) {
    const perPixel = (this.to - this.from) / this.plot;
    let at = firstNotBefore(spans.end, spans.length, this.from);
    while (at < spans.length && spans.start[at] < this.to) {
      const x0 = this.x(spans.start[at]), x1 = this.x(spans.end[at]);
      if (x1 - x0 >= 2) {
        this.drawSpan(pen, { client: spans.client[at], kind: spans.kind[at] }, x0, x1, middle);
        at += 1;
        continue;
      }
      const next = Math.max(at + 1, firstNotBefore(spans.start, spans.length, spans.start[at] + perPixel));
      let longest = at;
      for (let other = at; other < next; other += Math.max(1, (next - at) >> 3)) {
        const length = spans.end[other] - spans.start[other];
        if (length < 2 * perPixel && length > spans.end[longest] - spans.start[longest]) longest = other;
      }
      this.drawSliver(pen, spans.client[longest], this.store.look.kinds[spans.kind[longest]].pattern, x0, middle);
      const wide = next > at + 1 && this.x(spans.end[next - 1]) - this.x(spans.start[next - 1]) >= 2;
      at = wide ? next - 1 : next;
    }
  }

  drawSliver(pen, client, pattern, x, middle) {
    const thin = pattern === "line" || pattern === "dotted", half = (thin ? THIN : BAR) / 2;
    pen.fillStyle = this.colour(client);
    pen.globalAlpha = ["solid", "stripes", "cross"].includes(pattern) ? 1 : 0.55;
    pen.fillRect(Math.round(x), middle - half, 1, 2 * half);
    pen.globalAlpha = 1;
  }

  drawSpan(pen, span, x0, x1, middle) {
    const kind = this.store.look.kinds[span.kind];
    const left = Math.max(x0, LABELS + PAD - 8), right = Math.min(x1, LABELS + PAD + this.plot + 8);
    if (right - left < 0.3) return;
    this.drawBar(pen, kind.pattern, this.colour(span.client), left, right - left, middle, BAR);
    const ofClient = kind.says.includes("{client}");
    const text = kind.text || (ofClient && this.store.lanes[span.client] ? this.store.client(span.client) : "");
    const width = text && pen.measureText(text).width;
    if (!text || width + 12 > right - left) return;
    const solid = kind.pattern === "solid" || kind.pattern === "stripes";
    if (["hatch", "dots", "cross"].includes(kind.pattern)) {
      pen.fillStyle = this.theme.paper;
      pen.fillRect((left + right - width) / 2 - 4, middle - 7, width + 8, 14);
    }
    pen.fillStyle = solid ? this.theme.paper : this.theme.ink;
    pen.textAlign = "center";
    pen.fillText(text, (left + right) / 2, middle + 0.5);
  }

  drawBar(pen, pattern, colour, x, width, middle, height) {
    if (pattern === "line" || pattern === "dotted") {
      pen.globalAlpha = pattern === "line" ? 0.55 : 0.8;
      pen.fillStyle = colour;
      if (pattern === "line") pen.fillRect(x, middle - THIN / 2, width, THIN);
      else for (let at = x; at < x + width; at += 7) pen.fillRect(at, middle - THIN / 2, Math.min(4, x + width - at), THIN);
      pen.globalAlpha = 1;
      return;
    }
    const y = middle - height / 2;
    pen.fillStyle = this.theme.paper;
    pen.fillRect(x, y, width, height);
    pen.fillStyle = colour;
    pen.globalAlpha = pattern === "solid" || pattern === "stripes" ? 1 : pattern === "dashes" ? 0 : 0.12;
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
    if (pattern === "solid" || pattern === "stripes") {
      if (width > 4) {
        pen.fillStyle = this.theme.paper;        // a hairline tells two bars of one client apart
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

  /** The repeating part of a pattern, drawn once for each colour. */
  tile(pen, pattern, colour) {
    const sizes = { hatch: 6, cross: 6, dots: 6, stripes: 5 }, size = sizes[pattern];
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
        ink.fillStyle = this.theme.paper;
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

  colour(number) {
    const lane = this.store.lanes[number], { palette } = this.store.look;
    return lane?.side === "client" ? palette[lane.place % palette.length][this.theme.dark ? 1 : 0] : this.theme.neutral;
  }

  drawMarks(pen, lane, middle) {
    const { marks } = lane, last = new Map(), perPixel = (this.to - this.from) / this.plot;
    let at = firstNotBefore(marks.at, marks.length, this.from - 5 * perPixel);
    let drawn = 0;
    while (at < marks.length && marks.at[at] <= this.to && drawn < 4000) {
      const x = this.x(marks.at[at]), kind = marks.kind[at];
      if (x - (last.get(kind) ?? -9) >= 5) {
        last.set(kind, x);
        drawn += 1;
        this.drawShape(pen, this.store.look.marks[kind].shape, lane.side === "client" ? this.colour(lane.number) : this.theme.ink, x, middle);
        at += 1;
      } else {
        // close to one of its kind: in a crowd, go on a pixel further
        const crowded = marks.at[Math.min(at + 16, marks.length - 1)] - marks.at[at] < perPixel;
        at = crowded ? Math.max(at + 1, firstNotBefore(marks.at, marks.length, marks.at[at] + perPixel)) : at + 1;
      }
    }
  }

  /** A mark, with an edge in the paper's colour that lifts it off the bar below. */
  drawShape(pen, shape, colour, x, y) {
    for (const [grow, ink] of [[1, this.theme.paper], [0, colour]]) {
      const r = 4 + grow;
      pen.fillStyle = pen.strokeStyle = ink;
      pen.beginPath();
      if (shape === "disc" || shape === "ring") {
        pen.arc(x, y, r, 0, 7);
        pen.fill();
        if (shape === "ring" && !grow) {
          pen.fillStyle = this.theme.paper;
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

  /** A sample with its words for each kind of span, and each shape of mark, that there is. */
  drawLegend() {
    const { store } = this, { kinds, shapes } = store.look;
    const names = [...store.seenMarks].map((kind) => store.look.marks[kind].shape);
    const present = `${[...store.seenKinds].sort()} ${[...new Set(names)].sort()} ${devicePixelRatio}`;
    if (present === this.legendKinds) return;
    this.legendKinds = present;
    this.legendElement.replaceChildren();
    const entry = (text, paint) => {
      const item = document.createElement("span"), canvas = document.createElement("canvas"), ratio = devicePixelRatio || 1;
      canvas.width = 24 * ratio;
      canvas.height = 12 * ratio;
      const pen = canvas.getContext("2d");
      pen.scale(ratio, ratio);
      paint(pen);
      item.append(canvas, text);
      this.legendElement.append(item);
    };
    const blue = store.look.palette[0][this.theme.dark ? 1 : 0];
    kinds.forEach((kind, number) => {
      if (store.seenKinds.has(number)) entry(kind.legend, (pen) => this.drawBar(pen, kind.pattern, kind.neutral ? this.theme.neutral : blue, 0, 24, 6, 12));
    });
    for (const [shape, text] of Object.entries(shapes)) {
      if (names.includes(shape)) entry(text, (pen) => this.drawShape(pen, shape, this.theme.muted, 12, 6));
    }
  }

  // What is under the pointer

  explain(event) {
    this.pointer = event;
    const box = this.canvas.getBoundingClientRect(), { store } = this;
    const lane = store.order[Math.floor((event.clientY - box.top) / ROW)];
    const inside = event.clientX - box.left >= LABELS + PAD - 4 && event.clientY >= box.top;
    const text = lane && inside && store.look ? this.under(lane, this.timeAt(event)) : "";
    this.tipElement.hidden = !text;
    if (!text) return;
    this.tipElement.textContent = text;
    const chart = this.chartElement.getBoundingClientRect();
    const x = event.clientX - chart.left, y = event.clientY - chart.top;
    this.tipElement.style.left = `${Math.min(x + 14, chart.width - this.tipElement.offsetWidth - 6)}px`;
    const below = y + 18 + this.tipElement.offsetHeight < chart.height;
    this.tipElement.style.top = `${below ? y + 18 : Math.max(0, y - this.tipElement.offsetHeight - 10)}px`;
  }

  /** What a lane did at a time, in words: the mark nearby, else the span. */
  under(lane, at) {
    const near = ((this.to - this.from) / this.plot) * 5, { marks, spans } = lane, { look } = this.store;
    const first = firstNotBefore(marks.at, marks.length, at - near), lines = [];
    for (let mark = first; mark < marks.length && marks.at[mark] <= at + near && lines.length < 5; mark += 1) {
      const says = look.marks[marks.kind[mark]].says.replace("{client}", this.store.client(marks.client[mark])).replace("{detail}", marks.detail[mark]);
      lines.push(`${lane.label} ${says}, at ${duration(marks.at[mark])}`);
    }
    let span = firstNotBefore(spans.end, spans.length, at);
    if (span < spans.length && spans.start[span] <= at + near / 5) lines.push(...this.spanLines(lane, valuesAt(spans, span)));
    else {
      const open = (this.openOf?.get(lane.number) ?? []).find((one) => one.start <= at + near / 5);
      if (open) lines.push(...this.spanLines(lane, open));
    }
    return lines.join("\n");
  }

  spanLines(lane, span) {
    const end = Number.isNaN(span.end) ? this.store.clock() : span.end;
    const still = Number.isNaN(span.end) ? "so far" : `until ${duration(end)}`;
    const lines = [`${lane.label} ${this.says(span)}`, `from ${duration(span.start)}, ${still}: ${duration(end - span.start)}`];
    const bytes = [span.received && `received ${span.received} bytes`, span.sent && `sent ${span.sent} bytes`].filter(Boolean);
    return bytes.length ? [...lines, bytes.join(", ")] : lines;
  }
}

function valuesAt(columns, place) {
  return Object.fromEntries(Object.keys(columns.types).map((name) => [name, columns[name][place]]));
}
