// Keeps the shell page and its files, so that the pages open without network. It serves nothing but GET, keeps no page of
// anybody, and never touches what is sent: records go from the page itself.

const CACHE = "visits-{{ version }}";
const SHELL = "{{ shell }}";
const KEPT = {{ kept|safe }}; // the shell and its files, each with the hash of its content
const SCOPE = "/visits/";
const NOT_PAGES = ["ops/", "photos/", "rollcall/", "session/", "reference/", "sw.js"].map((name) => SCOPE + name);
const PATIENCE = 3000; // milliseconds

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", ({ data }) => data === "take over" && self.skipWaiting());
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname !== SHELL && pathname in KEPT) event.respondWith(file(request));
  else if (request.mode === "navigate" && isPage(pathname)) event.respondWith(page(request));
});

function isPage(pathname) {
  return pathname.startsWith(SCOPE) && !NOT_PAGES.some((start) => pathname.startsWith(start));
}

/** All of it or nothing; an answer of somebody else, or half an answer, has another hash and is not kept. */
async function install() {
  const cache = await caches.open(CACHE);
  const asked = { credentials: "omit", cache: "no-cache" };
  await cache.addAll(Object.entries(KEPT).map(([address, integrity]) => new Request(address, { ...asked, integrity })));
}

async function activate() {
  for (const name of await caches.keys()) if (name.startsWith("visits-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

function kept(address) {
  return caches.match(address, { cacheName: CACHE, ignoreVary: true });
}

async function file(request) {
  return (await kept(request.url)) ?? fetch(request);
}

/** The page from the network when it answers in time, else the shell. */
async function page(request) {
  const shell = await kept(SHELL);
  const network = fetch(request);
  if (!shell) return network;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  const answer = await Promise.race([network.catch(() => null), late]);
  return answer === null || [502, 503, 504].includes(answer.status) ? shell : answer;
}
