// The fields of the form, as the page says them (db.log.fields): which are asked, what is sent of them.
"use strict";
const FIELDS = JSON.parse(document.getElementById("outbox").dataset.fields);
const EARLIER = { amount: "amount_cents", need: "has_need" }; // what fields were called in a page kept before

// What the form says is asked where these facts hold: {consultation, named, new}.
const asked = (one, facts) => Object.entries(one.when).every(([fact, holds]) => facts[fact] === holds);

// What was typed into a page kept before, under the names of today. A tick that stood there by itself was no answer.
function renamed(values) {
  const now = Object.entries(values ?? {}).map(([name, value]) => [EARLIER[name] ?? name, value]);
  const typed = Object.fromEntries(now);
  if (typeof typed.met_decider === "boolean") typed.met_decider = typed.met_decider ? "" : "no";
  return typed;
}

// 12.5 (10,000 yuan) as cents; null for none, NaN for what is no amount.
function cents(text) {
  const plain = text.normalize("NFKC").replace(/[,，\s]/g, "");
  if (!plain) return null;
  const [all, whole, part = ""] = plain.match(/^(\d{1,9})(?:\.(\d{0,6}))?$/) ?? [];
  return all === undefined ? NaN : Number(whole) * 1e6 + Number(part.padEnd(6, "0"));
}

const ANSWERS = { yes: true, on: true, no: false };
const READ = {
  amount: cents,
  product: (text) => Number(text) || null,
  yes_no: (text) => ANSWERS[text] ?? null,
};

// The value of one field as it is sent; null where nobody said anything, or where it is not asked.
function value(one, values, facts) {
  const text = values[one.name] ?? "";
  if (!asked(one, facts)) return null;
  return READ[one.kind]?.(text) ?? (READ[one.kind] ? null : text.trim() || null);
}

// Whether nothing is in the form but what stands there by itself.
const empty = (values) => FIELDS.every((one) => OWN.includes(one.name) || one.usual || !values[one.name]?.trim()) && !values.customer?.trim();
const OWN = ["kind", "day", "time", "customer", "customer_name", "second_record"];
