// A calendar to choose a day from: the field itself takes no typing.
const DAYS = ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"];
const monthName = new Intl.DateTimeFormat("en-US", { month: "long", year: "numeric" });
const dayName = new Intl.DateTimeFormat("en-US", { month: "long", day: "numeric", year: "numeric" });

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function written(day) {
  const two = (number) => String(number).padStart(2, "0");
  return `${two(day.getMonth() + 1)}/${two(day.getDate())}/${day.getFullYear()}`;
}

for (const field of document.querySelectorAll("[data-calendar]")) {
  const input = field.querySelector("input");
  const opener = field.querySelector(".open");
  const label = opener.getAttribute("aria-label");
  let dialog = null;

  const close = () => {
    dialog?.remove();
    dialog = null;
    opener.focus();
  };

  const draw = (month) => {
    const title = element("h3", { textContent: monthName.format(month), className: "month" });
    title.setAttribute("aria-live", "polite");
    const move = (text, step) => {
      const button = element("button", { type: "button", className: "second", textContent: step < 0 ? "<" : ">" });
      button.setAttribute("aria-label", text);
      button.addEventListener("click", () => draw(new Date(month.getFullYear(), month.getMonth() + step, 1)));
      return button;
    };
    const grid = element("div", { className: "days" });
    grid.append(...DAYS.map((text) => element("span", { textContent: text, ariaHidden: "true" })));
    for (let blank = 0; blank < month.getDay(); blank++) grid.append(element("span"));
    const last = new Date(month.getFullYear(), month.getMonth() + 1, 0).getDate();
    for (let number = 1; number <= last; number++) {
      const day = new Date(month.getFullYear(), month.getMonth(), number);
      const button = element("button", { type: "button", className: "day", textContent: number });
      button.setAttribute("aria-label", dayName.format(day));
      button.addEventListener("click", () => {
        input.value = written(day);
        close();
      });
      grid.append(button);
    }
    const head = element("div", { className: "head" }, move("Previous month", -1), title, move("Next month", 1));
    const fresh = element("div", { className: "calendar" }, head, grid);
    fresh.setAttribute("role", "dialog");
    fresh.setAttribute("aria-label", label);
    fresh.addEventListener("keydown", (event) => event.key === "Escape" && close());
    dialog ? dialog.replaceWith(fresh) : field.append(fresh);
    dialog = fresh;
  };

  opener.addEventListener("click", () => {
    if (dialog) return close();
    const [month, , year] = input.value.split("/").map(Number);
    const today = new Date();
    draw(input.value ? new Date(year, month - 1, 1) : new Date(today.getFullYear(), today.getMonth(), 1));
  });
}
