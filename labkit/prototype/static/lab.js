// The lab's own script: one stream for the page (a change reloads it and keeps what was typed, a moment of the case
// is counted and passed on), and buttons that copy.
"use strict";

const KEPT = `kept ${location.pathname}`;
const BAR_OPEN = "lab bar open";
const CAUGHT_UP = "caught up with";

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

function reload() {
  keep();
  location.reload();
}

// A page that nobody looks at gives its connection back: a browser keeps six to a host.
function listen(address, run) {
  let source = null;
  let seen = new URL(address, location.href).searchParams.get("since");
  const open = () => {
    if (source || document.hidden) return;
    const url = new URL(address, location.href);
    if (seen !== null) url.searchParams.set("since", seen);
    source = new EventSource(url);
    source.addEventListener("changed", reload);
    source.addEventListener("run", (event) => {
      // Once for each: a page that a telephone keeps would come back as it was, for ever.
      if (run === event.data || sessionStorage.getItem(CAUGHT_UP) === event.data) return;
      sessionStorage.setItem(CAUGHT_UP, event.data);
      reload();
    });
    source.addEventListener("moment", (event) => {
      if (Number(event.lastEventId) <= Number(seen)) return;
      seen = event.lastEventId;
      for (const count of document.querySelectorAll("[data-lab-count]")) count.textContent = seen;
      document.dispatchEvent(new CustomEvent("lab:moment", { detail: { version: Number(seen), html: event.data } }));
    });
    source.addEventListener("place", (event) => {
      document.dispatchEvent(new CustomEvent("lab:place", { detail: event.data }));
    });
  };
  const close = () => {
    if (source) source.close();
    source = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
}

function letCopy(button) {
  const code = button.parentElement.querySelector("code");
  if (!code || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.textContent);
    const label = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

function keepBar(bar) {
  bar.open = sessionStorage.getItem(BAR_OPEN) === "yes";
  bar.addEventListener("toggle", () => sessionStorage.setItem(BAR_OPEN, bar.open ? "yes" : "no"));
}

restore();
for (const bar of document.querySelectorAll("details.lab")) keepBar(bar);
for (const button of document.querySelectorAll("[data-copy]")) letCopy(button);
for (const place of document.querySelectorAll("[data-lab-live]")) listen(place.dataset.labLive, place.dataset.labRun);
