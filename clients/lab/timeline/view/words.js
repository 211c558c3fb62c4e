// Texts: durations, the labels of the time axis, and the descriptions of spans and marks.

function duration(ms) {
  if (ms >= 1000) return `${Number((ms / 1000).toPrecision(3))} s`;
  if (ms >= 1) return `${Number(ms.toPrecision(3))} ms`;
  return `${Math.round(ms * 1000)} µs`;
}

/** Returns the label of a tick, with enough digits to tell neighbours apart, in the unit of the last tick. */
function tickLabel(ms, step, last) {
  const [unit, size] = step >= 100 || last >= 1000 ? ["s", 1000] : step >= 0.1 ? ["ms", 1] : ["µs", 0.001];
  const digits = Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9));
  return `${((Math.abs(ms) < step / 2 ? 0 : ms) / size).toFixed(digits)} ${unit}`;
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function spanSays(store, span) {
  return store.look.kinds[span.kind].says.replace("{client}", store.client(span.client));
}

function markSays(store, mark) {
  return store.look.marks[mark.kind].says.replace("{client}", store.client(mark.client)).replace("{detail}", mark.detail);
}

export { capital, duration, markSays, spanSays, tickLabel };
