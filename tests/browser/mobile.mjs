// Fills in the school meals on a telephone whose network comes and goes, and says how many checks passed.
// Usage: node mobile.mjs BASE_URL FOLDER PYTHON PROJECT; the environment is that of the prototype, which is started
// and killed here. CHROMIUM names the browser.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { asked, base, check, isTrue, picture, violations, watch, withBrowser } from "./checks.mjs";

const TELEPHONE = { viewport: { width: 320, height: 700 }, hasTouch: true, locale: "fr" };
const START_TRIES = 200;
const [python, project] = asked;

const FAMILY = { parent: "Nadia Larrieu", phone: "05 59 00 00 01" };
const CHILD = { child: "Inès Larrieu", "born_on-day": "27", "born_on-month": "3", "born_on-year": "2017", school: ["les-lauriers"] };
const DAYS = { days: ["monday", "thursday"], diet: ["standard"], allergy: ["yes"] };
const ALLERGY = { allergy: "Arachide", care_plan: ["yes"] };

let server = null;

async function startServer() {
  server = spawn(python, ["-m", "labkit.prototype", project], { stdio: ["ignore", "inherit", "inherit"] });
  for (let i = 0; i < START_TRIES; i += 1) {
    if (await fetch(`${base}/health`).then((answer) => answer.ok, () => false)) return;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  throw new Error("the prototype does not start");
}

async function killServer() {
  const ended = once(server, "exit");
  server.kill("SIGKILL");
  await ended;
}

async function look(page, name) {
  check(`${name} is accessible`, await violations(page));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  isTrue(`${name} fits`, wide <= 0, `it scrolls sideways by ${wide} px`);
  await picture(page, `${name}`);
}

async function open(context, path = "/fr/m") {
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.seen = watch(page);
  await page.goto(`${base}${path}`);
  await page.locator("main [data-begin], main form").first().waitFor();
  return page;
}

async function installed(context) {
  const page = await open(context);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  return page;
}

async function fill(page, answers) {
  for (const [name, given] of Object.entries(answers)) {
    if (!Array.isArray(given)) await page.locator(`main [name="${name}"]`).fill(given);
    else for (const code of given) await page.locator(`main [name="${name}"][value="${code}"]`).check({ force: true });
  }
}

const heading = (page, text) => page.locator("main h1", { hasText: text }).waitFor();
const kept = (page, text) => page.locator("#kept", { hasText: text }).waitFor();
const next = (page) => page.locator("main form .primary").click();

async function goOn(page, answers, title) {
  await fill(page, answers);
  await next(page);
  await heading(page, title);
}

async function begin(page) {
  await page.locator("[data-begin]").click();
  await heading(page, "Le parent");
  return page.evaluate(() => location.hash.slice(1).split("/")[0]);
}

async function installs(page) {
  const session = await page.context().newCDPSession(page);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // A private window, as every test is one, is all that may stand in the way.
  const others = installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito");
  check("the application can be installed", others);
}

async function withoutNetwork(browser) {
  const context = await browser.newContext(TELEPHONE);
  let page = await installed(context);
  await installs(page);
  await look(page, "home");
  const caseId = await begin(page);
  await goOn(page, FAMILY, "L’enfant");
  await kept(page, "Tout est envoyé");
  await look(page, "page");

  await context.setOffline(true);
  await next(page);
  await page.locator(".error-summary").waitFor();
  await look(page, "errors");
  await goOn(page, CHILD, "Les jours");
  await kept(page, "Conservé sur ce téléphone");
  await goOn(page, DAYS, "Le tarif");
  await fill(page, { quotient: "645" });
  await kept(page, "Conservé sur ce téléphone");
  await page.close();

  page = await open(context);
  await look(page, "home-offline");
  await page.locator("[data-name]").click();
  await heading(page, "Le tarif");
  isTrue("what was typed is there", (await page.locator("[name=quotient]").inputValue()) === "645");
  await next(page);
  await heading(page, "Vérifiez");
  isTrue("answers are said in words", (await page.locator(".summary").allTextContents()).join().includes("27 mars 2017"));
  await look(page, "check");
  await next(page);
  await heading(page, "Demande prête");
  await look(page, "waiting");

  // Two tabs wake up together: one sends.
  const other = await open(context);
  await context.setOffline(false);
  await heading(page, "L’allergie");
  await page.locator(".notice", { hasText: "une question" }).waitFor();
  await look(page, "one-more");
  await goOn(page, ALLERGY, "Vérifiez");
  await next(page);
  await heading(page, "Demande envoyée");
  await look(page, "done");
  await other.locator("[data-state]", { hasText: "Envoyée" }).waitFor();
  const reference = await page.locator(".reference").textContent();
  const left = await page.evaluate(async () => {
    const { name } = (await indexedDB.databases()).find((each) => each.name.startsWith("mobile "));
    const database = await new Promise((resolve) => { indexedDB.open(name).onsuccess = (event) => resolve(event.target.result); });
    return new Promise((resolve) => { database.transaction("drafts").objectStore("drafts").count().onsuccess = (event) => resolve(event.target.result); });
  });
  isTrue("no answer stays on the telephone once the request is sent", left === 0, `${left} drafts stay`);
  check("nothing was asked of other hosts", page.seen.outside);

  await page.goto(`${base}/fr/desk/case/${caseId}`);
  const told = await page.locator("main").textContent();
  isTrue("the agents see the case", [reference, "645", "Inès Larrieu", "Arachide"].every((text) => told.includes(text)));
  await context.close();
  return caseId;
}

async function withoutServer(browser) {
  const context = await browser.newContext(TELEPHONE);
  let page = await installed(context);
  await killServer();
  // Nothing of the case has reached the server yet: the telephone has made it.
  const caseId = await begin(page);
  await goOn(page, FAMILY, "L’enfant");
  await page.close();
  page = await open(context);
  await page.locator("[data-name]", { hasText: "Demande commencée ici" }).click();
  await heading(page, "L’enfant");
  await goOn(page, CHILD, "Les jours");
  await startServer();
  await kept(page, "Tout est envoyé");

  // The server records, and its answer is lost on the way.
  await page.route("**/days?*", async (route) => { await route.fetch(); await route.abort(); }, { times: 1 });
  await fill(page, { ...DAYS, allergy: ["no"] });
  await next(page);
  await heading(page, "Le tarif");
  await kept(page, "Tout est envoyé");
  await context.close();
  return caseId;
}

async function cameBack(browser) {
  const context = await browser.newContext(TELEPHONE);
  const page = await installed(context);
  const caseId = await begin(page);
  await goOn(page, FAMILY, "L’enfant");
  await goOn(page, CHILD, "Les jours");
  await goOn(page, { ...DAYS, allergy: ["no"] }, "Le tarif");
  await goOn(page, { quotient: "645" }, "Vérifiez");
  await kept(page, "Tout est envoyé");

  // Only the server knows how high a quotient goes: the request must not leave with the old one in its place.
  await context.setOffline(true);
  await page.locator("a", { hasText: "Modifier Le tarif" }).click();
  await goOn(page, { quotient: "30000" }, "Vérifiez");
  await next(page);
  await heading(page, "Demande prête");
  await context.setOffline(false);
  await page.locator(".error-summary", { hasText: "Écrivez un nombre entier" }).waitFor();
  await look(page, "came-back");
  isTrue("a wrong answer is still there", (await page.locator("[name=quotient]").inputValue()) === "30000");
  await kept(page, "Conservé sur ce téléphone.");
  const { submitted } = await (await fetch(`${base}/fr/m/case/${caseId}`)).json();
  isTrue("the request did not leave without it", submitted === false);
  await goOn(page, { quotient: "645" }, "Vérifiez");
  await kept(page, "Tout est envoyé");

  await context.setOffline(true);
  await page.locator("a", { hasText: "Modifier Le tarif" }).click();
  await goOn(page, { quotient: "500" }, "Vérifiez");
  await page.locator("a", { hasText: "Modifier L’enfant" }).click();
  await heading(page, "L’enfant");
  await fetch(`${base}/fr/desk/case/${caseId}/close`, { method: "POST" });
  await context.setOffline(false);
  await page.locator("#returned a", { hasText: "Le tarif" }).click();
  await page.locator(".notice", { hasText: "clôturée" }).waitFor();
  isTrue("nothing is lost when the case is closed", (await page.locator("[name=quotient]").inputValue()) === "500");
  await look(page, "closed");
  await context.close();
}

async function elsewhere(browser) {
  const context = await browser.newContext({ ...TELEPHONE, locale: "en", colorScheme: "dark" });
  const begun = await (await fetch(`${base}/en/start`, { method: "POST" })).url;
  const caseId = begun.match(/case\/([0-9a-f-]+)/)[1];
  await fetch(`${base}/en/case/${caseId}/family`, { method: "POST", body: new URLSearchParams(FAMILY) });
  const page = await open(context, `/en/m?case=${caseId}`);
  await heading(page, "The child");
  await look(page, "english");
  await page.locator(".back").click();
  await heading(page, "The parent");
  isTrue("answers given elsewhere are there", (await page.locator("[name=parent]").inputValue()) === FAMILY.parent);
  check("the console stays quiet", page.seen.errors);
  await context.close();

  const plain = await browser.newContext({ ...TELEPHONE, javaScriptEnabled: false });
  const sent = await plain.newPage();
  await sent.goto(`${base}/fr/m`);
  await sent.waitForURL(`${base}/fr`);
  isTrue("without JavaScript the web serves", await sent.locator("form[action$=start]").isVisible());
  await plain.close();
}

await startServer();
try {
  await withBrowser(async (browser) => {
    const cases = { offline: await withoutNetwork(browser), killed: await withoutServer(browser) };
    await cameBack(browser);
    await elsewhere(browser);
    console.log(JSON.stringify(cases));
  });
} finally {
  server.kill();
}
