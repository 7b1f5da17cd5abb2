// A note that is kept while it is typed: sent when a moment passes without a key, when the field is left and before
// Ctrl+Enter takes the meeting on; and held in this browser until the server has it, so that no reload loses it.
export default function ({ parentElement, data, setStateValue }) {
  const field = parentElement.querySelector("textarea");
  field.placeholder = data.placeholder;
  field.setAttribute("aria-label", data.label);
  const held = (field.held ??= { base: null, timer: 0, composing: false, reset: data.reset });
  const name = `chenxi note ${data.id}`;
  const remember = (text) => {
    try {
      if (text === null) localStorage.removeItem(name);
      else localStorage.setItem(name, JSON.stringify({ text, base: held.base }));
    } catch { /* a browser that keeps nothing */ }
  };
  const remembered = () => {
    try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
  };
  const grow = () => { field.style.height = "auto"; field.style.height = `${Math.max(field.scrollHeight + 2, 84)}px`; };
  const send = () => {
    clearTimeout(held.timer);
    if (held.composing || field.value === held.sent) return;
    held.sent = field.value;
    setStateValue("typed", { text: field.value, base: held.base, at: Date.now() });
  };

  if (held.reset !== data.reset) { // what was typed here is given up
    held.reset = data.reset;
    held.base = field.value = held.sent = data.text;
    remember(null);
  } else if (held.base === null) { // first seen
    const own = remembered();
    held.base = held.sent = field.value = data.text;
    if (own && own.text !== data.text) {
      held.base = own.base;
      field.value = own.text;
      held.timer = setTimeout(send, 50);
    } else remember(null);
  } else if (data.text === held.sent || data.text === field.value) { // the server has it
    held.base = data.text;
    if (field.value === data.text) remember(null);
  } else if (field.value === held.base && parentElement.activeElement !== field) { // written on another device
    held.base = field.value = held.sent = data.text;
  }
  grow();

  if (!field.bound) {
    field.bound = true;
    field.addEventListener("compositionstart", () => { held.composing = true; });
    field.addEventListener("compositionend", () => { held.composing = false; field.dispatchEvent(new Event("input")); });
    field.addEventListener("input", () => {
      grow();
      remember(field.value);
      clearTimeout(held.timer);
      if (!held.composing) held.timer = setTimeout(() => field.send(), 600);
    });
    field.addEventListener("blur", () => field.send());
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) field.send();
    });
  }
  field.send = send;
}
