// Draws the part of the time axis and of a store's rows that is inside the viewport.

import { BAR, isBusy, isSolid } from "./brush.js";
import { firstNotBefore } from "./store.js";
import { tickLabel } from "./words.js";

const ROW = 32, AXIS = 28, LABELS = 172, PAD = 14;  // CSS pixels
const MAX_MARKS = 4_000;                         // drawn per lane: more would only overlap

class Painter {
  constructor(store, viewport, axis, rows) {
    this.store = store;
    this.viewport = viewport;
    this.axis = axis;
    this.rows = rows;
  }

  draw(brush) {
    this.brush = brush;
    this.drawAxis();
    this.drawRows();
  }

  /** Clears a canvas, gives it this height, and returns a context whose units are CSS pixels. */
  prepare(canvas, height) {
    const width = this.viewport.left + this.viewport.width + PAD, ratio = devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.height = `${height}px`;
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = this.brush.font;
    pen.textBaseline = "middle";
    return pen;
  }

  drawAxis() {
    const { viewport } = this, pen = this.prepare(this.axis, AXIS), [ticks, step] = viewport.ticks();
    pen.fillStyle = this.brush.muted;
    pen.textAlign = "center";
    for (const at of ticks) {
      const x = viewport.x(at);
      const fits = x > viewport.left - 2 && x < viewport.left + viewport.width - 8;
      if (fits) pen.fillText(tickLabel(at, step, ticks.at(-1)), x, AXIS / 2);
    }
  }

  drawRows() {
    const { viewport } = this, lanes = this.store.rows, pen = this.prepare(this.rows, ROW * Math.max(1, lanes.length));
    pen.fillStyle = this.brush.hair;
    for (const at of viewport.ticks()[0]) pen.fillRect(Math.round(viewport.x(at)), 0, 0.5, ROW * lanes.length);
    lanes.forEach((lane, row) => this.drawLabel(pen, lane, row * ROW));
    pen.save();
    pen.beginPath();
    pen.rect(viewport.left - 6, 0, viewport.width + 12, ROW * lanes.length);
    pen.clip();
    lanes.forEach((lane, row) => this.drawLane(pen, lane, row * ROW + ROW / 2));
    pen.restore();
  }

  drawLabel(pen, lane, y) {
    pen.fillStyle = this.brush.hair;
    pen.fillRect(PAD, y, LABELS + this.viewport.width, 0.5);
    let x = PAD + (lane.role === "child" || lane.role === "thread" ? 14 : 0);
    if (lane.side === "client") {
      pen.fillStyle = this.colour(lane.number);
      pen.fillRect(x, y + ROW / 2 - 5, 10, 10);
      x += 18;
    }
    pen.fillStyle = this.brush.ink;
    pen.textAlign = "left";
    let text = lane.label;
    while (text.length > 4 && pen.measureText(text + "…").width > LABELS + PAD - 10 - x) text = text.slice(0, -1);
    pen.fillText(text === lane.label ? text : text + "…", x, y + ROW / 2);
  }

  drawLane(pen, lane, middle) {
    const { store, viewport } = this;
    if (lane.side === "server" && lane.born !== null) {
      const x0 = Math.max(viewport.x(lane.born), viewport.left);
      const x1 = Math.min(viewport.x(lane.ended ?? viewport.to), viewport.left + viewport.width);
      pen.fillStyle = this.brush.hair;
      if (x1 > x0) pen.fillRect(x0, middle - 0.5, x1 - x0, 1);
    }
    this.drawSpans(pen, lane.spans, middle);
    const now = viewport.x(store.active ? store.clock() : Math.max(store.clock(), viewport.to));
    for (const span of store.openOf(lane)) this.drawSpan(pen, span, viewport.x(span.start), now, middle);
    this.drawMarks(pen, lane, middle);
  }

  /** Draws each visible span; where many share a pixel, only the longest of a sample of them. */
  drawSpans(pen, spans, middle) {
    const { viewport } = this, { perPixel } = viewport;
    let at = firstNotBefore(spans.end, spans.length, viewport.from);
    while (at < spans.length && spans.start[at] < viewport.to) {
      const x0 = viewport.x(spans.start[at]), x1 = viewport.x(spans.end[at]);
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
      const kind = this.store.look.kinds[spans.kind[longest]];
      this.brush.sliver(pen, kind, this.colour(spans.client[longest]), x0, middle);
      const wide = next > at + 1 && spans.end[next - 1] - spans.start[next - 1] >= 2 * perPixel;
      at = wide ? next - 1 : next;
    }
  }

  drawSpan(pen, span, x0, x1, middle) {
    const { viewport } = this, kind = this.store.look.kinds[span.kind];
    const left = Math.max(x0, viewport.left - 8), right = Math.min(x1, viewport.left + viewport.width + 8);
    if (right - left < 0.3) return;
    this.brush.bar(pen, kind, this.colour(span.client), left, right - left, middle, BAR);
    const ofClient = kind.says.includes("{client}");
    const text = kind.text || (ofClient && this.store.lanes[span.client] ? this.store.client(span.client) : "");
    const width = text && pen.measureText(text).width;
    if (!text || width + 12 > right - left) return;
    if (isBusy(kind.pattern)) {                  // the pattern would make the text hard to read
      pen.fillStyle = this.brush.paper;
      pen.fillRect((left + right - width) / 2 - 4, middle - 7, width + 8, 14);
    }
    pen.fillStyle = isSolid(kind.pattern) ? this.brush.paper : this.brush.ink;
    pen.textAlign = "center";
    pen.fillText(text, (left + right) / 2, middle + 0.5);
  }

  drawMarks(pen, lane, middle) {
    const { marks } = lane, { viewport, brush } = this, { perPixel } = viewport, last = new Map();
    let at = firstNotBefore(marks.at, marks.length, viewport.from - 5 * perPixel);
    let drawn = 0;
    while (at < marks.length && marks.at[at] <= viewport.to && drawn < MAX_MARKS) {
      const x = viewport.x(marks.at[at]), kind = marks.kind[at];
      if (x - (last.get(kind) ?? -9) >= 5) {
        last.set(kind, x);
        drawn += 1;
        brush.shape(pen, this.store.look.marks[kind].shape, lane.side === "client" ? this.colour(lane.number) : brush.ink, x, middle);
        at += 1;
      } else {
        // too close to a mark of its kind: in a crowd, skip ahead one pixel
        const crowded = marks.at[Math.min(at + 16, marks.length - 1)] - marks.at[at] < perPixel;
        at = crowded ? Math.max(at + 1, firstNotBefore(marks.at, marks.length, marks.at[at] + perPixel)) : at + 1;
      }
    }
  }

  colour(number) {
    const lane = this.store.lanes[number];
    return lane?.side === "client" ? this.brush.client(lane.place, this.store.look.palette) : this.brush.neutral;
  }
}

export { LABELS, PAD, Painter, ROW };
