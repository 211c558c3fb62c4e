// The window of time that is shown: zoom, move, follow, fit. Arithmetic only; draws nothing.
// Times are in milliseconds, lengths on the page in CSS pixels.

const MARGIN = 25;                               // 1/25 of the window stays free after the last event
const LONGEST = 30_000;                          // ms shown at once, unless the reader zooms
const MIN_LENGTH = 0.01, MAX_LENGTH = 24 * 3_600_000;
const TICK_GAP = 90, FEWEST_GAPS = 3;  // a phone has room for only a few

/** Returns the smallest of 1, 2, 5, 10 ... microseconds that is at least `least`, in ms. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 0.001)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * 0.999);
}

class Viewport {
  constructor(left = 0, width = 100) {
    this.left = left;                            // left edge of the plot on the page
    this.width = width;                          // width of the plot
    this.from = 0;
    this.to = 1;
    this.follow = true;
    this.followed = null;                        // ms shown while following: null for the last LONGEST, Infinity for all
  }

  get length() {
    return this.to - this.from;
  }

  get perPixel() {
    return this.length / this.width;
  }

  x(at) {
    return this.left + (at - this.from) / this.perPixel;
  }

  timeAt(x) {
    return this.from + (x - this.left) * this.perPixel;
  }

  /** Shows a window that the reader has chosen, and stops following. */
  show(from, length) {
    this.follow = false;
    this.from = from;
    this.to = from + length;
  }

  move(by) {
    this.show(this.from + by, this.length);
  }

  /** Multiplies the window's length by a factor, around a moment that keeps its place. If following a live server, keeps following. */
  zoom(factor, live, around = (this.from + this.to) / 2) {
    const length = Math.min(Math.max(this.length * factor, MIN_LENGTH), MAX_LENGTH);
    if (this.follow && live) this.followed = length;
    else this.show(around - ((around - this.from) / this.length) * length, length);
  }

  /** Shows everything since the server's first event, including the idle time before the first client. */
  fit([, end]) {
    this.followed = Infinity;
    this.from = 0;
    this.to = end + end / MARGIN;
  }

  setFollow(follow) {
    this.follow = follow;
    if (follow) this.followed = null;
  }

  /** Moves the window of a following view to the last part of the extent. */
  keepUp([start, end], longest = LONGEST) {
    const length = Math.min(this.followed ?? longest, end - start);
    this.to = end + length / MARGIN;
    this.from = end - length;
  }

  /** Returns the labelled moments of the time axis, and the distance between them. */
  ticks() {
    const step = niceStep(this.perPixel * Math.min(TICK_GAP, this.width / FEWEST_GAPS)), ticks = [];
    for (let at = Math.ceil(this.from / step) * step; at <= this.to; at += step) ticks.push(at);
    return [ticks, step];
  }
}

export { LONGEST, niceStep, Viewport };
