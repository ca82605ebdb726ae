/* Live updates: one connection a visible page, at most one refresh a second of each zone, a pause for who reads. */
"use strict";

(() => {
  const LEAST_WAIT_MS = 1000;
  const PAUSED = "collectivilab-paused";
  const byId = (id) => document.getElementById(id);
  const zones = () => document.querySelectorAll("[data-live]");
  const panel = byId("live");
  const words = panel.dataset;
  const refreshedAt = new WeakMap();
  const scheduled = new WeakSet();
  const kept = new WeakMap();
  let paused = recall();
  let lost = false;

  function recall() {
    try { return localStorage.getItem(PAUSED) === "yes"; } catch { return false; }
  }

  function remember() {
    try { localStorage.setItem(PAUSED, paused ? "yes" : "no"); } catch { /* Only this page is paused, then. */ }
  }

  function say(text) { byId("announce").textContent = text; }

  function show() {
    panel.dataset.state = paused ? "paused" : lost ? "lost" : "on";
    byId("live-word").textContent = words[panel.dataset.state];
    byId("live-pause-name").textContent = paused ? byId("live-pause").dataset.resume : byId("live-pause").dataset.pause;
  }

  function connect() {
    if (paused || document.hidden || byId("live-slot").firstElementChild) return;
    byId("live-slot").append(byId("live-source").content.cloneNode(true));
    htmx.process(byId("live-slot"));
  }

  // Through htmx, so that its extension closes the connection; browsers allow six of them a host.
  function disconnect() { htmx.swap(byId("live-slot"), "", { swapStyle: "innerHTML" }); }

  function refresh(zone) {
    if (scheduled.has(zone)) return;
    scheduled.add(zone);
    const wait = (refreshedAt.get(zone) ?? 0) + LEAST_WAIT_MS - Date.now();
    setTimeout(() => {
      scheduled.delete(zone);
      if (paused || !zone.isConnected) return;
      if (isHeld(zone)) { byId("changed").hidden = false; return; }
      refreshedAt.set(zone, Date.now());
      htmx.trigger(zone, "live");
    }, Math.max(wait, 0));
  }

  // Rows never move under a pointer or a focus.
  function isHeld(zone) {
    const list = zone.dataset.liveGently && byId(zone.dataset.liveGently);
    return Boolean(list && list.matches(":hover, :focus-within"));
  }

  function release(event) {
    const notice = byId("changed");
    if (!notice || notice.hidden) return;
    const zone = notice.closest("[data-live]");
    const list = byId(zone.dataset.liveGently);
    if (event.target === list || list.contains(event.target)) setTimeout(() => refresh(zone), 0);
  }

  function concerns(zone, event) {
    return !zone.dataset.liveCase || zone.dataset.liveCase === event.case_id;
  }

  function onLedger(message) {
    const event = JSON.parse(message.detail.data);
    for (const zone of zones()) {
      if (zone.dataset.live !== "ledger" || !concerns(zone, event)) continue;
      if (zone.dataset.liveCase) say(words.updated);
      refresh(zone);
    }
  }

  function onCounters() {
    for (const zone of zones()) if (zone.dataset.live === "counters") refresh(zone);
  }

  function onOpen() {
    if (lost) say(words.isOn);
    lost = false;
    show();
    for (const zone of zones()) refresh(zone);
  }

  function onError() {
    if (!lost) say(words.isLost);
    lost = true;
    show();
  }

  function keep(event) {
    const zone = event.detail.target;
    const seen = [...zone.querySelectorAll("[data-position]")];
    const anchor = seen.find((item) => item.getBoundingClientRect().bottom > 0);
    kept.set(zone, {
      open: [...zone.querySelectorAll("details[open]")].map((details) => details.id),
      last: Math.max(0, ...seen.map((item) => Number(item.dataset.position))),
      anchor: anchor && anchor.dataset.position,
      top: anchor && anchor.getBoundingClientRect().top,
    });
  }

  function restore(event) {
    const zone = event.detail.target;
    const before = kept.get(zone);
    if (!before) return;
    for (const id of before.open) byId(id)?.setAttribute("open", "");
    for (const item of zone.querySelectorAll("[data-position]")) {
      if (before.last && Number(item.dataset.position) > before.last) item.classList.add("is-new");
    }
    const anchor = before.anchor && zone.querySelector(`[data-position="${before.anchor}"]`);
    if (anchor && before.top < 0) window.scrollBy(0, anchor.getBoundingClientRect().top - before.top);
  }

  function toggle() {
    paused = !paused;
    remember();
    lost = false;
    if (paused) disconnect(); else connect();
    show();
    say(paused ? words.isPaused : words.isOn);
  }

  if (zones().length === 0) return;
  panel.hidden = false;
  show();
  byId("live-pause").addEventListener("click", toggle);
  document.addEventListener("visibilitychange", () => { if (document.hidden) disconnect(); else connect(); });
  document.addEventListener("mouseout", release);
  document.addEventListener("focusout", release);
  const on = (name, listener) => document.body.addEventListener(name, listener);
  on("sse:ledger", onLedger);
  on("sse:counters", onCounters);
  on("htmx:sseOpen", onOpen);
  on("htmx:sseError", onError);
  on("htmx:beforeSwap", keep);
  on("htmx:afterSwap", restore);
  connect();
})();
