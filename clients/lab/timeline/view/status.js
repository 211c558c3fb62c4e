// The texts for screen readers: what is happening now, and what the picture shows.

import { capital, spanSays } from "./words.js";

const PAUSE = 400;                               // ms, so that not every step of a fast run is announced
const MAX_SPANS = 6;

/** Returns the status line under a timeline. */
function statusOf(store) {
  if (!store.look) return "Waiting for the notebook's kernel.";
  const matters = (span) => store.look.kinds[span.kind].active || store.lanes[span.lane].side === "server";
  const words = store.open
    .filter((span) => store.lanes[span.lane] && matters(span))
    .slice(0, MAX_SPANS)
    .map((span) => `${store.lanes[span.lane].label} ${spanSays(store, span)}`);
  let state = words.length ? `${capital(words.join("; "))}.` : "Nothing is going on.";
  if (store.silent) state = "This is the last picture: the notebook's kernel is busy or has ended. If it has ended, run the cells again.";
  if (store.ended) state = store.whole ? "This is the whole recording." : "The server has ended.";
  if (store.problem) state = store.problem;
  return store.note ? `${state} ${capital(store.note)}.` : state;
}

function labelOf(store) {
  return `${store.title}. ${store.rows.length} lanes: ${store.rows.map((lane) => lane.label).join(", ")}.`;
}

class Status {
  constructor(store, status, chart) {
    this.store = store;
    this.status = status;
    this.chart = chart;
  }

  /** Announces soon, once for all changes until then. */
  changed() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.speak();
    }, PAUSE);
  }

  speak() {
    const text = statusOf(this.store);
    if (this.status.textContent !== text) this.status.textContent = text;
    this.chart.setAttribute("aria-label", labelOf(this.store));
  }

  close() {
    clearTimeout(this.timer);
  }
}

export { labelOf, Status, statusOf };
