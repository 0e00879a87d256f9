// The application: its frame, and which part of it belongs to which address.
import { Part, call, go, h, root, say, session, settings } from "./lib.js";
import "./parts.js";
import "./dropzone.js";
import "./form.js";
import "./requests.js";
import { again } from "./login.js";

class App extends Part {
  static style = `
    header { background: #3a3478; color: #fff; display: flex; gap: 26px; align-items: center; padding: 12px 30px; flex-wrap: wrap; }
    header strong { font-size: 19px; } header small { opacity: .75; }
    nav { display: flex; gap: 20px; } nav a { color: #fff; } nav a[aria-current] { font-weight: bold; }
    .who { margin-left: auto; } header button.link { color: #fff; }
    main { max-width: 960px; margin: 0 auto; padding: 26px; }
    footer { text-align: center; color: #66647e; font-size: 12px; padding: 14px; }`;
  async connectedCallback() {
    try {
      Object.assign(settings, await call("GET", "/settings"));
    } catch {
      // Without settings the page is as ever.
    }
    window.addEventListener("popstate", () => this.show());
    document.addEventListener("timed-out", async () => {
      await again();
      this.$("juniper-list, juniper-request")?.load();
      this.frame();
    });
    this.main = h("main");
    this.head = h("header");
    this.draw(this.head, this.main, h("footer", {}, "Juniper Health is made up. Everybody on these pages is, too."));
    this.show();
    if (settings.notice) this.notice();
  }
  notice() {
    const dialog = document.createElement("juniper-dialog");
    dialog.open("Our terms of use have changed", h("p", {}, "Please read the new terms before you go on. They are made up."),
      h("div", { class: "end" }, h("button", { type: "button", onclick: () => dialog.close() }, "Accept and continue")));
  }
  frame() {
    const link = (path, words) => h("a", { href: root + path, "aria-current": location.pathname === root + path ? "page" : null,
      onclick: (event) => { event.preventDefault(); go(path); } }, words);
    const out = async () => {
      await call("POST", "/logout").catch(() => null);
      session.end();
      go("/app/login");
    };
    const brand = h("strong", {}, "Juniper Health ", h("small", {}, "simulated"));
    if (!session.token) return this.head.replaceChildren(brand);
    this.head.replaceChildren(brand,
      h("nav", { "aria-label": "Main" }, link("/app/requests", say("My requests")), link("/app/requests/new", say("New request"))),
      h("span", { class: "who" }, session.account), h("button", { class: "link", type: "button", onclick: out }, "Log out"));
  }
  show() {
    const path = location.pathname.slice(root.length);
    if (!session.token && path !== "/app/login") {
      this.wanted = path;
      history.replaceState(null, "", `${root}/app/login`);
      return this.show();
    }
    this.frame();
    this.main.replaceChildren(...this.part(path));
  }
  part(path) {
    if (path === "/app/login") {
      const login = document.createElement("juniper-login");
      login.addEventListener("in", () => go(this.wanted ?? "/app/requests"));
      return [h("h1", {}, "Log in"), login];
    }
    if (path === "/app/requests/new") return [document.createElement("juniper-form")];
    if (path === "/app/requests") return [document.createElement("juniper-list")];
    return [h("juniper-request", { reference: decodeURIComponent(path.split("/").pop()) })];
  }
}

customElements.define("juniper-app", App);
