// For every page of the site: light or dark theme, the search over all pages, and predictions. It requests only search.js beside it.

const { root } = document.currentScript.dataset;
const page = document.documentElement;

function stored(theme) {
  try {
    if (theme) localStorage.setItem("theme", theme);
    return localStorage.getItem("theme");
  } catch {
    return theme;                                // a browser may refuse storage to a page from a file
  }
}

const prefers = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
const light = () => { page.dataset.theme = "light"; };
const asChosen = () => { page.dataset.theme = chosen; };
let chosen = stored() ?? prefers;
asChosen();

// ---------------------------------------------------------------- print: light, and nothing folded

addEventListener("beforeprint", () => {
  light();
  document.querySelectorAll("details:not([open])").forEach((fold) => { fold.open = fold.dataset.printed = true; });
});
addEventListener("afterprint", () => {
  asChosen();
  document.querySelectorAll("[data-printed]").forEach((fold) => { fold.open = false; delete fold.dataset.printed; });
});

// ---------------------------------------------------------------- search

const BESIDE = 60;                               // characters shown on each side of a word that is found
const MOST = 20;                                 // pages shown

/** Return [page, position in its text] for the pages with all the words, best matches in the title first. */
function search(words) {
  const pages = SEARCH.filter(({ title, text }) => words.every((word) => `${title} ${text}`.toLowerCase().includes(word)));
  const inTitle = ({ title }) => words.filter((word) => title.toLowerCase().includes(word)).length;
  return pages.sort((one, other) => inTitle(other) - inTitle(one)).slice(0, MOST)
    .map((found) => [found, found.text.toLowerCase().indexOf(words[0])]);
}

function line([{ path, title, text }, at], word) {
  const item = document.createElement("li"), link = document.createElement("a"), around = document.createElement("span");
  link.href = root + path + (at < 0 ? "" : `#:~:text=${encodeURIComponent(word).replaceAll("-", "%2D")}`);
  link.textContent = title;
  around.textContent = at < 0 ? "" : `… ${text.slice(Math.max(0, at - BESIDE), at + word.length + BESIDE)} …`;
  item.append(link, around);
  return item;
}

function startSearch() {
  const field = document.getElementById("search"), found = document.getElementById("found");
  const show = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    found.hidden = !words.length || typeof SEARCH === "undefined";
    if (found.hidden) return;
    found.replaceChildren(...search(words).map((each) => line(each, words[0])));
    if (!found.children.length) found.append(Object.assign(document.createElement("li"), { textContent: "No page has this." }));
  };
  field.addEventListener("focus", () => {        // load the text of all pages only for a reader who searches
    page.append(Object.assign(document.createElement("script"), { src: `${root}search.js`, onload: show }));
  }, { once: true });
  field.addEventListener("input", show);
  addEventListener("keydown", ({ key }) => { if (key === "Escape") found.hidden = true; });
  addEventListener("click", ({ target }) => { if (!target.closest("[role=search]")) found.hidden = true; });
}

// ---------------------------------------------------------------- timelines

let showTimeline;                                // (recording, element): timeline.js defines it

/** Replace a picture by its live timeline once it is in sight: inside a closed fold it would have no width. */
const inSight = new IntersectionObserver((seen) => seen.filter(({ isIntersecting }) => isIntersecting).forEach(({ target }) => {
  inSight.unobserve(target);
  const live = document.createElement("div");
  target.append(live);
  target.classList.add("live");
  showTimeline(JSON.parse(target.querySelector("script").textContent), live);
}));

// ---------------------------------------------------------------- the keyboard

/** Let elements wider than the page take the keyboard focus, so that the arrow keys scroll them. */
const wide = new ResizeObserver((seen) => seen.forEach(({ target }) => {
  if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  else target.removeAttribute("tabindex");
}));

// ---------------------------------------------------------------- predictions

/** Show the reader's prediction beside the result of the run, with the explanation that belongs to it. */
function compare(fold) {
  const form = document.getElementById(fold.dataset.prediction);
  const answer = [...form.querySelectorAll("input")].find((field) => field.checked || field.type === "number" && field.value)?.value;
  const said = fold.querySelector(".said");
  if (said) {
    said.textContent = answer === undefined ? "You have not predicted yet." : `You predicted: ${answer}`;
    said.classList.toggle("answered", answer !== undefined);
  }
  fold.querySelectorAll("dt").forEach((choice) => {
    for (const part of [choice, choice.nextElementSibling]) part.classList.toggle("yours", choice.textContent === answer);
  });
}

addEventListener("DOMContentLoaded", () => {
  document.getElementById("theme").addEventListener("click", () => {
    chosen = stored(page.dataset.theme === "dark" ? "light" : "dark");
    asChosen();
    document.body.className = chosen;            // makes the timelines read their colours again
  });
  startSearch();
  document.querySelectorAll("pre, table, .output").forEach((part) => wide.observe(part));
  document.querySelectorAll(".timeline").forEach((timeline) => inSight.observe(timeline));
  document.querySelectorAll(".result").forEach((fold) => fold.addEventListener("toggle", () => compare(fold)));
  document.querySelectorAll(".predict").forEach((form) => form.addEventListener("change", () => {
    document.querySelectorAll(`[data-prediction="${form.id}"]`).forEach(compare);
  }));
});
