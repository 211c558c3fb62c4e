// A view of a timeline: connects store, viewport, painter, legend, tip and status to the page and to the reader's input.

import { Brush } from "./brush.js";
import { Legend } from "./legend.js";
import { LABELS, PAD, Painter, ROW } from "./painter.js";
import { Status } from "./status.js";
import { Store } from "./store.js";
import { linesAt, Tip } from "./tip.js";
import { LONGEST, Viewport } from "./viewport.js";

const ZOOM = 1.6;                                // factor for a button or a key
const THEME_OF_LAB = { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"] };
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
  <div class="tl-help">Drag to move. Click, then wheel or + and − to zoom, arrows to move, 0 for all<span>, F to follow</span>.</div>
</footer>`;

class View {
  constructor(store, el) {
    this.store = store;
    this.root = document.createElement("div");
    this.root.className = "sm-timeline";
    this.root.innerHTML = PAGE;
    el.append(this.root);
    const find = (selector) => this.root.querySelector(selector);
    this.titleElement = find("strong");
    this.followElement = find(".tl-follow");
    this.followHelp = find(".tl-help span");
    this.chart = find(".tl-chart");
    this.rows = find(".tl-rows");
    this.canvas = find(".tl-rows canvas");
    this.viewport = new Viewport(LABELS + PAD);
    this.painter = new Painter(store, this.viewport, find(".tl-axis"), this.canvas);
    this.legend = new Legend(store, find(".tl-legend"));
    this.tip = new Tip(find(".tl-tip"));
    this.status = new Status(store, find(".tl-status"), this.chart);
    this.brush = null;                           // until the view is on the page
    this.stop = new AbortController();
    this.listen(find);
    store.add(this);
    this.changed();
  }

  close() {
    this.stop.abort();
    this.resizing.disconnect();
    this.theming.disconnect();
    cancelAnimationFrame(this.frame);
    this.status.close();
    this.store.remove(this);
    this.root.remove();
  }

  listen(find) {
    const on = (target, name, action, options = {}) =>
      target.addEventListener(name, action, { signal: this.stop.signal, ...options });
    on(this.followElement, "click", () => this.toggleFollow());
    on(find(".tl-out"), "click", () => this.zoom(ZOOM));
    on(find(".tl-in"), "click", () => this.zoom(1 / ZOOM));
    on(find(".tl-fit"), "click", () => this.fit());
    on(this.chart, "keydown", (event) => this.key(event));
    on(this.chart, "wheel", (event) => this.wheel(event), { passive: false });
    on(this.chart, "pointerdown", (event) => this.grab(event));
    on(this.chart, "pointermove", (event) => this.point(event));
    on(this.chart, "pointerup", () => (this.grabbed = null));
    on(this.chart, "pointercancel", () => (this.grabbed = null));
    on(this.chart, "pointerleave", () => this.tip.hide());
    on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.readTheme());
    this.resizing = new ResizeObserver(() => (this.brush ? this.redraw() : this.readTheme()));
    this.resizing.observe(this.root);
    this.theming = new MutationObserver(() => this.readTheme());
    this.theming.observe(document.body, THEME_OF_LAB);
  }

  readTheme() {
    if (!this.root.isConnected) return;          // in render() it is not yet; the ResizeObserver calls again
    this.brush = new Brush(this.root);
    this.redraw();
  }

  // Input

  key(event) {
    const step = this.viewport.length / 8;
    const actions = {
      ArrowLeft: () => this.move(-step), ArrowRight: () => this.move(step),
      ArrowUp: () => (this.rows.scrollTop -= ROW), ArrowDown: () => (this.rows.scrollTop += ROW),
      "+": () => this.zoom(1 / ZOOM), "=": () => this.zoom(1 / ZOOM), "-": () => this.zoom(ZOOM),
      0: () => this.fit(), f: () => this.toggleFollow(), F: () => this.toggleFollow(),
    };
    if (!actions[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    actions[event.key]();
  }

  /** Leaves plain scrolling to the page: the wheel zooms only in a clicked timeline, or with Ctrl. */
  wheel(event) {
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!sideways && !event.ctrlKey && !this.chart.contains(document.activeElement)) return;
    event.preventDefault();
    if (sideways) this.move((event.deltaX || event.deltaY) * this.viewport.perPixel);
    else this.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.004), this.timeAt(event));
  }

  grab(event) {
    if (event.button !== 0) return;
    this.chart.focus({ preventScroll: true });
    this.chart.setPointerCapture(event.pointerId);
    this.grabbed = { x: event.clientX, from: this.viewport.from, moved: false };
  }

  point(event) {
    if (!this.grabbed) return this.explain(event);
    const dx = event.clientX - this.grabbed.x;
    if (Math.abs(dx) < 3 && !this.grabbed.moved) return;
    this.grabbed.moved = true;
    this.tip.hide();
    this.viewport.show(this.grabbed.from - dx * this.viewport.perPixel, this.viewport.length);
    this.redraw();
  }

  timeAt(event) {
    return this.viewport.timeAt(event.clientX - this.chart.getBoundingClientRect().left);
  }

  explain(event) {
    this.pointer = event;
    const box = this.canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    const lane = this.store.rows[Math.floor(y / ROW)];
    const inside = lane && this.store.look && y >= 0 && x >= LABELS + PAD - 4;
    this.tip.show(inside ? linesAt(this.store, this.viewport, lane, this.timeAt(event)) : [], event, this.chart);
  }

  zoom(factor, around) {
    this.viewport.zoom(factor, this.store.live, around);
    this.redraw();
  }

  move(by) {
    this.viewport.move(by);
    this.redraw();
  }

  fit() {
    this.viewport.fit(this.store.extent());
    this.redraw();
  }

  toggleFollow() {
    this.viewport.setFollow(!this.viewport.follow);
    this.redraw();
  }

  // Updates

  changed() {
    this.redraw();
    this.status.changed();
  }

  redraw() {
    if (this.frame || this.stop.signal.aborted) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
      if (this.viewport.follow && this.store.live && this.store.look && this.store.active) this.redraw();
    });
  }

  draw() {
    const { store, viewport } = this;
    this.titleElement.textContent = store.title;
    this.followElement.setAttribute("aria-checked", viewport.follow);
    this.followElement.querySelector("span").textContent = `Follow live: ${viewport.follow ? "on" : "off"}`;
    this.followElement.hidden = this.followHelp.hidden = Boolean(store.whole);
    viewport.width = Math.max(50, this.root.clientWidth - LABELS - 2 * PAD);
    if (!store.look || !this.brush) return;
    if (viewport.follow) viewport.keepUp(store.extent(), store.whole ? Infinity : LONGEST);
    this.painter.draw(this.brush);
    this.legend.draw(this.brush);
    if (this.pointer && this.tip.shown) this.explain(this.pointer);  // what is under it may have moved
  }
}

export default () => {
  const store = new Store();                     // anywidget calls this once per model, and render once per view
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
