// The login: a page of its own, and over a form whose session has timed out.
import { Part, call, h, session } from "./lib.js";
import { puzzled } from "./parts.js";

class Login extends Part {
  static style = `form { max-width: 380px; } input { margin-bottom: 12px; }`;
  connectedCallback() {
    const error = h("p", { class: "error", role: "alert", hidden: true });
    const name = h("input", { id: "username", autocomplete: "username" });
    const password = h("input", { id: "password", type: "password", autocomplete: "current-password" });
    const button = h("button", {}, "Log in");
    const status = h("p", { role: "status", class: "hint" });
    const send = async (event) => {
      event.preventDefault();
      error.hidden = button.disabled = true;
      try {
        let told = await call("POST", "/login", { username: name.value, password: password.value });
        if (told.accepted) told = await this.#challenged(told, status);
        if (!told.token) throw new Error("It was not done in time.");
        session.begin(told);
        this.dispatchEvent(new CustomEvent("in"));
      } catch (refused) {
        Object.assign(error, { textContent: refused.message, hidden: false });
      }
      status.textContent = "";
      button.disabled = false;
    };
    this.draw(h("form", { onsubmit: send }, error, h("label", { for: "username" }, "User name"), name,
      h("label", { for: "password" }, "Password"), password, h("div", { class: "end" }, button), status));
  }
  async #challenged({ challenge, form }, status) {
    const path = `/login/${challenge}`;
    if (form === "captcha") return puzzled(challenge, path);
    status.textContent = "Approve the login in the app on your telephone. This page goes on by itself.";
    for (;;) {
      const told = await call("POST", path, {});
      if (!told.accepted) return told;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

// Logs in again over whatever is there; the promise holds when it is done.
let over = null;
export function again() {
  over ??= new Promise((resolve) => {
    const dialog = document.createElement("juniper-dialog");
    const login = document.createElement("juniper-login");
    login.addEventListener("in", () => { dialog.close(); over = null; resolve(); });
    dialog.open("Your session has timed out", h("p", {}, "Log in to go on where you were."), login);
  });
  return over;
}

customElements.define("juniper-login", Login);
