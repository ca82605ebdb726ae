// Keeps the parts of a page that move on by themselves as the server would show them now: each [data-live], by its id.
"use strict";

const PAUSE_MS = 4000;

async function refresh() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(part.id);
    if (now && now.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
      part.replaceChildren(...now.childNodes);
    }
  }
}

function keepFresh() {
  // What is not looked at, or cannot be had now, is asked for at the next turn.
  const turn = document.hidden ? Promise.resolve() : refresh().catch(() => {});
  turn.then(() => setTimeout(keepFresh, PAUSE_MS));
}

setTimeout(keepFresh, PAUSE_MS);
