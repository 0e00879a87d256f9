// Where files are dropped. Behind it is an ordinary file input; each file is uploaded at once.
import { Part, call, h } from "./lib.js";

export const KINDS = { notes: "Chart notes", labs: "Laboratory results", letter: "Letter of medical necessity", imaging: "Imaging report", other: "Other" };

class Dropzone extends Part {
  static style = `
    .zone { border: 2px dashed #b9b8cc; border-radius: 12px; padding: 22px; text-align: center; color: #66647e; cursor: pointer; }
    .zone.over { border-color: #5b50b8; background: #f2f0fc; }
    ul { list-style: none; padding: 0; margin: 12px 0 0; }
    li { display: grid; grid-template-columns: 1fr 240px auto; gap: 12px; align-items: center; padding: 6px 0; border-bottom: 1px solid #eee; }`;
  #files = [];
  connectedCallback() {
    if (this.$(".zone")) return;
    const input = h("input", { type: "file", multiple: true, hidden: true, accept: ".pdf,.png,.jpg,.jpeg",
      onchange: () => { this.#take([...input.files]); input.value = ""; } });
    const open = () => input.click();
    const zone = h("div", { class: "zone", role: "button", tabindex: "0", onclick: open,
      onkeydown: (event) => event.key === "Enter" && open(),
      ondragover: (event) => { event.preventDefault(); zone.classList.add("over"); },
      ondragleave: () => zone.classList.remove("over"),
      ondrop: (event) => {
        event.preventDefault();
        zone.classList.remove("over");
        this.#take([...event.dataTransfer.files]);
      } }, "Drop files here or browse");
    this.list = h("ul", { "aria-label": "Documents" });
    this.said = h("p", { class: "error", role: "alert", hidden: true });
    this.draw(zone, input, this.list, this.said);
  }
  get documents() { return this.#files.map((each) => ({ id: each.id, kind: each.select.value })); }
  get busy() { return this.list.querySelector("[aria-busy=true]") !== null; }
  clear() { this.#files = []; this.list.replaceChildren(); this.#refuse(""); }
  #refuse(text) { Object.assign(this.said, { textContent: text, hidden: !text }); }
  async #take(files) {
    this.#refuse("");
    for (const file of files) {
      const item = h("li", { "aria-busy": "true" }, h("span", {}, `${file.name} is being uploaded`));
      this.list.append(item);
      const form = new FormData();
      form.append("file", file);
      try {
        const told = await call("POST", "/documents", form);
        this.#list(item, told);
      } catch (refused) {
        item.remove();
        this.#refuse(`${file.name}: ${refused.message}`);
      }
    }
  }
  #list(item, told) {
    const select = h("select", { "aria-label": `Document type for ${told.name}` }, h("option", { value: "" }, "Document type"),
      ...Object.entries(KINDS).map(([kind, words]) => h("option", { value: kind }, words)));
    const entry = { id: told.id, select };
    const remove = () => { this.#files = this.#files.filter((each) => each !== entry); item.remove(); };
    item.removeAttribute("aria-busy");
    item.replaceChildren(h("span", {}, `${told.name} (${told.size} bytes)`), select,
      h("button", { type: "button", class: "link", "aria-label": `Remove ${told.name}`, onclick: remove }, "Remove"));
    this.#files.push(entry);
  }
}

customElements.define("juniper-dropzone", Dropzone);
