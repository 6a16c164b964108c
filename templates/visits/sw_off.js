// Takes the worker off the phone. What lies in IndexedDB is left alone.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  for (const name of await caches.keys()) if (name.startsWith("visits-")) await caches.delete(name);
  await self.registration.unregister();
}
