// The list of requests, and one request with its course.
import { Part, call, field, go, h, mark, root, say, toast } from "./lib.js";

const PHONE = "800-555-0181";
const time = (text) => new Date(text).toLocaleString("en-US", { dateStyle: "medium", timeStyle: "short" });

function table(label, heads, rows) {
  return h("table", { "aria-label": label },
    h("thead", {}, h("tr", {}, ...heads.map((each) => h("th", { scope: "col" }, each)))),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((each) => h("td", {}, each))))));
}

const TABLE = `
  table { width: 100%; border-collapse: collapse; font-size: 14px; }
  th, td { text-align: left; padding: 8px; border-bottom: 1px solid #e9e9f1; }
  th { color: #66647e; font-size: 13px; }
  .badge { background: #eceafa; border-radius: 12px; padding: 2px 12px; font-weight: 600; }`;

class List extends Part {
  static style = TABLE;
  #asked = 0;
  connectedCallback() {
    let timer = 0;
    this.filter = h("input", { class: "filter", type: "search", placeholder: "Filter by member ID",
      oninput: () => { clearTimeout(timer); timer = setTimeout(() => this.load(), 300); } });
    this.place = h("div", { "aria-busy": "true" });
    this.more = h("button", { type: "button", class: "quiet", hidden: true, onclick: () => this.#page() }, "Load more");
    this.draw(h("h1", {}, say("My requests")), h("div", { class: "card" }, this.filter, this.place, h("p", {}, this.more)));
    this.load();
  }
  load() {
    this.rows = [];
    this.next = 0;
    return this.#page();
  }
  async #page() {
    const mine = ++this.#asked;
    this.place.setAttribute("aria-busy", "true");
    let told;
    try {
      told = await call("GET", `/requests?member=${encodeURIComponent(this.filter.value)}&from=${this.next}`);
    } catch (refused) {
      if (refused.status !== 401) toast(refused.message, true);
      return;
    }
    if (mine !== this.#asked) return;
    this.rows.push(...told.items);
    this.next = told.next;
    this.more.hidden = told.next === null;
    const link = (each) => h("a", { href: `${root}/app/requests/${each.reference}`,
      onclick: (event) => { event.preventDefault(); go(`/app/requests/${each.reference}`); } }, each.reference);
    this.place.replaceChildren(this.rows.length
      ? table("Requests", ["Request", "Member ID", "Member name", "Procedures", "Start date", "Submitted", say("Status")],
        this.rows.map((each) => [link(each), each.member, each.name, each.codes.join(", "), each.start, time(each.submitted),
          h("span", { class: "badge" }, each.status)]))
      : h("p", { role: "status" }, "No requests."));
    this.place.setAttribute("aria-busy", "false");
  }
}

class Request extends Part {
  static style = `${TABLE}
    dl { display: grid; grid-template-columns: 200px 1fr; gap: 6px; margin: 0; } dt { color: #66647e; } dd { margin: 0; }
    ol { list-style: none; padding: 0 0 0 14px; border-left: 3px solid #d5d2f0; } ol li { padding: 4px 0; } time { color: #66647e; margin-right: 10px; }`;
  connectedCallback() { this.load(); }
  async load() {
    try {
      this.show(await call("GET", `/requests/${encodeURIComponent(this.getAttribute("reference"))}`));
    } catch (refused) {
      if (refused.status !== 401) this.draw(h("h1", {}, "Request"), h("p", { role: "alert" }, refused.message));
    }
  }
  show(told) {
    const pairs = { Request: told.reference, [say("Status")]: h("span", { class: "badge" }, told.status),
      [say("Certification number")]: told.certification || "Not assigned", "Member ID": told.member, "Member name": told.name,
      "Date of birth": told.birth_date, Submitted: time(told.submitted) };
    const card = (title, ...children) => h("section", { class: "card", "aria-label": title }, h("h2", {}, title), ...children);
    this.draw(h("h1", {}, `Request ${told.reference}`),
      card("Summary", h("dl", {}, ...Object.entries(pairs).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]))),
      card("Services", table("Services", ["Procedure", "Description", "Units requested", "Units certified", "From", "To", say("Status")],
        told.services.map((each) => [each.code, each.name, each.units, each.granted ?? "-", each.start, each.end, each.status]))),
      told.notes.length ? card("Messages", h("ul", {}, ...told.notes.map((each) => h("li", {}, each)))) : null,
      told.asked.length ? this.#information(told, card) : null,
      card("Documents", told.documents.length
        ? h("ul", {}, ...told.documents.map((each) => h("li", {}, `${each.name} (${each.kind}, ${each.size} bytes)`)))
        : h("p", {}, "None.")),
      card("Timeline", h("ol", { "aria-label": "Timeline" },
        ...told.timeline.map((each) => h("li", {}, h("time", { datetime: each.at }, time(each.at)), each.what)))),
      h("p", { class: "hint" }, `Requests cannot be cancelled here. Call us at ${PHONE}.`));
  }
  #information(told, card) {
    const documents = h("juniper-dropzone");
    const comment = h("textarea", { rows: 3 });
    const button = h("button", { type: "button" }, "Send information");
    const place = card("Information needed", h("ul", {}, ...told.asked.map((each) => h("li", {}, each))),
      h("div", { "data-field": "documents" }, documents, h("p", { class: "error", hidden: true })), field("comment", "Comment", comment),
      h("div", { class: "end" }, button));
    button.addEventListener("click", async () => {
      if (documents.busy) return toast("Wait until the documents are uploaded.", true);
      button.disabled = true;
      try {
        const fresh = await call("POST", `/requests/${told.reference}/information`, { comment: comment.value, documents: documents.documents });
        toast(`Information for ${told.reference} was sent.`);
        return this.show(fresh);
      } catch (refused) {
        const left = mark(place, refused.errors);
        if (refused.status !== 401) toast([refused.message, ...left].join(" "), true);
      }
      button.disabled = false;
    });
    return place;
  }
}

customElements.define("juniper-list", List);
customElements.define("juniper-request", Request);
