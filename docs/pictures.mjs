// Takes the pictures of one running prototype, as somebody sees it who plays its first persona.
// Usage: node pictures.mjs URL FOLDER PERSONA SHOTS; SHOTS is JSON, CHROMIUM names the browser.

import { asked, base, withBrowser } from "../tests/browser/checks.mjs";

const VIEWS = {
  wide: { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  narrow: { viewport: { width: 390, height: 844 }, colorScheme: "dark" },
};
const [persona, shots] = asked;

await withBrowser(async (browser) => {
  for (const { view, url, file } of JSON.parse(shots)) {
    const context = await browser.newContext({ ...VIEWS[view], reducedMotion: "reduce" });
    await context.addCookies([{ name: "persona", value: persona, url: base }]);
    const page = await context.newPage();
    await page.goto(url, { waitUntil: "load" });
    await page.screenshot({ path: file });
    await context.close();
  }
});
