// Works in the lab of a running prototype as its makers do, then as a participant, and says how many checks passed.
// Usage: node lab.mjs BASE_URL FOLDER WORDS; WORDS is the file of its French words, CHROMIUM names the browser.

import { readFileSync, writeFileSync } from "node:fs";
import { asked, base, check, isTrue, picture, violations, watch, withBrowser } from "./checks.mjs";

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 320, height: 700 };
const WAIT_MS = 15_000;
const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/;
const [words] = asked;

const FAMILY = { parent: "Nadia Larrieu", phone: "05 59 00 00 01" };
const CHILD = { child: "Inès Larrieu", "born_on-day": "27", "born_on-month": "3", "born_on-year": "2017", school: "les-lauriers" };

const idIn = (address) => address.match(UUID)[0];

async function send(path, fields = {}, headers = {}) {
  const answer = await fetch(base + path, { method: "POST", body: new URLSearchParams(fields), headers, redirect: "manual" });
  if (answer.status >= 400) throw new Error(`${path}: ${answer.status}`);
  return answer.headers.get("location") ?? "";
}

async function begin(...pages) {
  const id = idIn(await send("/fr/start"));
  for (const [name, fields] of pages) await send(`/fr/case/${id}/${name}`, fields);
  return id;
}

async function open(browser, path, options = {}) {
  const context = await browser.newContext({ locale: "fr", viewport: WIDE, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.seen = watch(page);
  await page.goto(base + path);
  return page;
}

async function close(page, name) {
  check(`${name} keeps a quiet console`, page.seen.errors);
  check(`${name} asks nothing of other hosts`, page.seen.outside);
  await page.context().close();
}

const versions = (page) => page.locator("#moments > li").evaluateAll((items) => items.map((item) => Number(item.dataset.version)));

// Looking away gives the connection back; looking again takes the stream up where it was.
const look = (page, there) => page.evaluate((hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}, !there);

async function events(browser) {
  const id = await begin(["family", FAMILY]);
  const page = await open(browser, `/_lab/fr/case/${id}`);
  await page.evaluate(() => { window.unloaded = false; });
  await page.locator("#live:not([hidden])").waitFor();
  await send(`/fr/case/${id}/child`, CHILD);
  await page.locator('#moments [data-version="4"].is-new').waitFor();
  isTrue("a moment comes without a reload", await page.evaluate(() => window.unloaded === false));
  isTrue("it is in clear for the agent", (await page.locator('[data-version="4"]').innerText()).includes("Inès Larrieu"));
  const published = await page.locator('[data-version="4"] pre').textContent();
  isTrue("it is sealed for a subscriber", published.includes("sealed:") && !published.includes("Inès"), published);
  isTrue("the bar counts it", (await page.locator("[data-lab-count]").textContent()) === "4");
  isTrue("it is announced", (await page.locator("#announce").textContent()).includes("L’enfant"));
  await page.locator("#standing").getByText("Inès Larrieu").waitFor();

  await look(page, false);
  for (const text of ["Un", "Deux", "Trois"]) await send(`/fr/desk/case/${id}/write`, { message: text, channel: "email" });
  await page.waitForTimeout(1000);
  isTrue("a page that nobody sees holds no connection", (await versions(page)).length === 4);
  await look(page, true);
  await page.locator('#moments [data-version="7"]').waitFor();
  const seen = await versions(page);
  isTrue("nothing is missed, nothing comes twice", seen.join() === "7,6,5,4,3,2,1", seen.join());
  await close(page, "the page of a case");
}

async function idsAfter(id, last, until) {
  const stop = new AbortController();
  const answer = await fetch(`${base}/_lab/fr/live?case=${id}&since=0`, { headers: { "Last-Event-ID": String(last) }, signal: stop.signal });
  let text = "";
  for await (const part of answer.body) {
    text += Buffer.from(part).toString();
    if (text.includes(`id: ${until}\r\n`) && text.endsWith("\r\n\r\n")) break;
  }
  stop.abort();
  return [...text.matchAll(/^id: (\d+)/gm)].map((found) => Number(found[1]));
}

async function resumed() {
  const id = await begin(["family", FAMILY], ["child", CHILD]);
  isTrue("a stream resumes at the identifier", (await idsAfter(id, 2, 4)).join() === "3,4");
  isTrue("a stream begins where it is told", (await idsAfter(id, 0, 4)).join() === "1,2,3,4");
}

async function rewindAndFork(browser) {
  const id = await begin(["family", FAMILY], ["child", CHILD]);
  const page = await open(browser, `/_lab/fr/case/${id}`);
  await page.locator("#version").focus();
  await page.keyboard.press("ArrowLeft");
  await page.locator("#standing-title", { hasText: "à cet instant" }).waitFor();
  const standing = await page.locator("#standing").innerText();
  isTrue("the case is as it stood", standing.includes("Nadia") && !standing.includes("Inès"), standing);
  isTrue("what came later is marked", await page.locator('[data-version="4"] .lab-not-yet').isVisible());
  isTrue("the slider keeps the focus", await page.evaluate(() => document.activeElement.id === "version"));
  isTrue("the address can be kept", page.url().endsWith("?version=3"), page.url());
  await page.locator("#fork button").click();
  await page.waitForURL((url) => !url.href.includes(id));
  const fork = idIn(page.url());
  isTrue("a fork says what was copied", (await page.locator(".tag", { hasText: "copié" }).count()) === 3);
  await page.locator(".lab-places a", { hasText: "Téléservice" }).click();
  await page.waitForURL(`**/fr/case/${fork}/child`);
  isTrue("a fork goes on where the case stood", (await page.locator("h1").textContent()).includes("L’enfant"));
  await close(page, "a fork");
}

async function stay(browser) {
  const id = await begin(["family", FAMILY], ["child", CHILD]);
  const page = await open(browser, `/fr/case/${id}/days`);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  isTrue("the bar is the second stop of the keyboard", await page.evaluate(() => document.activeElement.matches(".lab > summary")));
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Rempli jusqu’ici" }).click();
  await page.waitForURL((url) => url.pathname.endsWith("/days") && !url.href.includes(id));
  const filled = idIn(page.url());
  isTrue("the bar stays open", await page.locator("details.lab").evaluate((bar) => bar.open));
  await page.goto(`${base}/fr/case/${filled}/family`);
  isTrue("the pages before are answered", (await page.locator("#field-parent").inputValue()) === "Nadia Larrieu");
  await page.getByRole("button", { name: "Dossier vide" }).click();
  await page.waitForURL((url) => url.pathname.endsWith("/family") && !url.href.includes(filled));
  isTrue("an empty case is empty", (await page.locator("#field-parent").inputValue()) === "");
  await page.locator("#lab-persona").selectOption({ label: "Jean Cazenave" });
  await page.getByRole("button", { name: "Choisir" }).click();
  await page.waitForFunction(() => document.querySelector("#field-parent").value === "Jean Cazenave");
  isTrue("a persona’s answers are shown and not recorded", (await page.locator("[data-lab-count]").textContent()) === "2");
  await page.getByRole("button", { name: "Sombres" }).click();
  await page.locator('html[data-theme="dark"]').waitFor();
  isTrue("colours are chosen on any page", page.url().endsWith("/family"));
  await close(page, "a page with the bar");
}

async function keepTyping(browser) {
  const id = await begin();
  const page = await open(browser, `/fr/case/${id}/family`);
  await page.locator("#field-phone").fill("06 12");
  await page.locator("#field-parent").fill("Nadia, pas encore enregistrée");
  await page.evaluate(() => { window.unloaded = false; });
  await page.waitForTimeout(1500);
  const before = readFileSync(words, "utf8");
  writeFileSync(words, before.replace("Vos nom et prénom", "Votre nom complet"));
  await page.getByText("Votre nom complet").waitFor();
  isTrue("a change reloads the page", await page.evaluate(() => window.unloaded !== false));
  isTrue("what was typed is kept", (await page.locator("#field-parent").inputValue()) === "Nadia, pas encore enregistrée");
  isTrue("all of it", (await page.locator("#field-phone").inputValue()) === "06 12");
  isTrue("the focus is kept", await page.evaluate(() => document.activeElement.id === "field-parent"));
  await look(page, false);
  await page.waitForTimeout(500);
  writeFileSync(words, before);
  await page.waitForTimeout(500);
  isTrue("a page that nobody sees stays as it is", (await page.getByText("Votre nom complet").count()) === 1);
  await look(page, true);
  await page.getByText("Vos nom et prénom").waitFor();
  isTrue("it catches up when it is seen, and keeps what was typed", (await page.locator("#field-phone").inputValue()) === "06 12");
  await close(page, "a page that is edited");
}

async function trial(browser) {
  const observer = await open(browser, "/_lab/fr/trials");
  await observer.getByRole("button", { name: "Préparer le lien" }).click();
  await observer.waitForURL((url) => UUID.test(url.pathname));
  const address = await observer.locator(".lab-code code").textContent();
  const drawn = await observer.locator(".lab-qr").evaluate((image) => image.complete && image.naturalWidth > 100);
  isTrue("the link is drawn to be read by a telephone", drawn);

  const participant = await open(browser, new URL(address).pathname, { viewport: NARROW });
  isTrue("a participant sees no lab", (await participant.locator("details.lab").count()) === 0);
  await participant.getByRole("button", { name: "J’ai lu ce texte" }).click();
  await participant.getByRole("button", { name: "Commencer" }).click();
  isTrue("nor on the way", (await participant.locator("details.lab").count()) === 0);
  await observer.locator('#moments [data-version="4"]').waitFor();
  await observer.locator("#place", { hasText: "Le parent" }).waitFor();
  await participant.locator(".trial-bar summary").click();
  isTrue("the persona is at hand", (await participant.locator(".trial-card").innerText()).includes("05 59 00 00 01"));
  await participant.locator("#field-parent").fill("Nadia Larrieu");
  await participant.locator("#field-phone").fill("05 59 00 00 01");
  await participant.getByRole("button", { name: "Continuer" }).click();
  await observer.locator("#place", { hasText: "L’enfant" }).waitFor();
  isTrue("the observer follows", (await observer.locator('[data-version="5"]').innerText()).includes("Nadia Larrieu"));
  await observer.getByLabel("Ce que vous voyez").fill("Cherche la date de naissance.");
  await observer.getByRole("button", { name: "Noter" }).click();
  await observer.locator("#moments").getByText("Cherche la date de naissance.").waitFor();
  await participant.getByRole("button", { name: "Arrêter l’essai" }).click();
  isTrue("stopping is thanked for", (await participant.locator("h1").textContent()).includes("terminé"));
  await observer.locator('#moments [data-version="7"]').waitFor();

  await observer.goto(`${observer.url()}/replay`);
  await observer.getByRole("button", { name: "Lire" }).click();
  await observer.locator("h2", { hasText: "Moment 4 sur 4" }).waitFor();
  await observer.getByRole("button", { name: "Lire" }).waitFor();
  isTrue("a replay shows the notes", (await observer.locator("#steps").innerText()).includes("Cherche la date"));
  await participant.getByRole("button", { name: "Effacer ce que j’ai écrit" }).click();
  await observer.reload();
  isTrue("what is erased is gone", !(await observer.locator("main").innerText()).includes("Nadia"));
  await close(participant, "a participant’s page");
  await close(observer, "an observer’s page");
}

async function pages() {
  const id = await begin(["family", FAMILY], ["child", CHILD]);
  const fork = idIn(await send(`/_lab/fr/case/${id}/fork`, { version: "3" }));
  const ready = idIn(await send("/_lab/fr/trials", { label: "A-1", persona: "nadia", channel: "web", origin: "fresh" }));
  const running = idIn(await send("/_lab/fr/trials", { label: "A-2", persona: "jean", channel: "web", page: "days" }));
  await send(`/fr/trial/${running}`);
  await send(`/_lab/fr/trials/${running}/note`, { text: "Attend" });
  return [
    "/fr", `/fr/case/${id}/days`, "/_lab/LANG", `/_lab/LANG/case/${id}`, `/_lab/LANG/case/${fork}?version=2`,
    "/_lab/LANG/variants", "/_lab/LANG/theme", "/_lab/LANG/gallery", "/_lab/LANG/gallery/condition",
    "/_lab/LANG/gallery/notice/notice", "/_lab/LANG/gallery/letter/letter", "/_lab/LANG/gallery/ticket/ticket",
    "/_lab/LANG/trials", `/_lab/LANG/trials/${ready}`, `/_lab/LANG/trials/${running}`,
    `/_lab/LANG/trials/${running}/replay?step=2`, `/LANG/trial/${ready}`, `/LANG/trial/${running}/over`,
  ];
}

async function everyPage(browser, paths) {
  for (const [colorScheme, viewport, language] of [["light", WIDE, "fr"], ["dark", NARROW, "en"]]) {
    const page = await open(browser, "/fr", { colorScheme, viewport, locale: language });
    for (const path of paths) {
      const name = `${path.replace(UUID, "…")} ${language} ${colorScheme} ${viewport.width}`;
      await page.goto(base + path.replace("LANG", language));
      await page.evaluate(() => { for (const details of document.querySelectorAll("details")) details.open = true; });
      check(`${name} is accessible`, await violations(page));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      isTrue(`${name} fits`, wide <= 0, `it scrolls sideways by ${wide} px`);
      const levels = await page.locator("h1, h2, h3, h4").evaluateAll((found) => found.map((h) => Number(h.tagName[1])));
      const jumps = levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1);
      check(`${name} is well outlined`, jumps.length || levels.filter((level) => level === 1).length !== 1 ? [levels.join()] : []);
      await picture(page, `${name.replace(/[^a-z0-9]+/gi, "-")}`);
    }
    await close(page, `the lab in ${language}, ${colorScheme}, ${viewport.width}`);
  }
}

async function withoutScript(browser, paths) {
  const page = await open(browser, "/fr", { javaScriptEnabled: false });
  for (const path of paths) {
    await page.goto(base + path.replace("LANG", "fr"));
    isTrue(`${path} reads without a script`, (await page.locator("h1").count()) === 1);
    isTrue(`${path} promises nothing live without a script`, (await page.locator("#live:visible, #play:visible").count()) === 0);
  }
  const id = await begin(["family", FAMILY], ["child", CHILD]);
  await page.goto(`${base}/_lab/fr/case/${id}`);
  await page.locator("#version").evaluate((slider) => { slider.value = "3"; });
  await page.getByRole("button", { name: "Y aller" }).click();
  isTrue("one rewinds without a script", (await page.locator("#standing-title").textContent()).includes("à cet instant"));
  await page.context().close();
}

await withBrowser(async (browser) => {
  await events(browser);
  await resumed();
  await rewindAndFork(browser);
  await stay(browser);
  await keepTyping(browser);
  await trial(browser);
  const paths = await pages();
  await everyPage(browser, paths);
  await withoutScript(browser, paths);
});
