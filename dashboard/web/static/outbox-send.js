// Sending what waits: in the order of making, one at a time, each as often as it takes. The bank stores a key once.
"use strict";
const LONGEST = 30000; // ms a request may take; then it is tried again
let sending = false;
let reached = true; // whether the server took what it was last asked
let why = null; // why it did not, in its own words

// What the server says: {status, said}, or null when it cannot be reached or something else answers in its name.
async function talk(path, options = {}) {
  reached = false;
  why = null;
  if (!navigator.onLine) return null;
  try {
    const lang = document.documentElement.lang.slice(0, 2);
    const headers = { Accept: "application/json", ...options.headers };
    const common = { credentials: "same-origin", redirect: "error", cache: "no-store", signal: AbortSignal.timeout?.(LONGEST) };
    const answer = await fetch(`${path}?lang=${lang}`, { ...common, ...options, headers });
    if (answer.status === 401) {
      reached = true;
      return { status: 401, said: {} };
    }
    const said = await answer.json();
    reached = answer.status !== 503;
    why = said.later ?? null;
    return { status: answer.status, said };
  } catch {
    return null;
  }
}

// Who is signed in. Gives what stands in the way of sending, null when nothing does.
async function arrive() {
  const answer = await talk("/outbox/lists");
  if (answer?.status === 200 && answer.said.account) await arrived(answer.said);
  if (answer?.status === 401) await leave();
  return answer?.said.stop ?? null;
}

// Sends one; gives whether to go on with the next.
async function sendOne(entry) {
  const body = JSON.stringify(entry.stated);
  const headers = { "Content-Type": "application/json" };
  const answer = await talk("/outbox/entries", { method: "POST", headers, body });
  if (answer === null) return false;
  const { status, said } = answer;
  if (status === 200 && Number.isInteger(said.id)) {
    await settle(entry.key, { state: "sent", sent: Date.now(), reason: null });
  } else if (said.conflict) {
    await settle(entry.key, { state: "conflict", reason: said.conflict });
  } else if (said.refused) {
    await settle(entry.key, { state: "refused", reason: said.refused });
  } else if (status === 401) {
    await arrive(); // signed out, or another person is in by now
    return false;
  } else {
    return false;
  }
  return true;
}

// Sends everything of whoever is signed in; a fault of the network ends it, a refusal does not.
async function sendAll(progress) {
  if (sending) return;
  sending = true;
  try {
    let place = 0;
    for (;;) {
      const me = await recall("me");
      const entry = me && !me.out && navigator.onLine ? await nextToSend(me.account, place) : null;
      if (!entry || !(await sendOne(entry))) break;
      place = entry.place;
      await progress();
    }
  } finally {
    sending = false;
  }
}
