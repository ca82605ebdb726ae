// The service worker: opens the application without network. It keeps files, never answers; SHELL is written by /sw.js.

const language = new URL(self.registration.scope).pathname.split("/")[1];
const home = `/${language}/m`;
const renewed = [home, `${home}/journey.json`, `${home}/manifest.webmanifest`, "/theme.css", "/mobile/icon.svg"];
const family = `mobile ${language} `;
const name = `${family}${self.SHELL.service} ${self.SHELL.version}`;
const PATIENCE_MS = 4_000;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keepShell());
});
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (renewed.includes(pathname)) event.respondWith(fresh(event, pathname));
  else if (/^\/(static|mobile)\//.test(pathname)) event.respondWith(kept(event));
});

async function keepShell() {
  const cache = await caches.open(name);
  const files = [...new Set([...renewed, ...self.SHELL.files])];
  await cache.addAll(files.map((file) => new Request(file, { cache: "reload" })));
}

async function forgetOthers() {
  const names = (await caches.keys()).filter((other) => other.startsWith(family) && other !== name);
  await Promise.all(names.map((other) => caches.delete(other)));
}

// What may change under the same address: the network's, unless it takes too long; then what is kept.
async function fresh(event, key) {
  const cache = await caches.open(name);
  const asked = fetch(event.request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await cache.put(key, answer.clone());
    return answer;
  });
  event.waitUntil(asked.catch(() => {}));
  const stale = await cache.match(key);
  if (!stale) return asked;
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE_MS); });
  const answer = await Promise.race([asked, late]).catch(() => {});
  return answer && answer.status < 500 ? answer : stale;
}

// What never changes under its address.
async function kept(event) {
  const cache = await caches.open(name);
  const found = await cache.match(event.request);
  if (found) return found;
  const answer = await fetch(event.request);
  if (answer.ok) event.waitUntil(cache.put(event.request, answer.clone()));
  return answer;
}
