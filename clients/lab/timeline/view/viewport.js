// Which part of time is shown: zoom, move, follow, fit. Arithmetic alone; knows no canvas.
// Times in milliseconds, lengths on the page in CSS pixels.

const MARGIN = 25;                               // one 25th of the window is left free after the last event
const LONGEST = 30_000;                          // ms shown at once, unless the reader zooms
const MIN_LENGTH = 0.01, MAX_LENGTH = 24 * 3_600_000;
const TICK_GAP = 90, FEWEST_GAPS = 3;  // a phone has room for few

/** The smallest of 1, 2, 5, 10 ... microseconds that is not less, in ms. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 0.001)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * 0.999);
}

class Viewport {
  constructor(left = 0, width = 100) {
    this.left = left;                            // where the plot begins on the page
    this.width = width;                          // of the plot
    this.from = 0;
    this.to = 1;
    this.follow = true;
    this.followed = null;                        // ms to follow: null for the last LONGEST, Infinity for all
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

  /** Show a window that the reader has chosen; the live view leaves it alone. */
  show(from, length) {
    this.follow = false;
    this.from = from;
    this.to = from + length;
  }

  move(by) {
    this.show(this.from + by, this.length);
  }

  /** Make the window longer by a factor, around a moment that stays where it is. While it follows a live server, it follows on. */
  zoom(factor, live, around = (this.from + this.to) / 2) {
    const length = Math.min(Math.max(this.length * factor, MIN_LENGTH), MAX_LENGTH);
    if (this.follow && live) this.followed = length;
    else this.show(around - ((around - this.from) / this.length) * length, length);
  }

  /** Everything from the server's first event on, the idle time before the first client too. */
  fit([, end]) {
    this.followed = Infinity;
    this.from = 0;
    this.to = end + end / MARGIN;
  }

  setFollow(follow) {
    this.follow = follow;
    if (follow) this.followed = null;
  }

  /** The window of a live view that follows: the last part of the extent. */
  keepUp([start, end], longest = LONGEST) {
    const length = Math.min(this.followed ?? longest, end - start);
    this.to = end + length / MARGIN;
    this.from = end - length;
  }

  /** The moments that the time axis names, and how far they are apart. */
  ticks() {
    const step = niceStep(this.perPixel * Math.min(TICK_GAP, this.width / FEWEST_GAPS)), ticks = [];
    for (let at = Math.ceil(this.from / step) * step; at <= this.to; at += step) ticks.push(at);
    return [ticks, step];
  }
}

export { LONGEST, niceStep, Viewport };
