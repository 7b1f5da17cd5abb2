// The page: one form, kept while it is typed, and the list of what is on this phone. Stored text is set as text alone.
"use strict";
const EVERY = 20000; // ms between tries while something waits
const BANK_TIME = 8 * 3600 * 1000; // Asia/Shanghai is UTC+8 all year
const at = (id) => document.getElementById(id);
const form = at("form");
const field = (name) => form.elements.namedItem(name);
const WORDS = Object.fromEntries(
  [...at("words").content.querySelectorAll("[data-word]")].map((one) => [one.dataset.word, one.textContent]),
);
const saying = (word, values = {}) => WORDS[word].replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
let leaving = null; // the entry that may go once more is said, however often the list is drawn meanwhile
let me = null; // {account, name, out}
let customers = new Map(); // what the field says → id
let draft = null; // the entry in the form
let stop = null; // why nothing can be sent, in the server's words

const bankTime = (moment) => new Date(moment + BANK_TIME).toISOString();
const show = (element, shown) => (element.hidden = !shown);
function tell(element, text) {
  element.textContent = text ?? "";
  show(element, Boolean(text));
}

// -- the form ----------------------------------------------------------------------------------------------------------

const typed = () => Object.fromEntries(new FormData(form));

// What decides which fields are asked.
function factsOf(values) {
  const name = (values.customer ?? "").trim();
  return { consultation: values.kind === "consultation", named: Boolean(name), new: Boolean(name) && !customers.has(name) };
}

function fill(values) {
  form.reset();
  for (const [name, value] of Object.entries(renamed(values))) {
    const one = field(name);
    if (one?.type === "checkbox") one.checked = value === true || value === "on";
    else if (one) one.value = value;
  }
  at("more").open = Boolean(values.day || values.time);
  tell(at("reason"), draft.reason);
  tell(at("wrong"));
  suit();
}

// Shows the fields that what happened asks for.
function suit() {
  const values = typed();
  const facts = factsOf(values);
  const shown = {
    other: values.kind === "other",
    contact: facts.consultation && !facts.named,
    "new-customer": facts.new,
    named: facts.named,
    "second-record": draft?.reason && values.phone,
  };
  for (const part of form.querySelectorAll("[data-for]")) show(part, shown[part.dataset.for]);
  for (const one of FIELDS) {
    const part = form.querySelector(`[data-field=${one.name}]`);
    if (part) show(part, asked(one, facts));
  }
  show(at("aside"), !empty(values));
}

// Opens the form: on what was left unfinished last, else on a new entry with a key of its own.
async function open(held) {
  draft = held ?? { key: newKey(), account: me.account, reason: null };
  const last = held ? {} : ((await recall("last")) ?? {});
  fill(held?.typed ?? last);
  show(form, true);
}

async function keep() {
  suit();
  const values = typed();
  if (empty(values) && !draft.reason) await kept(dropDraft(draft.key));
  else await kept(keepDraft(Object.assign(draft, { typed: values, called: values.customer.trim() })));
}

// Says so if the phone does not take it: then nothing here may look as if it had.
async function kept(writing) {
  try {
    await writing;
    return true;
  } catch {
    tell(at("wrong"), saying("not-kept"));
    return false;
  }
}

// What is sent (dashboard/web/submission.py). The day and time are those of now, unless told otherwise.
function stated(values) {
  const now = bankTime(Date.now());
  const name = values.customer.trim();
  const known = customers.get(name);
  const facts = factsOf(values);
  return {
    ...Object.fromEntries(FIELDS.map((one) => [one.name, value(one, values, facts)])),
    key: draft.key,
    account: draft.account,
    kind: values.kind === "other" ? values.step : values.kind,
    day: values.day || now.slice(0, 10),
    time: values.time || (values.day ? null : now.slice(11, 19)),
    customer: known ?? null,
    customer_name: known ? null : name || null,
    need_recorded: null,
    second_record: values.second_record ? true : null,
  };
}

// What keeps the form from being sent, in words; null when nothing does.
function lacking(values) {
  const facts = factsOf(values);
  if (empty(values)) return saying("empty");
  if (FIELDS.some((one) => Number.isNaN(value(one, values, facts)))) return saying("amount");
  return FIELDS.find((one) => one.required && asked(one, facts) && value(one, values, facts) === null)?.required ?? null;
}

async function record(event) {
  event.preventDefault();
  const values = typed();
  const wrong = lacking(values);
  tell(at("wrong"), wrong);
  if (wrong || at("record").disabled) return;
  at("record").disabled = true;
  try {
    const content = stated(values);
    const about = { typed: { ...values, day: content.day, time: content.time?.slice(0, 5) ?? "" }, stated: content };
    if (!(await kept(finish({ ...draft, ...about, called: values.customer.trim() })))) return;
    await remember("last", { method: values.method, channel: values.channel });
    await open(null);
  } finally {
    at("record").disabled = false;
  }
  navigator.storage?.persist?.();
  await draw();
  at("entries").querySelector("li")?.scrollIntoView({ block: "nearest" });
  await send();
}

// -- the list ----------------------------------------------------------------------------------------------------------

const ORDER = ["conflict", "refused", "draft", "waiting", "sent"];
const SIGN = { conflict: "▲", refused: "×", draft: "…", waiting: "○", sent: "√" };

// The kind of an entry in words, as its button says it.
function spoken(kind) {
  const option = form.querySelector(`input[name=kind][value="${kind}"] + span, #step option[value="${kind}"]`);
  return option?.textContent ?? "";
}

function row(entry) {
  const line = at("row").content.cloneNode(true).firstElementChild;
  const part = (name) => line.querySelector(`.${name}`);
  const values = entry.stated ?? {};
  const kind = values.kind ?? (entry.typed?.kind === "other" ? entry.typed.step : entry.typed?.kind);
  const product = [...field("product").options].find((one) => one.value && one.value === String(values.product));
  const amount = values.amount_cents ? `${values.amount_cents / 1e6} ${saying("unit")}` : null;
  const about = [values.day, values.time?.slice(0, 5), product?.textContent, amount, values.note];
  line.dataset.state = entry.state;
  part("what").textContent = `${spoken(kind)} · ${entry.called || saying("nobody")}`;
  part("about").textContent = about.filter(Boolean).join(" · ");
  const time = entry.sent ? bankTime(entry.sent).slice(11, 16) : "";
  part("state").textContent = `${SIGN[entry.state]} ${saying(entry.state, { time })}`;
  tell(part("why"), entry.reason);
  const take = async () => {
    const held = await takeUp(entry.key);
    if (held) await open(held);
    await draw();
    form.scrollIntoView();
  };
  const doing = {
    draft: [["go-on", take]],
    refused: [["mend", take]],
    conflict: [["anew", () => sendAnew(entry.key).then(send)]],
    waiting: entry.tries ? [] : [["change", take]],
    sent: [],
  }[entry.state];
  if (doing.length) doing.push(["discard", () => askTwice(part("people"), entry.key)]);
  if (entry.key === leaving) askTwice(part("people"), entry.key);
  else part("people").replaceChildren(...doing.map(([word, does]) => button(word, does)));
  return line;
}

function button(word, does) {
  const one = document.createElement("button");
  one.type = "button";
  one.textContent = saying(word);
  one.addEventListener("click", does);
  return one;
}

function askTwice(place, key) {
  leaving = key;
  const answered = () => {
    leaving = null;
    return draw();
  };
  const really = button("really", () => discard(key).then(answered));
  really.className = "bad";
  place.replaceChildren(really, button("keep", answered));
}

async function draw() {
  const all = await everything();
  const own = all.filter((one) => me && one.account === me.account);
  const waiting = own.filter((one) => ["waiting", "refused", "conflict"].includes(one.state)).length;
  const others = all.filter((one) => one.account !== me?.account && one.state !== "sent").length;
  const listed = own.filter((one) => one.key !== draft?.key && !me.out);
  listed.sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state) || placed(one) - placed(other));
  at("entries").replaceChildren(...listed.map(row));
  show(at("kept"), listed.length > 0);
  tell(at("who"), me ? saying("for", { name: `${me.name}（${me.account}）` }) : null);
  tell(at("others"), others ? saying("others", { number: others }) : null);
  const state = !navigator.onLine ? "offline" : reached ? "online" : "busy";
  at("net").dataset.state = state;
  const number = own.filter((one) => one.state === "waiting").length;
  at("net").textContent = [why ? saying("later", { why }) : saying(state), number && saying("wait", { number })].filter(Boolean).join(" · ");
  tell(at("notice"), me?.out ? saying("out", { number: waiting }) : (stop ?? (me ? null : saying("unknown"))));
  if (me?.out) {
    const link = document.createElement("a");
    link.href = "/account/sign-in?next=/outbox";
    link.textContent = saying("sign-in");
    at("notice").append(" ", link);
  }
}

// What waits in the order of making; what was sent, the latest first.
const placed = (entry) => (entry.state === "sent" ? -entry.place : (entry.place ?? 0));

// -- who writes, and when it is sent ------------------------------------------------------------------------------------

// Takes over who is signed in. The form goes on with what they have left unfinished; nobody sees what is another's.
async function settleIn() {
  const before = me;
  me = (await recall("me")) ?? null;
  customers = new Map();
  for (const { customer, customer_name: name, tail } of (await recall("customers")) ?? []) {
    const called = tail ? `${name} · ${tail}` : name;
    customers.set(customers.has(called) ? `${called} · ${customer}` : called, customer);
  }
  at("customers").replaceChildren(...[...customers.keys()].map((called) => new Option(called, called)));
  if (!me) return;
  const returned = before?.out && !me.out && empty(typed());
  if (draft && draft.account === me.account && !returned) {
    suit();
    return;
  }
  const left = (await everything()).filter((one) => one.account === me.account && one.state === "draft" && !me.out);
  await open(left.sort((one, other) => other.touched - one.touched)[0]);
}

async function send() {
  await draw();
  await sendAll(draw);
  await settleIn();
  await draw();
}

async function look() {
  stop = await arrive();
  await settleIn();
  if (stop) await draw();
  else await send();
}

async function start() {
  form.addEventListener("submit", record);
  form.addEventListener("input", () => keep());
  at("aside").addEventListener("click", () => open(null).then(draw));
  await tidy();
  await settleIn();
  await draw();
  addEventListener("online", look);
  addEventListener("offline", draw);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  setInterval(async () => {
    const waits = (await everything()).some((one) => one.account === me?.account && one.state === "waiting");
    if (waits && !stop) await (reached && !me.out ? send() : look());
  }, EVERY);
  await look();
}

function keepThePage() {
  const { version, worker } = at("outbox").dataset;
  const none = () => show(at("unready"), true);
  if (!navigator.serviceWorker) none();
  else navigator.serviceWorker.register(`${worker}?v=${version}`, { scope: "/outbox" }).catch(none);
}

keepThePage();
start().catch(() => tell(at("notice"), saying("nothing-kept")));
