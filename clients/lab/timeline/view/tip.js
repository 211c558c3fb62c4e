// The tooltip: what a lane did at the moment under the pointer.

import { firstNotBefore } from "./store.js";
import { duration, markSays, spanSays } from "./words.js";

const NEAR = 5;                                  // CSS pixels
const MAX_MARKS = 5;

/** Returns lines of text: the marks nearby, then the span. */
function linesAt(store, viewport, lane, at) {
  const near = NEAR * viewport.perPixel, { marks, spans } = lane, lines = [];
  for (let place = firstNotBefore(marks.at, marks.length, at - near); place < marks.length && marks.at[place] <= at + near; place += 1) {
    if (lines.length < MAX_MARKS) lines.push(`${lane.label} ${markSays(store, marks.row(place))}, at ${duration(marks.at[place])}`);
  }
  const reached = (span) => span.start <= at + viewport.perPixel;
  const place = firstNotBefore(spans.end, spans.length, at);
  const ended = place < spans.length ? spans.row(place) : null;
  const span = ended && reached(ended) ? ended : store.openOf(lane).find(reached);
  return span ? [...lines, ...spanLines(store, lane, span)] : lines;
}

function spanLines(store, lane, span) {
  const goesOn = Number.isNaN(span.end), end = goesOn ? store.clock() : span.end;
  const lines = [
    `${lane.label} ${spanSays(store, span)}`,
    `from ${duration(span.start)}, ${goesOn ? "so far" : `until ${duration(end)}`}: ${duration(end - span.start)}`,
  ];
  const bytes = [span.received && `received ${span.received} bytes`, span.sent && `sent ${span.sent} bytes`].filter(Boolean);
  return bytes.length ? [...lines, bytes.join(", ")] : lines;
}

class Tip {
  constructor(element) {
    this.element = element;
  }

  get shown() {
    return !this.element.hidden;
  }

  hide() {
    this.element.hidden = true;
  }

  /** Shows lines beside the pointer, inside the chart. */
  show(lines, event, chart) {
    const { element } = this;
    element.hidden = lines.length === 0;
    if (element.hidden) return;
    element.textContent = lines.join("\n");
    const box = chart.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    element.style.left = `${Math.min(x + 14, box.width - element.offsetWidth - 6)}px`;
    const fitsBelow = y + 18 + element.offsetHeight < box.height;
    element.style.top = `${fitsBelow ? y + 18 : Math.max(0, y - element.offsetHeight - 10)}px`;
  }
}

export { linesAt, Tip };
