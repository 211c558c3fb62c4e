// The data received from Python, lane by lane: columns of numbers in order of time, searched by time.
// Times are milliseconds since the server's first event. packing.py packs the bytes.

const SPAN_BYTES = 32, MARK_BYTES = 20;
const SILENCE = 3_000;                           // ms without a message after which the clock of a live view stops
const NO_NEWS = 8_000;                           // ms without a message after which the view says so
const MAX_COUNT = 300_000;                       // spans and marks, more than Python keeps: beyond it, ask for a new snapshot
const ALIVE_EVERY = 4_000;                       // ms between two "alive" messages to Python

const SPAN_TYPES = {
  start: Float64Array, end: Float64Array, received: Uint32Array, sent: Uint32Array, client: Int16Array, kind: Uint8Array,
};
const MARK_TYPES = { at: Float64Array, detail: Int32Array, client: Int16Array, kind: Uint8Array };

/** Returns the first place in a sorted column whose value is at least `value`. */
function firstNotBefore(column, length, value) {
  let low = 0, high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The spans or the marks of one lane, in typed arrays that grow. */
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

  row(place) {
    return Object.fromEntries(Object.keys(this.types).map((name) => [name, this[name][place]]));
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

/** The data of one model, shared by all its views. */
class Store {
  constructor() {
    this.views = new Set();
    this.clear();
    this.number = 0;
    this.title = "Timeline";
    this.look = null;                            // look and texts of spans and marks, see packing.py
    this.problem = "";
  }

  clear() {
    this.lanes = [];
    this.rows = [];                              // the same lanes, from top to bottom
    this.open = [];                              // open spans
    this.seenKinds = new Set();
    this.seenMarks = new Set();
    this.count = 0;
    this.now = this.first = this.latest = 0;
    this.heard = performance.now();
    this.ended = false;
    this.note = "";
    this.whole = null;                           // for a recording: [from, to], its whole extent
    this.pace = 1;                               // for a recording being played: the speed of its clock
  }

  /** Each call of initialize and render passes a new model object; use the last one. */
  connect(model) {
    if (this.model) this.model.off("msg:custom", this.listener);
    this.model = model;
    this.listener = (content, buffers) => this.take(content, buffers);
    model.on("msg:custom", this.listener);
  }

  add(view) {
    this.views.add(view);
    if (this.views.size === 1) this.pulse = setInterval(() => this.beat(), ALIVE_EVERY);
    this.say("hello");
  }

  remove(view) {
    this.views.delete(view);
    if (this.views.size === 0) clearInterval(this.pulse);
  }

  beat() {
    this.say("alive");
    if (this.silent) for (const view of this.views) view.changed();
  }

  say(type) {
    try {
      this.model.send({ type });
    } catch {
      // the kernel is gone
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
      this.say("hello");                         // a message was lost
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
    if (content.lanes.length) this.rows = content.rows.map((number) => this.lanes[number]);
    for (const span of unpackSpans(spans)) {
      this.lanes[span.lane]?.spans.add(span);
      this.seenKinds.add(span.kind);
    }
    for (const mark of unpackMarks(marks)) {
      this.lanes[mark.lane]?.marks.add(mark);
      this.seenMarks.add(mark.kind);
    }
    this.count += spans.byteLength / SPAN_BYTES + marks.byteLength / MARK_BYTES;
    this.open = [...unpackSpans(open)];
    for (const span of this.open) this.seenKinds.add(span.kind);
    this.heard = performance.now();
    Object.assign(this, { now: content.now, first: content.first, latest: content.latest, ended: content.ended, note: content.note });
    this.whole = content.whole ?? null;
    this.pace = content.pace ?? 1;
    if (this.count > MAX_COUNT) this.say("hello");
  }

  get live() {
    return !this.ended && performance.now() - this.heard < SILENCE;
  }

  /** Whether Python is busy or its kernel has ended: otherwise it sends a message every second. */
  get silent() {
    return !this.ended && !this.whole && performance.now() - this.heard > NO_NEWS;
  }

  /** The server's clock, extrapolated between two messages. */
  clock() {
    return this.ended ? this.now : this.now + this.pace * Math.min(performance.now() - this.heard, SILENCE);
  }

  /** Whether any span is open for which time matters. If not, the picture stands still. */
  get active() {
    return !this.ended && this.open.some((span) => this.look.kinds[span.kind].active);
  }

  /** Returns [from, to] of everything worth seeing, without idle time before the first client and after the last event. */
  extent() {
    if (this.whole) return this.whole;
    const end = Math.max(this.latest, this.active ? this.clock() : 0);
    let start = 0;
    if (this.first > end - this.first) start = this.first - (end - this.first) / 12;
    return [start, Math.max(end, start + 0.1)];
  }

  client(number) {
    return this.lanes[number]?.label ?? "a client";
  }

  openOf(lane) {
    return this.open.filter((span) => span.lane === lane.number);
  }
}

export { Columns, firstNotBefore, MARK_BYTES, SPAN_BYTES, Store };
