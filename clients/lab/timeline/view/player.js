// Shows the recording of a finished run in a page without a kernel, and plays it by sending the view the live messages again.

import { MARK_BYTES, SPAN_BYTES } from "./store.js";

const DURATION = 10_000;                         // ms of playing time, however long the run was
const PLACES = 1_000;                            // steps of the slider
const BAR = `
<button type="button">▶ Play</button>
<input type="range" min="0" max="${PLACES}" value="${PLACES}" aria-label="Moment of the run">
<span></span>`;

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Unpacks records into [moment, bytes of the record], sorted by moment, the float at this offset in each record. */
function records(base64, size, offset) {
  const bytes = bytesOf(base64), data = new DataView(bytes.buffer), found = [];
  for (let at = 0; at < bytes.length; at += size) found.push([data.getFloat64(at + offset, true), bytes.slice(at, at + size)]);
  return found.sort(([one], [other]) => one - other);
}

function joined(found) {
  const size = found.length ? found[0][1].length : 0, bytes = new Uint8Array(size * found.length);
  found.forEach(([, record], place) => bytes.set(record, place * size));
  return bytes;
}

/** Returns a span as it was sent while open: without its end. */
function unended(record) {
  const open = record.slice();
  new DataView(open.buffer).setFloat64(8, NaN, true);
  return open;
}

/** Takes the place of anywidget's model in a notebook, and sends the messages that Python would send. */
class Recorded {
  constructor({ content, buffers: [spans, open, marks] }) {
    this.content = content;
    this.spans = records(spans, SPAN_BYTES, 8);
    this.open = records(open, SPAN_BYTES, 0);    // spans open when it was saved
    this.marks = records(marks, MARK_BYTES, 0);
    [this.start, this.end] = content.whole;
    this.at = this.end;
    this.number = 0;
  }

  on(_, listener) {
    this.listener = listener;
  }

  off() {
    this.listener = null;
  }

  send({ type }) {
    if (type === "hello") this.show(this.at);
  }

  /** Shows the picture as it was at a moment. */
  show(at, pace = 0) {
    this.tell("snapshot", -Infinity, at, pace);
  }

  /** Advances the picture from the moment shown to a later one; pace: ms of the run per ms of real time. */
  advance(at, pace) {
    this.tell("add", this.at, at, pace);
  }

  tell(type, from, at, pace) {
    const { content } = this, whole = at >= this.end, until = whole ? Infinity : at;
    const inside = ([moment]) => moment > from && moment <= until;
    const lanes = content.lanes
      .filter((lane) => (lane.born ?? -Infinity) <= until)
      .map((lane) => (lane.ended <= until ? lane : { ...lane, ended: null }));
    const shown = new Set(lanes.map((lane) => lane.number));
    const started = ([, record]) => new DataView(record.buffer).getFloat64(0, true) <= until;
    const open = [...this.spans.filter(([end]) => end > until), ...this.open].filter(started);
    this.at = at;
    this.number += 1;
    this.listener?.(
      {
        ...content, type, number: this.number, now: at, latest: Math.min(content.latest, at), ended: whole, pace,
        lanes, rows: content.rows.filter((number) => shown.has(number)),
      },
      [
        joined(this.spans.filter(inside)),
        joined(open.map(([start, record]) => [start, unended(record)])),
        joined(this.marks.filter(inside)),
      ],
    );
  }
}

function told(ms) {
  return ms < 1_000 ? `${ms.toFixed(1)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

/** Shows a recording in an element, with a button that plays it. timelines: the default export of view.js. */
function showRecording(timelines, recording, el) {
  const model = new Recorded(recording), pace = (model.end - model.start) / DURATION;
  const bar = document.createElement("div");
  bar.className = "sm-player";
  bar.innerHTML = BAR;
  const [button, slider, words] = bar.children;
  let playing = false, before = 0;

  const say = () => {
    button.textContent = playing ? "❚❚ Pause" : "▶ Play";
    slider.value = (PLACES * (model.at - model.start)) / (model.end - model.start);
    const speed = pace < 1 ? `${(1 / pace).toPrecision(2)} times slower` : `${pace.toPrecision(2)} times faster`;
    words.textContent = `${told(model.at)}${playing ? `, ${speed} than it ran` : ""}`;
  };
  const step = (now) => {
    if (!playing) return;
    const at = Math.min(model.end, model.at + (now - before) * pace);
    before = now;
    model.advance(at, pace);
    playing = at < model.end;
    say();
    requestAnimationFrame(step);
  };
  button.addEventListener("click", () => {
    playing = !playing;
    model.show(playing && model.at >= model.end ? model.start : model.at);
    before = performance.now();
    say();
    requestAnimationFrame(step);
  });
  slider.addEventListener("input", () => {
    playing = false;
    model.show(model.start + (slider.value / PLACES) * (model.end - model.start));
    say();
  });
  el.append(bar);
  timelines().render({ model, el });
  say();
}

export { Recorded, showRecording };
