// Unit tests of the timeline's view that need no page; test_timeline_view.py runs them in Node.
// TIMELINE names a file with messages as Python sends them, and with their expected contents.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { Recorded } from "../../clients/lab/timeline/view/player.js";
import { labelOf, statusOf } from "../../clients/lab/timeline/view/status.js";
import { Columns, firstNotBefore, Store } from "../../clients/lab/timeline/view/store.js";
import { linesAt } from "../../clients/lab/timeline/view/tip.js";
import { niceStep, Viewport } from "../../clients/lab/timeline/view/viewport.js";
import { duration, tickLabel } from "../../clients/lab/timeline/view/words.js";

const told = JSON.parse(readFileSync(process.env.TIMELINE, "utf8"));

class Model {
  sent = [];
  on(_, listener) { this.listener = listener; }
  off() { this.listener = null; }
  send({ type }) { this.sent.push(type); }
  hear({ content, buffers }, changes = {}) {
    const views = buffers.map((text) => Uint8Array.from(Buffer.from(text, "base64")));
    this.listener({ ...content, ...changes }, views.map((bytes) => new DataView(bytes.buffer)));
  }
}

function storeThatHeard(...messages) {
  const store = new Store(), model = new Model();
  store.connect(model);
  for (const message of messages) model.hear(message);
  return [store, model];
}

test("what Python packs is what the store holds, in the rows that Python says", () => {
  const [store] = storeThatHeard(told.snapshot, told.more);
  assert.deepEqual(store.rows.map((lane) => lane.label), told.rows);
  const found = store.rows.flatMap((lane) =>
    [...Array(lane.spans.length).keys()].map((place) => lane.spans.row(place)).map((span) => [
      lane.label, told.kinds[span.kind], span.client < 0 ? null : store.client(span.client), span.start, span.end, span.received, span.sent,
    ]));
  assert.deepEqual(found.map(String).sort(), told.spans.map(String).sort());
  const marks = store.rows.flatMap((lane) => [...Array(lane.marks.length).keys()].map((place) => {
    const mark = lane.marks.row(place);
    return [lane.label, told.markKinds[mark.kind], mark.at, mark.detail];
  }));
  assert.deepEqual(marks.map(String).sort(), told.marks.map(String).sort());
  assert.ok(store.open.every((span) => Number.isNaN(span.end)) && store.open.length === told.open);
});

test("a store that misses a message asks for a snapshot, and takes no old one", () => {
  const [store, model] = storeThatHeard(told.snapshot);
  const count = store.count;
  model.hear(told.more, { number: store.number + 2 });
  assert.deepEqual(model.sent, ["hello"]);
  model.hear(told.more, { number: store.number });
  assert.equal(store.count, count);
  model.hear(told.more);
  assert.ok(store.count > count);
});

test("a search by time finds the first that is not earlier", () => {
  const times = [10, 20, 20, 30];
  assert.deepEqual([5, 10, 15, 20, 25, 31].map((at) => firstNotBefore(times, 4, at)), [0, 0, 1, 1, 3, 4]);
  assert.equal(firstNotBefore(times, 0, 5), 0);
});

test("columns grow and keep what they hold", () => {
  const columns = new Columns({ at: Float64Array });
  for (let at = 0; at < 1000; at += 1) columns.add({ at });
  assert.deepEqual([columns.length, columns.row(0), columns.row(999)], [1000, { at: 0 }, { at: 999 }]);
});

test("x and timeAt are each other's opposite", () => {
  const viewport = new Viewport(186, 900);
  viewport.show(100, 50);
  assert.equal(viewport.x(100), 186);
  assert.equal(viewport.x(150), 1086);
  assert.equal(viewport.timeAt(viewport.x(123)), 123);
});

test("zooming keeps the moment under the pointer where it is", () => {
  const viewport = new Viewport(0, 100);
  viewport.show(0, 1000);
  const before = viewport.x(250);
  viewport.zoom(0.5, false, 250);
  assert.equal(viewport.x(250), before);
  assert.equal(viewport.length, 500);
  for (let times = 0; times < 100; times += 1) viewport.zoom(0.5, false);
  assert.ok(Math.abs(viewport.length - 0.01) < 1e-6, "no closer than 10 µs");
});

test("moving stops following; zooming a live view that follows does not", () => {
  const viewport = new Viewport();
  viewport.keepUp([0, 1000]);
  viewport.zoom(0.1, true);
  assert.ok(viewport.follow);
  viewport.keepUp([0, 1000]);
  assert.ok(viewport.from > 800 && viewport.to > 1000);
  viewport.move(-10);
  assert.ok(!viewport.follow);
  const { from } = viewport;
  viewport.setFollow(true);
  viewport.keepUp([0, 1000]);
  assert.ok(viewport.from !== from && viewport.from === 0);
});

test("a view that follows shows the last thirty seconds; one that fits, everything", () => {
  const viewport = new Viewport();
  viewport.keepUp([0, 100_000]);
  assert.equal(viewport.from, 70_000);
  viewport.fit([50_000, 100_000]);
  assert.ok(viewport.from === 0 && viewport.to > 100_000);
});

test("a phone's axis names more than its beginning", () => {
  for (const end of [0.7, 2, 3, 5, 9, 40]) {
    const viewport = new Viewport();
    Object.assign(viewport, { from: 0, to: end, left: 186, width: 170 });
    const inside = viewport.ticks()[0].filter(at => viewport.x(at) < 186 + 170 - 8);
    assert.ok(inside.length >= 2, `${end} ms: ${inside}`);
  }
});

test("ticks are round numbers inside the window", () => {
  const viewport = new Viewport(0, 900);
  viewport.show(0.5, 10);
  const [ticks, step] = viewport.ticks();
  assert.equal(step, 1);
  assert.deepEqual(ticks, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual([0.3, 3, 30, 700].map(niceStep), [0.5, 5, 50, 1000]);
});

test("times in words have the unit that suits them", () => {
  assert.deepEqual([0.04, 2.5, 999, 1500].map(duration), ["40 µs", "2.5 ms", "999 ms", "1.5 s"]);
  assert.deepEqual([tickLabel(0, 0.5, 2), tickLabel(1.5, 0.5, 2), tickLabel(2500, 500, 9000)], ["0.0 ms", "1.5 ms", "2.5 s"]);
});

test("the tip says what a lane did at a moment", () => {
  const [store] = storeThatHeard(told.snapshot, told.more), viewport = new Viewport(0, 900);
  viewport.show(0, 72);
  const ben = store.rows.find((lane) => lane.label === "Ben");
  assert.deepEqual(linesAt(store, viewport, ben, 50), [
    "Ben is connected, not accepted yet: in the backlog", "from 31 ms, until 63 ms: 32 ms",
  ]);
  assert.deepEqual(linesAt(store, viewport, ben, 5), []);
  assert.equal(linesAt(store, viewport, ben, 40)[0], "Ben asks (6 bytes), at 40 ms");
});

test("a screen reader hears what goes on, and what is lost", () => {
  const [store, model] = storeThatHeard(told.snapshot, told.more);
  assert.match(labelOf(store), /^Timeline of tcp_loop\. 3 lanes: server 1, Ann, Ben\.$/);
  assert.match(statusOf(store), /^Server 1 waits for Ben/);
  store.heard -= 10_000;
  assert.match(statusOf(store), /^This is the last picture: the notebook's kernel is busy or has ended/);
  model.hear(told.more, { number: store.number + 1, lanes: [], ended: true, note: "the oldest part is forgotten" });
  assert.equal(statusOf(store), "The server has ended. The oldest part is forgotten.");
  assert.equal(statusOf(new Store()), "Waiting for the notebook's kernel.");
});

test("a recording that is played ends as the whole recording", () => {
  const played = new Recorded(told.recorded), whole = new Recorded(told.recorded), [one, other] = [new Store(), new Store()];
  one.connect(played);
  other.connect(whole);
  whole.show(whole.end);
  played.show(played.start);
  assert.equal(one.count, 1);                    // at the first moment, the server binds its address
  played.advance(50, 1);
  const ben = one.rows.find((lane) => lane.label === "Ben");
  assert.deepEqual(one.openOf(ben).map((span) => [told.kinds[span.kind], span.start]), [["queued", 31]]);
  assert.ok(!one.ended);
  played.advance(played.end, 1);
  assert.ok(one.ended);
  const held = (store) => store.rows.map((lane) => [lane.label, lane.spans.length, lane.marks.length]);
  assert.deepEqual([held(one), one.open.length], [held(other), other.open.length]);
});
