// A conversation goes on without loading the page again: what is new appears, and what is written is sent.
"use strict";

const FIRST_PAUSE_MS = 2000;
const PAUSE_MS_MAX = 15000;
const SLOWER = 1.2;
const TURNS_MAX = 1000;

const thread = document.getElementById("thread");
const form = document.querySelector("form.say");
let pause = FIRST_PAUSE_MS;
let turns = 0;

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

function show(fresh, version) {
  const list = thread.querySelector(".bubbles");
  // Only what is new is added, so that a screen reader reads nothing twice; a greeting that was never kept gives way.
  if (thread.dataset.begun !== "yes") list.replaceChildren();
  thread.dataset.begun = "yes";
  list.append(...[...fresh.querySelectorAll(".bubbles > *")].slice(list.children.length));
  thread.querySelector(".notice")?.remove();
  const notice = fresh.querySelector(".notice");
  if (notice) thread.append(notice);
  thread.dataset.version = version;
  list.lastElementChild?.scrollIntoView({ block: "nearest" });
}

async function look() {
  const answer = await fetch(`${thread.dataset.new}?after=${thread.dataset.version}`, { cache: "no-store" });
  if (answer.status !== 200) return false;
  show(parsed(await answer.text()), answer.headers.get("Thread-Version"));
  return true;
}

async function send(event) {
  const [field, once] = ["message", "once"].map((name) => form.elements.namedItem(name));
  const body = new URLSearchParams(new FormData(form));
  if (!field.value.trim()) return;
  event.preventDefault();
  field.value = "";
  // Outside a secure context a browser draws none: then the server does.
  once.value = crypto.randomUUID?.() ?? "";
  field.focus();
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    if (!answer.ok) throw new Error(answer.status);
    const page = parsed(await answer.text());
    show(page, page.getElementById("thread").dataset.version);
    pause = FIRST_PAUSE_MS;
  } catch {
    // The page itself says what is wrong; a message that did arrive is heard once, by its identifier.
    field.value = body.get("message");
    once.value = body.get("once");
    form.submit();
  }
}

function keepLooking() {
  turns += 1;
  if (turns > TURNS_MAX) return;
  const looking = document.hidden ? Promise.resolve(false) : look().catch(() => false);
  looking.then((found) => {
    pause = found ? FIRST_PAUSE_MS : Math.min(pause * SLOWER, PAUSE_MS_MAX);
    setTimeout(keepLooking, pause);
  });
}

if (form) {
  form.addEventListener("submit", send);
  form.elements.namedItem("message").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
setTimeout(keepLooking, pause);
