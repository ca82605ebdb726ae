// The page of a case in the lab: new moments come in at the top, and the slider shows the case as it stood.
"use strict";

const moments = document.getElementById("moments");
const rewind = document.getElementById("rewind");
const announce = document.getElementById("announce");
const WAIT_MS = 120;
let asked = 0;

function show(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const added = holder.content.querySelector(".lab-moment");
  if (!added || moments.querySelector(`[data-version="${added.dataset.version}"]`)) return;
  added.classList.add("is-new");
  moments.prepend(added);
  announce.textContent = announce.dataset.said.replace("TITLE", added.dataset.title);
}

// Only the last question counts: answers may overtake each other.
async function look(version) {
  asked += 1;
  const mine = asked;
  const url = new URL(location.href);
  if (version === null) url.searchParams.delete("version");
  else url.searchParams.set("version", version);
  const answer = await fetch(url);
  if (!answer.ok || mine !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["standing", "standing-title", "fork"]) {
    document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
  }
  const [slider, fresh] = [rewind.elements.version, page.getElementById("version")];
  slider.max = fresh.max;
  if (version === null) slider.value = fresh.value;
  rewind.querySelector("label").textContent = page.querySelector("#rewind label").textContent;
  rewind.querySelector(".actions").replaceChildren(...page.querySelector("#rewind .actions").childNodes);
  for (const moment of moments.children) {
    moment.classList.toggle("lab-later", Number(moment.dataset.version) > Number(slider.value));
  }
  history.replaceState(null, "", url);
}

document.addEventListener("lab:moment", (event) => {
  show(event.detail.html);
  const past = rewind && new URL(location.href).searchParams.has("version");
  if (rewind) look(past ? rewind.elements.version.value : null);
});

document.addEventListener("lab:place", (event) => {
  const place = document.getElementById("place");
  if (place) place.textContent = event.detail;
});

if (rewind) {
  let waiting = 0;
  rewind.classList.add("is-live");
  rewind.elements.version.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => look(rewind.elements.version.value), WAIT_MS);
  });
}
document.getElementById("live").hidden = false;
