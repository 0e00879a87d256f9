// A new request: one page, everything on it.
import { Part, call, field, go, h, mark, say, settings, toast } from "./lib.js";
import { confirmed, puzzled } from "./parts.js";

const PLACES = { 11: "Office", 12: "Home", 19: "Off-campus outpatient hospital", 22: "On-campus outpatient hospital", 49: "Independent clinic" };
const MOST_SERVICES = 6;

function options(entries) {
  return [h("option", { value: "" }, "Choose..."), ...Object.entries(entries).map(([value, words]) => h("option", { value }, words))];
}

class Form extends Part {
  static style = `
    .chips { list-style: none; padding: 0; margin: 8px 0 0; display: flex; flex-wrap: wrap; gap: 8px; }
    .chips li { background: #eceafa; border-radius: 16px; padding: 3px 6px 3px 14px; }
    fieldset { border: 1px solid #e1e1ec; border-radius: 10px; margin: 0 0 14px; padding: 12px 16px; }
    legend { font-weight: 600; padding: 0 6px; }
    output { display: block; color: #1e6b3a; font-size: 14px; min-height: 21px; }`;
  #number = crypto.randomUUID();
  #diagnoses = [];
  #services = [];

  connectedCallback() {
    this.member = h("juniper-combobox", { label: say("Member"), source: "/members", shortest: "3", placeholder: "Member ID", onchosen: () => this.#look() });
    this.birth = h("input", { type: "date", onchange: () => this.#look() });
    this.found = h("output", { "aria-label": "Eligibility" });
    this.npi = h("input", { inputmode: "numeric", autocomplete: "off" });
    this.rendering = h("input", { inputmode: "numeric", autocomplete: "off" });
    this.phone = h("input", { placeholder: "Callback phone", autocomplete: "off" });
    this.priority = h("select", {}, ...options({ standard: "Standard", expedited: "Expedited" }));
    this.diagnosis = h("juniper-combobox", { label: "Diagnosis code", source: "/codes/diagnoses", placeholder: "Code or name", onchosen: (event) => this.#diagnose(event.detail) });
    this.chips = h("ul", { class: "chips", "aria-label": "Diagnoses" });
    this.services = h("div");
    this.documents = h("juniper-dropzone");
    this.comments = h("textarea", { rows: 3 });
    this.send = h("button", { type: "button", onclick: () => this.#submit() }, say("Submit request"));
    const error = () => h("p", { class: "error", hidden: true });
    this.draw(h("h1", {}, say("New request")),
      this.#card("Member", h("div", { class: "row" }, h("div", { "data-field": "member" }, this.member, error()),
        settings.birth_date ? field("birth_date", say("Date of birth"), this.birth) : null), this.found),
      this.#card("Provider", h("div", { class: "row" }, field("npi", "Requesting provider NPI", this.npi),
        field("rendering_npi", "Rendering provider NPI (optional)", this.rendering),
        h("div", { "data-field": "phone", class: "bare" }, h("span", { class: "label", "aria-hidden": "true" }, "\u00a0"), this.phone, error()))),
      this.#card("Diagnoses", h("div", { "data-field": "diagnoses" }, this.diagnosis, this.chips, error())),
      this.#card("Services", h("div", { "data-field": "services" }, error()), this.services,
        h("button", { type: "button", class: "quiet", onclick: () => this.#add() }, "Add another service")),
      this.#card("Supporting documents", h("p", { class: "hint" }, "PDF, PNG or JPEG of up to 5 MB, five at most."),
        h("div", { "data-field": "documents" }, this.documents, error())),
      this.#card("Review", field("priority", "Priority", this.priority), field("comments", "Comments", this.comments)),
      h("div", { class: "end" }, this.send));
    this.#add();
  }

  #card(title, ...children) {
    return h("section", { class: "card", "aria-label": title }, h("h2", {}, title), ...children);
  }

  async #look() {
    this.found.textContent = "";
    if (!this.member.value || !this.birth.value) return;
    try {
      const told = await call("POST", "/eligibility", { member: this.member.value, birth_date: this.birth.value });
      this.found.textContent = `Eligible: ${told.name}, born ${told.birth_date}`;
      mark(this.shadowRoot, {});
    } catch (refused) {
      mark(this.shadowRoot, refused.errors);
    }
  }

  #diagnose(entry) {
    this.diagnosis.clear();
    if (this.#diagnoses.includes(entry.id)) return;
    this.#diagnoses.push(entry.id);
    const chip = h("li", {}, entry.id, h("button", { type: "button", class: "link", "aria-label": `Remove ${entry.id}`,
      onclick: () => { this.#diagnoses = this.#diagnoses.filter((each) => each !== entry.id); chip.remove(); } }, "x"));
    this.chips.append(chip);
  }

  #add() {
    if (this.#services.length >= MOST_SERVICES) return toast(`A request has at most ${MOST_SERVICES} services.`, true);
    const made = {
      code: h("juniper-combobox", { label: say("Procedure code"), source: "/codes/procedures", placeholder: "Code or name" }),
      units: h("input", { inputmode: "numeric", autocomplete: "off" }),
      start: h("input", { type: "date" }),
      end: h("input", { type: "date" }),
      place: h("select", {}, ...options(PLACES)),
    };
    const at = this.#services.push(made) - 1;
    const named = (name) => `services.${at}.${name}`;
    this.services.append(h("fieldset", {}, h("legend", {}, `Service ${at + 1}`),
      h("div", { class: "row" }, h("div", { "data-field": named("code") }, made.code, h("p", { class: "error", hidden: true })),
        field(named("units"), "Units", made.units), field(named("place"), "Place of service", made.place)),
      h("div", { class: "row" }, field(named("start"), "Start date", made.start), field(named("end"), "End date", made.end))));
  }

  #filled() {
    return {
      member: this.member.value,
      birth_date: this.birth.value,
      npi: this.npi.value,
      rendering_npi: this.rendering.value,
      phone: this.phone.value,
      diagnoses: this.#diagnoses,
      services: this.#services.map((each) => ({ code: each.code.value, units: each.units.value, start: each.start.value,
        end: each.end.value, place: each.place.value })),
      priority: this.priority.value,
      documents: this.documents.documents,
      comments: this.comments.value,
    };
  }

  async #submit() {
    if (this.documents.busy) return toast("Wait until the documents are uploaded.", true);
    this.send.disabled = true;
    try {
      await this.#checked();
      mark(this.shadowRoot, {});
      if (await confirmed("Submit this request?", "Juniper Health reviews it as soon as it is submitted.", say("Yes, submit"), "Go back")) {
        const told = await call("POST", "/requests", this.#filled(), { "X-Form-Id": this.#number });
        toast(told.reference ? `Request ${told.reference} was received.` : "Your request was received and waits to be processed.");
        go("/app/requests");
      }
    } catch (refused) {
      const left = mark(this.shadowRoot, refused.errors);
      if (refused.status !== 401) toast([refused.message, ...left].join(" "), true);
    }
    this.send.disabled = false;
  }

  async #checked() {
    for (;;) {
      try {
        return await call("POST", "/requests/check", this.#filled());
      } catch (refused) {
        if (!refused.challenge) throw refused;
        await puzzled(refused.challenge, `/challenges/${refused.challenge}`);
      }
    }
  }
}

customElements.define("juniper-form", Form);
