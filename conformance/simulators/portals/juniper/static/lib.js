// What all parts of the page use: elements, calls, words, and where one is.
export const root = document.body.dataset.root;
const KEPT = "juniper.token";

export function h(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((each) => each !== null));
  return made;
}

export const settings = { labels: {}, birth_date: true, notice: false };
export const say = (words) => settings.labels[words] ?? words;

export const session = {
  get token() { return sessionStorage.getItem(KEPT); },
  begin({ token, account }) {
    sessionStorage.setItem(KEPT, token);
    sessionStorage.setItem("juniper.account", account);
  },
  end() { sessionStorage.clear(); },
  get account() { return sessionStorage.getItem("juniper.account"); },
};

export class Refused extends Error {
  constructor(status, told) {
    super(told.message ?? "Something went wrong. Please try again.");
    this.status = status;
    this.errors = told.errors ?? {};
    this.challenge = told.challenge;
  }
}

// Calls the server. A call that is not answered in order throws Refused; of status 0 where nothing was heard at all.
export async function call(method, path, body = undefined, headers = {}) {
  const sent = { method, headers: { ...headers } };
  if (session.token) sent.headers.Authorization = `Bearer ${session.token}`;
  if (body instanceof FormData) sent.body = body;
  else if (body !== undefined) {
    sent.headers["Content-Type"] = "application/json";
    sent.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(`${root}/api${path}`, sent);
  } catch {
    throw new Refused(0, {});
  }
  let told = {};
  try {
    told = answer.status === 204 ? {} : await answer.json();
  } catch {
    if (answer.status !== 202) throw new Refused(answer.status, {});
  }
  if (!answer.ok) {
    if (answer.status === 401 && !path.startsWith("/login")) {
      session.end();
      document.dispatchEvent(new CustomEvent("timed-out"));
    }
    throw new Refused(answer.status, told);
  }
  return answer.status === 202 ? { ...told, accepted: true } : told;
}

export function toast(text, bad = false) {
  document.querySelector("juniper-toasts").show(text, bad);
}

export function go(path) {
  history.pushState(null, "", root + path);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  :host { font: 15px/1.5 "Liberation Sans", Arial, sans-serif; color: #27263a; }
  * { box-sizing: border-box; }
  h1 { font-size: 25px; font-weight: 600; margin: 0 0 16px; }
  h2 { font-size: 17px; margin: 0 0 12px; }
  label, .label { display: block; font-size: 13px; font-weight: 600; color: #4d4b66; margin-bottom: 4px; }
  input, select, textarea { width: 100%; font: inherit; padding: 8px 11px; border: 1px solid #b9b8cc; border-radius: 8px; background: #fff; }
  input:focus, select:focus, textarea:focus { outline: 2px solid #5b50b8; border-color: transparent; }
  button, .button { font: inherit; padding: 8px 18px; border-radius: 8px; border: 1px solid #5b50b8; background: #5b50b8; color: #fff; cursor: pointer; text-decoration: none; }
  button.quiet { background: #fff; color: #5b50b8; }
  button.link { border: none; background: none; color: #5b50b8; padding: 2px 6px; }
  button:disabled { opacity: .5; cursor: default; }
  .error { color: #b3261e; font-size: 13px; margin: 4px 0 0; }
  .card { background: #fff; border: 1px solid #e1e1ec; border-radius: 12px; padding: 18px 22px; margin-bottom: 18px; }
  .row { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px 18px; margin-bottom: 12px; align-items: start; }
  .hint { color: #66647e; font-size: 13px; }
  .end { display: flex; gap: 12px; justify-content: flex-end; align-items: center; }
`);

// A part of the page: renders itself into a shadow of its own.
export class Part extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" });
    const own = new CSSStyleSheet();
    own.replaceSync(this.constructor.style ?? "");
    this.shadowRoot.adoptedStyleSheets = [sheet, own];
  }
  draw(...children) { this.shadowRoot.replaceChildren(...children.filter((each) => each !== null)); }
  $(selector) { return this.shadowRoot.querySelector(selector); }
}

// A field with its label; what is wrong with it is said below.
export function field(name, label, input, hint = "") {
  input.id = `field-${name}`;
  return h("div", { class: "field", "data-field": name },
    h("label", { for: input.id }, label), input, hint ? h("span", { class: "hint" }, hint) : null,
    h("p", { class: "error", id: `${input.id}-error`, hidden: true }));
}

// Says what is wrong at each field inside `place`; what has no field of its own is returned.
export function mark(place, errors) {
  const left = { ...errors };
  for (const box of place.querySelectorAll("[data-field]")) {
    const text = errors[box.dataset.field];
    const said = box.querySelector(".error");
    said.textContent = text ?? "";
    said.hidden = !text;
    const input = box.querySelector("input, select, textarea, juniper-combobox, juniper-dropzone");
    text ? input?.setAttribute("aria-invalid", "true") : input?.removeAttribute("aria-invalid");
    delete left[box.dataset.field];
  }
  return Object.values(left);
}
