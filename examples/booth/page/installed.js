// Keeps the files of this page on the device, each compared with its hash, and gives them without a network. What the server says later
// changes nothing here until this file itself is another one.

// `pack.mjs` writes both: a name for this version of the page, and its files with their hashes.
const PAGE = "";
const FILES = {};

const CACHE = `page-${PAGE}`;
const path = (url) => new URL(url).pathname.slice(new URL("./", self.location).pathname.length) || "index.html";

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const cache = await caches.open(CACHE);
  await Promise.all(Object.entries(FILES).map(async ([file, integrity]) => {
    const response = await fetch(new Request(file, { integrity, cache: "no-cache", credentials: "omit" }));
    if (!response.ok) throw new Error(`${file}: ${response.status}`);
    await cache.put(file, response);
  }));
  await self.skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener("fetch", (event) => {
  const file = path(event.request.url);
  if (event.request.method !== "GET" || new URL(event.request.url).origin !== self.location.origin || !(file in FILES)) return;
  event.respondWith((async () => (await (await caches.open(CACHE)).match(file)) ?? fetch(event.request))());
});
