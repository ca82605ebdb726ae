// Plays what the page holds: the pages in a frame that can do nothing, and the list of what happened, as far as it is.
"use strict";

const SHORTEST_MS = 500;
const LONGEST_MS = 4000;
const MARKS_MAX = 200;

const recording = JSON.parse(document.getElementById("recording").textContent);
const look = document.getElementById("look").textContent;
const { steps, pages, words } = recording;
const named = Object.fromEntries([
  "controls", "stage", "play", "previous", "next", "speed", "line", "marks", "where", "shown", "nothing", "whose", "address",
  "entries", "keys", "heard",
].map((id) => [id, document.getElementById(id)]));
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let at = 0;
let timer = null;
let shown = -1;

const language = () => document.documentElement.lang;
const say = (key) => words[key][language()];
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function show(rank) {
  named.shown.hidden = rank < 0;
  named.nothing.hidden = rank >= 0;
  const page = pages[rank];
  named.whose.textContent = page ? say(page.desk ? "desk" : "citizen") : "";
  named.whose.hidden = !page;
  named.address.textContent = page ? page.path : "";
  if (!page || rank === shown) return;
  const mode = page.mode ? ` data-theme="${page.mode}"` : "";
  named.shown.title = page.title;
  // The end tags that may be left out are: this script stands in a page itself.
  named.shown.srcdoc = `<!doctype html><html lang="${page.language}"${mode}><meta charset="utf-8"><style>${look}<\/style><body>${page.body}`;
  shown = rank;
}

function tellWhere() {
  const step = steps[at];
  const told = `${at + 1} / ${steps.length} · ${clock(step.offset)}`;
  const whole = `${told}, ${step.title[language()]}`;
  named.where.textContent = told;
  named.line.setAttribute("aria-valuetext", whole);
  // Whoever listens is told each step that they asked for; while it plays, every word would be too many.
  if (!timer) named.heard.textContent = whole;
}

function go(rank, { follow = true } = {}) {
  at = Math.min(Math.max(rank, 0), steps.length - 1);
  named.line.value = String(at);
  const current = document.getElementById(steps[at].entry);
  let past = true;
  for (const entry of named.entries.children) {
    entry.hidden = !past;
    if (entry === current) {
      entry.setAttribute("aria-current", "step");
      past = false;
    } else {
      entry.removeAttribute("aria-current");
    }
  }
  [...named.marks.children].forEach((mark, place) => mark.classList.toggle("reached", place <= at));
  named.previous.disabled = at === 0;
  named.next.disabled = at === steps.length - 1;
  show(steps[at].page);
  tellWhere();
  if (follow) reveal(current);
}

// Only the list scrolls, and only where it is a column of its own: a page that moves by itself cannot be read.
function reveal(entry) {
  const column = named.entries;
  if (column.scrollHeight <= column.clientHeight) return;
  column.scrollTo({ top: entry.offsetTop - column.offsetTop - 16, behavior: calm.matches ? "auto" : "smooth" });
}

function pause() {
  clearTimeout(timer);
  timer = null;
  document.body.classList.remove("is-playing");
}

function wait() {
  const gap = 1000 * (steps[at + 1].offset - steps[at].offset);
  const speed = Number(named.speed.value);
  timer = setTimeout(forward, Math.min(Math.max(gap, SHORTEST_MS), LONGEST_MS) / speed);
}

function forward() {
  go(at + 1);
  if (at < steps.length - 1) wait();
  else pause();
}

function play() {
  if (at === steps.length - 1) go(0);
  document.body.classList.add("is-playing");
  if (at < steps.length - 1) wait();
  else pause();
}

const step = (rank) => { pause(); go(rank); };
const toggle = () => { if (timer) pause(); else play(); };

const KEYS = {
  " ": toggle,
  ArrowLeft: () => step(at - 1),
  ArrowRight: () => step(at + 1),
  Home: () => step(0),
  End: () => step(steps.length - 1),
};

function onKey(event) {
  const act = KEYS[event.key];
  const busy = event.target.closest("a, button, input, select, summary");
  if (!act || busy || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  act();
}

function onLanguage(event) {
  if (event.target.name !== "language") return;
  document.documentElement.lang = event.target.value;
  show(steps[at].page);
  tellWhere();
}

// A link to what is still to come would lead to something hidden.
function onLink(event) {
  const link = event.target.closest("a[href^='#']");
  const entry = link && document.getElementById(link.hash.slice(1));
  const rank = steps.findIndex((one) => entry && one.entry === entry.id);
  if (rank < 0) return;
  event.preventDefault();
  step(rank);
  entry.querySelector("a").focus({ preventScroll: true });
}

function begin() {
  if (steps.length === 0) return;
  if (steps.length <= MARKS_MAX) {
    named.marks.append(...steps.map((one) => Object.assign(document.createElement("span"), { className: `is-${one.kind}` })));
  }
  named.controls.hidden = named.keys.hidden = false;
  named.stage.hidden = pages.length === 0;
  document.body.classList.toggle("without-pages", pages.length === 0);
  named.play.addEventListener("click", toggle);
  named.previous.addEventListener("click", () => step(at - 1));
  named.next.addEventListener("click", () => step(at + 1));
  named.line.addEventListener("input", () => step(Number(named.line.value)));
  document.addEventListener("keydown", onKey);
  document.addEventListener("change", onLanguage);
  document.addEventListener("click", onLink);
  document.body.classList.add("plays");
  go(0, { follow: false });
  pause();
}

begin();
