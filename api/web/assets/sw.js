/* Pages that were opened once open again without a network. What is kept stays on this phone. */
"use strict";
importScripts("/assets/plate.js?v=__VERSION__");
const KEPT = "pages", SHELL = "shell-__VERSION__", DRAWN = "drawn", PATIENCE_MS = 8000;
const MOST_PAGES = 40, MOST_DRAWN = 400;
const FIRST = [
  "/verify", "/assets/page.js?v=__VERSION__", "/assets/plate.js?v=__VERSION__", "/assets/verify.js?v=__VERSION__",
  "/v1/plates/keys", "/v1/plates/revocations",
];
const PAGE = /^\/a\/[^/]+$/i, PLATE = /^\/[pc]\//i, REFRESHED = /^\/(v1\/plates\/(keys|revocations)|qr\/|map\/)/;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((kept) => kept.addAll(FIRST)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== SHELL) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate") {
    if (PAGE.test(url.pathname) || PLATE.test(url.pathname) || url.pathname === "/verify") event.respondWith(page(event.request, url));
  } else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(event.request));
  else if (REFRESHED.test(url.pathname)) event.respondWith(refreshed(event.request, url));
});

async function page(request, url) {
  try {
    const answered = await patiently(request);
    if (answered.status >= 500) throw new Error("away");
    if (answered.ok && PAGE.test(url.pathname)) await keep(KEPT, MOST_PAGES, request, answered.clone());
    return answered;
  } catch { return kept(request, url); }
}

function patiently(request) {
  return Promise.race([fetch(request), new Promise((_done, fail) => setTimeout(fail, PATIENCE_MS))]);
}

async function keep(name, most, request, answered) {
  const store = await caches.open(name);
  await store.put(request, answered);
  const keys = await store.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - most))) await store.delete(old);
}

/* The page as it was kept, marked so that it says so; a code that was not verified then is not passed off as verified. */
async function kept(request, url) {
  const store = await caches.open(KEPT);
  const found = await store.match(request, { ignoreVary: true });
  if (found) return marked(found, false);
  const read = PLATE.test(url.pathname) ? plates.read(url.pathname) : null;
  const code = read && read.form !== "certificate" ? read.address : PAGE.test(url.pathname) ? url.pathname.slice(3).toUpperCase() : null;
  for (const each of code ? await store.keys() : []) {
    if (new URL(each.url).pathname.slice(3).toUpperCase() === code) return marked(await store.match(each, { ignoreVary: true }), true);
  }
  const shell = await caches.match("/verify", { ignoreVary: true });
  return shell ? marked(shell, true) : Response.error();
}

async function marked(answered, unproved) {
  const when = answered.headers.get("date"), headers = new Headers(answered.headers);
  headers.delete("content-encoding");
  headers.delete("content-length");
  const body = (await answered.text()).replace("<html ", `<html data-kept="${when}"${unproved ? " data-unproved" : ""} `);
  return new Response(body, { headers });
}

async function asset(request) {
  const found = await caches.match(request, { ignoreVary: true });
  if (found) return found;
  const answered = await fetch(request);
  if (answered.ok) (await caches.open(SHELL)).put(request, answered.clone());
  return answered;
}

async function refreshed(request, url) {
  const [name, most] = url.pathname.startsWith("/v1/") ? [SHELL, Infinity] : [DRAWN, MOST_DRAWN];
  try {
    const answered = await patiently(request);
    if (answered.ok) await keep(name, most, request, answered.clone());
    return answered;
  } catch {
    return (await (await caches.open(name)).match(request, { ignoreVary: true })) || Response.error();
  }
}
