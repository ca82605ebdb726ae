// Visits every page of a console as people meet it, and says how many checks passed.
// Usage: node console.mjs BASE_URL FOLDER [PATH …]; CHROMIUM names the browser.

import { asked, base, check, isTrue, picture, violations, watch, withBrowser } from "./checks.mjs";

const SIZES = [{ width: 1280, height: 900 }, { width: 320, height: 700 }];
// Each pair of a language, a theme and a size is met once.
const WAYS = [["fr", "light", SIZES[0]], ["fr", "dark", SIZES[1]], ["en", "light", SIZES[1]], ["en", "dark", SIZES[0]]];
const paths = asked.length ? asked : ["/", "/inbox", "/inbox/post", "/inbox/nowhere"];

function nameOf(path) {
  return path.replace(/^\/|\/$/g, "").replace(/[^a-z0-9]+/gi, "-").slice(0, 40) || "overview";
}

async function overflow(page) {
  return page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 1);
    return [`scrolls sideways: ${wide.slice(0, 4).map((e) => e.outerHTML.slice(0, 90)).join(" | ")}`];
  });
}

async function outline(page) {
  return page.evaluate(() => {
    const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.tagName[1]));
    const jumps = levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1);
    const named = [...document.querySelectorAll("table")].every((t) => t.caption?.textContent.trim());
    return [
      ...(levels.filter((level) => level === 1).length === 1 ? [] : ["there is not exactly one h1"]),
      ...(jumps.length ? [`headings jump to level ${jumps}`] : []),
      ...(named ? [] : ["a table has no caption"]),
    ];
  });
}

async function smallTargets(page) {
  return page.evaluate(() => {
    const alone = [...document.querySelectorAll("nav a, .choice a, button, summary")].filter((e) => e.checkVisibility());
    const small = alone.filter((e) => { const box = e.getBoundingClientRect(); return box.width < 24 || box.height < 24; });
    return small.map((e) => `target under 24 px: ${e.textContent.trim()}`);
  });
}

async function visit(browser, path, language, theme, size) {
  const context = await browser.newContext({ viewport: size, colorScheme: theme, locale: language });
  const page = await context.newPage();
  const seen = watch(page);
  const name = `${nameOf(path)}-${language}-${theme}-${size.width}`;
  const url = new URL(path, base);
  url.searchParams.set("lang", language);
  await page.goto(url.href);
  await page.waitForTimeout(150);
  await page.evaluate(() => { for (const details of document.querySelectorAll("details")) details.open = true; });
  check(`${name} is accessible`, await violations(page));
  check(`${name} fits`, await overflow(page));
  check(`${name} is well outlined`, await outline(page));
  check(`${name} has targets of a good size`, await smallTargets(page));
  isTrue(`${name} says its language`, (await page.locator("html").getAttribute("lang")) === language, "wrong lang");
  await page.evaluate(() => { for (const details of document.querySelectorAll("details")) details.open = false; });
  await picture(page, `${name}`);
  check(`${name} asks nothing of other hosts`, seen.outside);
  check(`${name} has a quiet console`, seen.errors);
  await context.close();
}

async function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    return {
      tag: element.tagName,
      text: element.textContent.trim(),
      href: element.getAttribute("href") ?? "",
      id: element.id,
      ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      visible: element.getBoundingClientRect().top >= 0,
    };
  });
}

async function byKeyboard(browser) {
  const page = await browser.newPage({ viewport: SIZES[0], locale: "fr" });
  await page.goto(base);
  await page.keyboard.press("Tab");
  await page.waitForTimeout(50);
  const skip = await focused(page);
  isTrue("the first stop is the skip link, in sight", skip.href === "#content" && skip.visible && skip.ring, JSON.stringify(skip));
  await page.keyboard.press("Enter");
  isTrue("the skip link leads to the content", (await focused(page)).id === "content", "focus is elsewhere");
  await page.goto(base);
  const stops = [];
  for (let i = 0; i < 12; i += 1) {
    await page.keyboard.press("Tab");
    const stop = await focused(page);
    if (stop.tag === "BODY") break;
    stops.push(stop);
  }
  const hidden = stops.filter((stop) => !stop.ring).map((stop) => `no focus ring on ${stop.text}`);
  check("every stop shows its focus", hidden);
  const wanted = ["/inbox", "?theme=dark", "?lang=en"].filter((end) => !stops.some((stop) => stop.href.endsWith(end)));
  check("the menu, theme and language are reached by keyboard", wanted);
  await page.goto(new URL("/inbox", base).href);
  await page.locator("#nav-post").focus();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/inbox/post**");
  isTrue("a channel opens by keyboard", (await page.locator("h1").textContent()) === "Courrier", "another page");
  await page.close();
}

async function preferences(browser) {
  const context = await browser.newContext({ locale: "en-GB", colorScheme: "light" });
  const page = await context.newPage();
  await page.goto(base);
  isTrue("the browser’s language is followed", (await page.locator("html").getAttribute("lang")) === "en", "not English");
  await page.getByRole("link", { name: "Français" }).click();
  await page.getByRole("link", { name: "Sombre" }).click();
  await page.goto(new URL("/inbox", base).href);
  const html = page.locator("html");
  isTrue("the language is remembered", (await html.getAttribute("lang")) === "fr", "forgotten");
  isTrue("the theme is remembered", (await html.getAttribute("data-theme")) === "dark", "forgotten");
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  isTrue("the chosen theme wins over the system’s", paper === "rgb(15, 23, 28)", paper);
  await context.close();
}

async function withoutScript(browser) {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: "fr" });
  const page = await context.newPage();
  for (const path of paths) {
    await page.goto(new URL(path, base).href);
    const texts = await page.locator("h1").allTextContents();
    isTrue(`${path} reads without a script`, texts.length === 1 && texts[0].trim(), "no heading");
    check(`${path} promises nothing live without a script`, (await page.locator("#live").isVisible()) ? ["it does"] : []);
  }
  await context.close();
}

async function forcedColours(browser) {
  const context = await browser.newContext({ forcedColors: "active", reducedMotion: "reduce", locale: "fr" });
  const page = await context.newPage();
  for (const path of paths) {
    await page.goto(new URL(path, base).href);
    check(`${path} is accessible in forced colours`, await violations(page));
    const moving = await page.evaluate(() => document.getAnimations().filter((a) => a.playState === "running").length);
    check(`${path} stands still when asked`, moving ? [`${moving} animations run`] : []);
  }
  await page.goto(base);
  await picture(page, "overview-forced-colours");
  await context.close();
}

await withBrowser(async (browser) => {
  for (const path of paths) {
    for (const way of WAYS) await visit(browser, path, ...way);
  }
  await byKeyboard(browser);
  await preferences(browser);
  await withoutScript(browser);
  await forcedColours(browser);
});
