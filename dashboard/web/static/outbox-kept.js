// What this phone keeps: every entry until the bank has it, who writes here, and their customers while they are signed in.
//
// An entry: {key, account, state, place, touched, tries, typed, called, stated, reason, sent}. Its states: draft (being
// typed), waiting, sent, refused (by a rule; nothing was stored), conflict (its key holds other content). `typed` are the
// form's fields as they stand, `stated` is what is sent, `place` the order of making.
"use strict";
const DAY_LONG = 24 * 3600 * 1000;
let opened = null;

const ask = (request) =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

async function database() {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open("chenxi-outbox", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("entries", { keyPath: "key" });
      request.result.createObjectStore("phone"); // me, customers, last
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const base = await opened.catch((error) => {
    opened = null;
    throw error;
  });
  base.onclose = () => (opened = null);
  base.onversionchange = () => base.close();
  return base;
}

// Everything `work` asks for happens wholly or not at all, and is on the disk when this is done.
async function within(mode, work) {
  const transaction = (await database()).transaction(["entries", "phone"], mode, { durability: "strict" });
  const finished = new Promise((done, failed) => {
    transaction.oncomplete = done;
    transaction.onabort = () => failed(transaction.error ?? new Error("aborted"));
  });
  finished.catch(() => {});
  try {
    const answer = await work(transaction.objectStore("entries"), transaction.objectStore("phone"));
    await finished;
    return answer;
  } catch (error) {
    if (transaction.error === null) {
      try {
        transaction.abort();
      } catch {} // it has ended already
    }
    throw error;
  }
}

const reading = (work) => within("readonly", work);
const writing = (work) => within("readwrite", work);

// Random enough to be nobody else's; crypto.randomUUID is not there without https.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const remember = (name, value) => writing((_entries, phone) => ask(phone.put(value, name)));
const recall = (name) => reading((_entries, phone) => ask(phone.get(name)));
const everything = () => reading((entries) => ask(entries.getAll()));

// What is half typed. One that was sent meanwhile, in another tab, is not overwritten: this becomes a new entry.
function keepDraft(draft) {
  return writing(async (entries) => {
    const held = await ask(entries.get(draft.key));
    if (held && held.state !== "draft") draft.key = newKey();
    await ask(entries.put({ ...draft, state: "draft", touched: Date.now() }));
  });
}

// From the form to the list; a second tap, here or in another tab, finds it there and adds nothing.
function finish(draft) {
  return writing(async (entries) => {
    const all = await ask(entries.getAll());
    const held = all.find((one) => one.key === draft.key);
    if (held && held.state !== "draft") return;
    const place = draft.place ?? 1 + Math.max(0, ...all.map((one) => one.place ?? 0));
    await ask(entries.put({ ...draft, state: "waiting", place, tries: 0, reason: null }));
  });
}

// Only of these it is sure that the bank has stored nothing.
const changeable = ({ state, tries }) => ["draft", "refused"].includes(state) || (state === "waiting" && !tries);

// Back into the form.
function takeUp(key) {
  return writing(async (entries) => {
    const held = await ask(entries.get(key));
    if (!held || !changeable(held)) return null;
    const draft = { ...held, state: "draft", touched: Date.now() };
    await ask(entries.put(draft));
    return draft;
  });
}

// The next to be sent, in the order of making; from here on it may have arrived.
function nextToSend(account, after) {
  return writing(async (entries) => {
    const waits = (one) => one.account === account && one.state === "waiting" && one.place > after;
    const [next] = (await ask(entries.getAll())).filter(waits).sort((one, other) => one.place - other.place);
    if (next) await ask(entries.put({ ...next, tries: next.tries + 1 }));
    return next;
  });
}

// What became of it. Of one that the bank has, no more stays here than what it is known again by.
function settle(key, changes) {
  return writing(async (entries) => {
    const held = await ask(entries.get(key));
    if (!held || held.state !== "waiting") return;
    const bare = changes.state === "sent" ? { typed: null, stated: { kind: held.stated.kind, day: held.stated.day } } : {};
    await ask(entries.put({ ...held, ...changes, ...bare }));
  });
}

function sendAnew(key) {
  return writing(async (entries) => {
    const held = await ask(entries.get(key));
    if (!held || held.state !== "conflict") return;
    const fresh = newKey();
    const stated = { ...held.stated, key: fresh };
    await ask(entries.put({ ...held, key: fresh, stated, state: "waiting", tries: 0, reason: null }));
    await ask(entries.delete(key));
  });
}

// A draft whose fields were emptied again.
function dropDraft(key) {
  return writing(async (entries) => {
    const held = await ask(entries.get(key));
    if (held?.state === "draft") await ask(entries.delete(key));
  });
}

// To be called after the person has said twice that it can go. One that may have arrived stays.
function discard(key) {
  return writing(async (entries) => {
    const held = await ask(entries.get(key));
    if (held && (held.state === "conflict" || changeable(held))) await ask(entries.delete(key));
  });
}

// Somebody is signed in: their customers, and nobody else's.
function arrived({ account, name, customers }) {
  return writing(async (_entries, phone) => {
    await ask(phone.put({ account, name, out: false }, "me"));
    await ask(phone.put(customers, "customers"));
  });
}

// Nobody is: what is known of customers goes, what waits to be sent stays.
function leave() {
  return writing(async (entries, phone) => {
    const me = await ask(phone.get("me"));
    if (me) await ask(phone.put({ ...me, out: true }, "me"));
    await ask(phone.delete("customers"));
    for (const one of await ask(entries.getAll())) if (one.state === "sent") await ask(entries.delete(one.key));
  });
}

// What was sent is shown for a day.
function tidy() {
  return writing(async (entries) => {
    const old = (one) => one.state === "sent" && one.sent < Date.now() - DAY_LONG;
    for (const one of (await ask(entries.getAll())).filter(old)) await ask(entries.delete(one.key));
  });
}
