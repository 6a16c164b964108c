// Keeps the shell page and its files, so that the pages open without network. It serves nothing but GET, keeps no page of
// anybody, and never touches what is sent: records go from the page itself.

const CACHE = "visits-{{ version }}";
const { shell: SHELL, files: FILES } = {{ kept|safe }};
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
  if (FILES.includes(pathname)) event.respondWith(file(request));
  else if (request.mode === "navigate" && isPage(pathname)) event.respondWith(page(request));
});

function isPage(pathname) {
  return pathname.startsWith(SCOPE) && !NOT_PAGES.some((start) => pathname.startsWith(start));
}

async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all([SHELL, ...FILES].map((address) => fetchInto(cache, address)));
}

async function fetchInto(cache, address) {
  const response = await fetch(address, { credentials: "omit", cache: "no-cache" });
  if (!response.ok || response.redirected) throw new Error(`${address}: ${response.status}`);
  await cache.put(address, response);
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
