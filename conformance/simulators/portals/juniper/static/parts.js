// Toasts, the modal dialog, and the box in which one types to search.
import { Part, call, h } from "./lib.js";

const TOAST_SECONDS = 5;
const DEBOUNCE = 300;

class Toasts extends Part {
  static style = `
    section { position: fixed; right: 22px; bottom: 22px; display: grid; gap: 10px; z-index: 30; }
    div { background: #27263a; color: #fff; padding: 12px 18px; border-radius: 10px; box-shadow: 0 6px 18px #0004; max-width: 400px; }
    div.bad { background: #8c1d18; }`;
  connectedCallback() { this.draw(h("section", { "aria-label": "Notifications" })); }
  show(text, bad) {
    const made = h("div", { role: bad ? "alert" : "status", class: bad ? "bad" : "good" }, text);
    this.$("section").append(made);
    setTimeout(() => made.remove(), TOAST_SECONDS * 1000);
  }
}

class Dialog extends Part {
  static style = `
    .veil { position: fixed; inset: 0; background: #27263a99; display: grid; place-items: center; z-index: 20; }
    .box { background: #fff; border-radius: 14px; padding: 24px 28px; width: min(460px, 92vw); }`;
  // Shows `children` under a title until close().
  open(title, ...children) {
    const box = h("div", { class: "box", role: "dialog", "aria-modal": "true", "aria-labelledby": "dialog-title" },
      h("h2", { id: "dialog-title" }, title), ...children);
    this.draw(h("div", { class: "veil" }, box));
    document.body.append(this);
    box.querySelector("input, button")?.focus();
    return this;
  }
  close() { this.remove(); }
}

// Asks a question; the promise holds whether the answer was yes.
export function confirmed(title, text, yes, no) {
  return new Promise((resolve) => {
    const dialog = document.createElement("juniper-dialog");
    const end = (answer) => () => { dialog.close(); resolve(answer); };
    dialog.open(title, h("p", {}, text), h("div", { class: "end" },
      h("button", { class: "quiet", type: "button", onclick: end(false) }, no),
      h("button", { type: "button", onclick: end(true) }, yes)));
  });
}

// A picture that a person must look at; the promise holds when it was met. `path` takes the answer.
export function puzzled(challenge, path) {
  return new Promise((resolve) => {
    const dialog = document.createElement("juniper-dialog");
    const error = h("p", { class: "error", role: "alert", hidden: true });
    const picture = h("img", { alt: "Puzzle", width: 360, height: 160 });
    const look = () => {
      picture.src = `${document.body.dataset.root}/api/challenges/${challenge}/picture?${Date.now()}`;
    };
    const answer = h("input", { id: "answer", inputmode: "numeric", autocomplete: "off" });
    const watch = setInterval(async () => {
      const told = await call("POST", path, {}).catch((refused) => ({ accepted: refused.status !== 410 }));
      if (!told.accepted) end(told);
    }, 1500);
    const end = (told) => { clearInterval(watch); dialog.close(); resolve(told); };
    const send = async (event) => {
      event.preventDefault();
      try {
        const told = await call("POST", path, { answer: answer.value });
        if (!told.accepted) end(told);
      } catch (refused) {
        Object.assign(error, { textContent: refused.message, hidden: false });
        look();
      }
    };
    dialog.open("Are you a person?", h("form", { onsubmit: send }, picture,
      h("label", { for: "answer" }, "How many triangles are in the picture?"), answer, error,
      h("p", { class: "end" }, h("button", {}, "Verify"))));
    look();
  });
}

let boxes = 0;

class Combobox extends Part {
  static style = `
    :host { display: block; position: relative; }
    ul { list-style: none; margin: 4px 0 0; padding: 4px; position: absolute; left: 0; right: 0; background: #fff; border: 1px solid #b9b8cc; border-radius: 8px; box-shadow: 0 6px 18px #0002; z-index: 10; max-height: 250px; overflow: auto; }
    li { padding: 7px 10px; border-radius: 6px; cursor: pointer; }
    li[aria-selected=true], li:hover { background: #eceafa; }
    li.none { color: #66647e; cursor: default; }`;
  #asked = 0;
  #timer = 0;
  value = "";
  connectedCallback() {
    if (this.$("input")) return;
    const name = `box-${++boxes}`;
    this.input = h("input", { id: name, role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": `${name}-list`, autocomplete: "off", placeholder: this.getAttribute("placeholder"),
      oninput: () => this.#typed(), onkeydown: (event) => this.#key(event), onblur: () => setTimeout(() => this.#close(), 200) });
    this.list = h("ul", { id: `${name}-list`, role: "listbox", "aria-label": this.getAttribute("label"), hidden: true });
    this.draw(h("label", { for: name }, this.getAttribute("label")), this.input, this.list);
  }
  clear() { this.value = ""; this.input.value = ""; this.#close(); }
  #typed() {
    this.value = "";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#search(), DEBOUNCE);
  }
  async #search() {
    const query = this.input.value.trim();
    const mine = ++this.#asked;
    if (query.length < Number(this.getAttribute("shortest") ?? 1)) return this.#close();
    let found;
    try {
      found = await call("GET", `${this.getAttribute("source")}?q=${encodeURIComponent(query)}`);
    } catch {
      return this.#close();
    }
    if (mine !== this.#asked) return;
    const options = found.map((each) => h("li", { role: "option", "aria-selected": "false",
      onmousedown: (event) => { event.preventDefault(); this.#choose(each); } }, `${each.id} - ${each.name}`));
    options.forEach((option, place) => { option.entry = found[place]; });
    this.list.replaceChildren(...(options.length ? options : [h("li", { class: "none" }, "Nothing found")]));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }
  #choose(entry) {
    this.value = entry.id;
    this.input.value = `${entry.id} - ${entry.name}`;
    this.#close();
    this.dispatchEvent(new CustomEvent("chosen", { detail: entry }));
  }
  #close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }
  #key(event) {
    const options = [...this.list.querySelectorAll("[role=option]")];
    const at = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (event.key === "Escape") this.#close();
    if (event.key === "Enter") {
      event.preventDefault();
      if (at >= 0) this.#choose(options[at].entry);
    }
    if (!["ArrowDown", "ArrowUp"].includes(event.key) || !options.length) return;
    event.preventDefault();
    options[at]?.setAttribute("aria-selected", "false");
    const next = (at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
    options[next].setAttribute("aria-selected", "true");
    options[next].scrollIntoView({ block: "nearest" });
  }
}

customElements.define("juniper-toasts", Toasts);
customElements.define("juniper-dialog", Dialog);
customElements.define("juniper-combobox", Combobox);
