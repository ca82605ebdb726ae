// Watches the pages move: node live.mjs BASE_URL FOLDER CASE_PATH. The server must answer POST /sample/call.

import { asked, base, check, isTrue, watch, withBrowser } from "./checks.mjs";

const [casePath] = asked;
const at = (path) => new URL(path, base).href;
const happen = () => fetch(at("/sample/call"), { method: "POST" });
const rest = (page, ms) => page.waitForTimeout(ms);

async function open(browser, path) {
  const context = await browser.newContext({ locale: "fr", viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.seen = watch(page);
  page.parts = [];
  page.on("request", (request) => { if (request.headers()["hx-request"]) page.parts.push(request.url()); });
  const connected = page.waitForRequest((request) => request.url().endsWith("/events"));
  await page.goto(at(path));
  await connected;
  await rest(page, 1500);
  page.parts.length = 0;
  return page;
}

async function close(page, name) {
  check(`${name} keeps a quiet console`, page.seen.errors);
  check(`${name} asks nothing of other hosts`, page.seen.outside);
  await page.context().close();
}

const exchanges = (page) => page.locator(".counter strong").nth(1).textContent();

async function overview(browser) {
  const page = await open(browser, "/");
  const before = await exchanges(page);
  await page.locator("#flow-figures-open").click();
  await page.locator("#channel-post").focus();
  const scrolled = await page.evaluate(() => window.scrollY);
  await page.evaluate(() => { window.unloaded = false; });
  await happen();
  await page.waitForFunction((old) => document.querySelectorAll(".counter strong")[1].textContent !== old, before);
  await page.waitForSelector("#feed .is-new");
  isTrue("the figures move without a reload", await page.evaluate(() => window.unloaded === false));
  isTrue("an open table stays open", await page.locator("#flow-figures").evaluate((details) => details.open));
  isTrue("the focus stays", await page.evaluate(() => document.activeElement.id === "channel-post"));
  isTrue("the page does not jump", Math.abs((await page.evaluate(() => window.scrollY)) - scrolled) < 2);
  await page.waitForTimeout(1200);
  page.parts.length = 0;
  for (let i = 0; i < 40; i += 1) { await happen(); await rest(page, 50); }
  await rest(page, 1500);
  const figures = page.parts.filter((url) => url.includes("/console/overview")).length;
  isTrue("a burst is shown at most once a second", figures >= 2 && figures <= 6, `${figures} refreshes`);
  await close(page, "the overview");
}

async function pause(browser) {
  const page = await open(browser, "/");
  await page.locator("#live-pause").click();
  const before = await exchanges(page);
  await happen();
  await rest(page, 1500);
  isTrue("a pause is a pause", (await exchanges(page)) === before && page.parts.length === 0);
  isTrue("the pause is announced", (await page.locator("#announce").textContent()).includes("suspendue"));
  isTrue("the button says what it does", (await page.locator("#live-pause").innerText()).includes("Reprendre"));
  await page.goto(at("/inbox"));
  isTrue("the pause is remembered", (await page.locator("#live-word").textContent()) === "En pause");
  await page.goto(at("/"));
  await page.locator("#live-pause").click();
  const resumed = await exchanges(page);
  let moved = false;
  // What happens before the page listens again is shown with what happens next.
  for (let i = 0; i < 10 && !moved; i += 1) {
    await happen();
    await rest(page, 1500);
    moved = (await exchanges(page)) !== resumed;
  }
  isTrue("live updates resume", moved);
  await close(page, "a paused page");
}

async function story(browser) {
  const page = await open(browser, casePath);
  const count = await page.locator(".told").count();
  await page.evaluate(() => window.scrollTo(0, 900));
  const anchor = await page.evaluate(() => {
    const told = [...document.querySelectorAll(".told")].find((item) => item.getBoundingClientRect().top > 100);
    return { position: told.dataset.position, top: told.getBoundingClientRect().top };
  });
  await happen();
  await page.waitForFunction((old) => document.querySelectorAll(".told").length > old, count);
  const top = await page.evaluate(
    (position) => document.querySelector(`[data-position="${position}"]`).getBoundingClientRect().top, anchor.position,
  );
  isTrue("what is being read stays in place", Math.abs(top - anchor.top) < 2, `${anchor.top} became ${top}`);
  isTrue("the update is announced", (await page.locator("#announce").textContent()).includes("mis à jour"));
  isTrue("the newest is marked", (await page.locator(".told.is-new").count()) === 1);
  await close(page, "the case");
}

async function inbox(browser) {
  const page = await open(browser, "/inbox");
  await page.locator(".case-title").first().hover();
  await happen();
  await page.waitForSelector("#changed:not([hidden])");
  isTrue("rows stay still under the pointer", page.parts.length === 0);
  await page.mouse.move(5, 5);
  await page.waitForSelector("#changed", { state: "hidden" });
  await rest(page, 300);
  isTrue("rows catch up when the pointer leaves", page.parts.length > 0);
  await close(page, "the inbox");
}

await withBrowser(async (browser) => {
  await overview(browser);
  await pause(browser);
  await story(browser);
  await inbox(browser);
});
