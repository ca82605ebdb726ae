// The lab's own script: reload when the project changes, and keep what was typed.
"use strict";

const KEPT = `kept ${location.pathname}`;

function keep() {
  const fields = [...document.querySelectorAll("main input, main select, main textarea")]
    .filter((field) => field.type !== "file" && field.type !== "hidden" && field.name)
    .map((field) => [field.name, field.type, field.value, field.checked === true]);
  const focused = document.activeElement ? document.activeElement.id : "";
  sessionStorage.setItem(KEPT, JSON.stringify({ fields, focused, scrolled: window.scrollY }));
}

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  sessionStorage.removeItem(KEPT);
  if (!kept) return;
  for (const [name, type, value, checked] of kept.fields) {
    const several = type === "radio" || type === "checkbox";
    const found = [...document.querySelectorAll("main [name]")]
      .find((field) => field.name === name && (!several || field.value === value));
    if (found && several) found.checked = checked;
    else if (found) found.value = value;
  }
  window.scrollTo(0, kept.scrolled);
  const focused = kept.focused && document.getElementById(kept.focused);
  if (focused) focused.focus({ preventScroll: true });
}

function listen() {
  let run = null;
  const changes = new EventSource("/_lab/changes");
  const reload = () => { keep(); location.reload(); };
  changes.addEventListener("changed", reload);
  changes.addEventListener("run", (event) => {
    if (run !== null && run !== event.data) reload();
    run = event.data;
  });
  window.addEventListener("pagehide", () => changes.close());
}

restore();
listen();
