// A trial played again: each moment after the time that it took, long pauses cut short.
"use strict";

const PAUSE_MS_MAX = 3000;
const PAUSE_MS_MIN = 600;
const seconds = [...document.querySelectorAll("#steps [data-seconds]")].map((step) => Number(step.dataset.seconds));
let timer = null;

function number() {
  return Number(document.getElementById("shown").dataset.number);
}

async function go(to) {
  const url = new URL(location.href);
  url.searchParams.set("step", to);
  const answer = await fetch(url);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const focused = document.activeElement && document.activeElement.id === "play";
  for (const id of ["shown", "steps"]) document.getElementById(id).replaceWith(page.getElementById(id));
  history.replaceState(null, "", url);
  ready();
  if (focused) document.getElementById("play").focus();
}

function stop() {
  clearTimeout(timer);
  timer = null;
}

function next() {
  const at = number();
  if (at >= seconds.length) {
    stop();
    ready();
    return;
  }
  const pause = Math.min(Math.max((seconds[at] - seconds[at - 1]) * 1000, PAUSE_MS_MIN), PAUSE_MS_MAX);
  timer = setTimeout(async () => {
    await go(at + 1);
    if (timer !== null) next();
  }, pause);
}

async function toggle() {
  if (timer !== null) {
    stop();
    ready();
    return;
  }
  if (number() >= seconds.length) await go(1);
  next();
  ready();
}

function ready() {
  const button = document.getElementById("play");
  if (!button || seconds.length < 2) return;
  button.dataset.play ??= button.textContent;
  button.textContent = timer === null ? button.dataset.play : button.dataset.pause;
  button.hidden = false;
  button.onclick = toggle;
}

ready();
