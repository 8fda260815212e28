// Keeps the app's own files, which carry a hash in their names, and one page to show without a network.
// Answers of the API, reports and data are never kept.
const shelf = "kliv-shell-1";
const page = "/offline-shell";
const filesMax = 200;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== shelf).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || url.pathname.startsWith("/api/")) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(networkFirst(request, request));
  else if (request.mode === "navigate" && isAppPage(url.pathname)) event.respondWith(networkFirst(request, page));
});

// Pages that the server writes (gallery, public reports, trust) may hold data: they are left to the browser.
function isAppPage(path) {
  return /^\/($|signin$|signup$|password$|databases|reports|tokens$|team$|account$)/.test(path);
}

async function networkFirst(request, key) {
  try {
    const answer = await fetch(request);
    if (answer.ok && answer.type === "basic") {
      const cache = await caches.open(shelf);
      await cache.put(key, answer.clone());
      const kept = await cache.keys();
      for (const old of kept.slice(0, Math.max(0, kept.length - filesMax))) await cache.delete(old);
    }
    return answer;
  } catch (error) {
    const kept = await caches.match(key);
    if (kept) return kept;
    throw error;
  }
}
