// The screens: each fills the template of its name and puts it in place of the one before. They only show.

import { fill, inWords } from "./answers.js";
import { askedPages, isSettled, pageBefore } from "./steps.js";

const room = document.querySelector("main");
const kept = document.getElementById("kept");
const returned = document.getElementById("returned");
const templates = Object.fromEntries([...room.querySelectorAll("template")].map((each) => [each.id, each.content]));
const title = document.title;

function copy(name) {
  return templates[name].cloneNode(true);
}

export function addressOf(case_id, place) {
  return `#${case_id}/${place}`;
}

// Puts a screen in place of another; somebody who reads with their ears, or with the keyboard, goes on at its heading.
export function put(screen) {
  const first = !room.dataset.started;
  room.dataset.started = "yes";
  room.replaceChildren(kept, returned, screen);
  const heading = room.querySelector("h1");
  document.title = title.startsWith(heading.textContent) ? title : `${heading.textContent} · ${title}`;
  if (first) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

// What stands above every screen: where the answers are, and what came back.
export function sayKept(words) {
  if (kept.textContent !== words) kept.textContent = words;
}

export function sayReturned(notices) {
  const said = notices.map(({ href }) => href).join();
  if (returned.dataset.said === said) return;
  returned.dataset.said = said;
  returned.replaceChildren(...notices.map(({ text, ...link }) => notice(text, link)));
}

function homeScreen({ journey, cases }) {
  const screen = copy("screen-home");
  showCases(journey, cases, screen);
  return screen;
}

export function showCases(journey, cases, screen = room) {
  screen.querySelector("[data-here]").hidden = !cases.length;
  screen.querySelector("[data-here] ul").replaceChildren(...cases.map((each) => card(journey, each)));
}

function card(journey, kept) {
  const item = copy("card");
  const link = item.querySelector("[data-name]");
  const { words } = journey;
  link.href = addressOf(kept.case_id, "next");
  if (kept.reference) link.textContent = kept.reference;
  item.querySelector("[data-state]").textContent =
    kept.problem || words[kept.submitted ? "mobile.submitted" : kept.wanted ? "mobile.ready" : "mobile.begun"];
  const button = item.querySelector("[data-remove]");
  button.dataset.remove = kept.case_id;
  button.querySelector("span").textContent = ` ${link.textContent}`;
  if (kept.waiting) button.parentElement.remove();
  return item;
}

function pageScreen({ journey, kept, drafts, page }) {
  const screen = copy("screen-page");
  const before = pageBefore(journey, kept, page.name);
  const pages = askedPages(journey, kept);
  screen.querySelector(".back").href = before ? addressOf(kept.case_id, before.name) : "#";
  screen.querySelector("[data-step]").textContent = journey.words["journey.step"]
    .replace("{number}", pages.indexOf(page) + 1).replace("{count}", pages.length + 1);
  screen.querySelector("h1").textContent = page.title;
  fillOrRemove(screen.querySelector("[data-lead]"), page.lead);
  const drawn = new DOMParser().parseFromString(page.html, "text/html").body;
  screen.querySelector("[data-page]").replaceWith(...drawn.children);
  fill(screen.querySelector("form"), drafts.get(page.name)?.values ?? {});
  return screen;
}

function checkScreen({ journey, kept, drafts }) {
  const screen = copy("screen-check");
  const pages = askedPages(journey, kept).filter((page) => isSettled(page, kept, drafts));
  screen.querySelector(".back").href = addressOf(kept.case_id, pages.at(-1).name);
  screen.querySelector("[data-problem]").replaceWith(...(kept.problem ? [notice(kept.problem)] : []));
  const sections = pages.map((page) => answers(journey, kept, page, drafts.get(page.name)?.values ?? {}));
  screen.querySelector("[data-answers]").replaceWith(...sections);
  return screen;
}

function answers(journey, kept, page, values) {
  const section = copy("answers");
  section.querySelector("h2").textContent = page.title;
  for (const question of page.questions) {
    const said = inWords(question, values, journey);
    if (said) section.querySelector("dl").append(row(question.label, said));
  }
  const link = section.querySelector("a");
  link.href = addressOf(kept.case_id, page.name);
  link.querySelector("span").textContent = ` ${page.title}`;
  return section;
}

function row(label, said) {
  const pair = document.createElement("div");
  const [term, text] = ["dt", "dd"].map((name) => document.createElement(name));
  term.textContent = label;
  text.textContent = said;
  pair.append(term, text);
  return pair;
}

function waitingScreen() {
  return copy("screen-waiting");
}

function doneScreen({ journey, kept }) {
  const screen = copy("screen-done");
  screen.querySelector("[data-reference]").textContent = kept.reference;
  screen.querySelector("[data-follow]").href = `/${journey.language}/case/${kept.case_id}/done`;
  return screen;
}

// Says something at once; with an address, it leads there.
function notice(text, { href = null, label = "" } = {}) {
  const shown = copy("notice");
  shown.querySelector(".notice-title").textContent = text;
  const body = shown.querySelector(".notice-title + p");
  const link = document.createElement("a");
  if (!href) body.remove();
  else body.replaceChildren(Object.assign(link, { href, textContent: label }));
  return shown;
}

export const screens = {
  home: homeScreen, page: pageScreen, check: checkScreen, waiting: waitingScreen, done: doneScreen,
};

// Shows what is wrong with the answers of the page, on top and beside each question, as the web does.
export function showProblem({ message, errors = {} }) {
  hideProblem();
  const heading = room.querySelector("h1");
  const named = Object.entries(errors).filter(([name]) => document.getElementById(`field-${name}`));
  if (!named.length) {
    heading.before(notice(message));
    return;
  }
  const summary = copy("error-summary");
  summary.querySelector("ul").append(...named.map(([name, text]) => lead(name, text)));
  heading.before(summary);
  for (const [name, text] of named) mark(document.getElementById(`field-${name}`), name, text);
  room.querySelector(".error-summary").focus();
}

function hideProblem() {
  for (const old of room.querySelectorAll(":scope > .notice, .error-summary, .error-message")) old.remove();
  for (const field of room.querySelectorAll(".invalid")) field.classList.remove("invalid");
  for (const field of room.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

function lead(name, text) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  // A fragment would be taken for a screen: the link moves the reader itself.
  link.href = location.hash;
  link.textContent = text;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(`field-${name}`).focus();
  });
  item.append(link);
  return item;
}

function mark(control, name, text) {
  const field = control.closest(".field");
  const message = copy("error-message").firstElementChild;
  message.id = `field-${name}-error`;
  message.append(text);
  field.classList.add("invalid");
  field.querySelector(":scope > :is(label, legend)").after(message);
  const described = field.matches("fieldset") ? field : control;
  const others = (described.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== message.id);
  described.setAttribute("aria-describedby", [...others, message.id].join(" "));
  if (described === control || field.matches("[role=radiogroup]")) described.setAttribute("aria-invalid", "true");
}

function fillOrRemove(element, text) {
  if (text) element.textContent = text;
  else element.remove();
}
