// Keeps the outbox page, and nothing else, so that it opens without a network. What it keeps is the same for everybody.
const VERSION = new URL(self.location).searchParams.get("v");
const KEPT = `chenxi-outbox-${VERSION}`;
const PAGE = "/outbox";
const PATIENCE = 3000; // ms a poor network has, before the kept page is shown
const files = (names, query = "") => names.map((name) => `/account/files/${name}${query}`);
const FILES = [
  ...files(["account.css", "logo.svg"]),
  ...files(["outbox.css", "outbox-kept.js", "outbox-send.js", "outbox-fields.js", "outbox.js"], `?v=${VERSION}`),
];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(KEPT)
      .then((kept) => kept.addAll([PAGE, ...FILES]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("chenxi-outbox-") && name !== KEPT;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { pathname, search } = new URL(event.request.url);
  if (event.request.mode === "navigate" && pathname === PAGE) {
    event.respondWith(page(event));
  } else if (FILES.includes(pathname + search)) {
    event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
  }
});

// The page as the server has it, which may also lead to the sign-in; as it was kept, when the server is out of reach.
async function page(event) {
  const kept = await caches.match(PAGE);
  const fresh = fetch(event.request).then(async (answer) => {
    if (answer.ok && answer.headers.get("X-Chenxi-Outbox") === VERSION) {
      await (await caches.open(KEPT)).put(PAGE, answer.clone());
    }
    return answer;
  });
  if (!kept) return fresh;
  const late = new Promise((done) => setTimeout(done, PATIENCE, kept));
  const reached = fresh.then((answer) => (answer.status >= 500 ? kept : answer)).catch(() => kept);
  event.waitUntil(reached);
  return Promise.race([reached, late]);
}
