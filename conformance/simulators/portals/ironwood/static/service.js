// The form in the iframe: places come from the server, and procedures depend on the service type.
const root = document.body.dataset.root;
const place = document.getElementById("place");
const type = document.getElementById("service_type");
const find = document.getElementById("find");
const procedure = document.getElementById("procedure");

function fill(select, entries, first) {
  select.replaceChildren(new Option(first, ""), ...entries.map((each) => new Option(each.name, each.code)));
}

async function listed(path) {
  const answer = await fetch(root + path);
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function fillPlaces() {
  try {
    fill(place, await listed("/codes/places"), "Choose...");
    place.value = document.body.dataset.place;
    place.disabled = false;
  } catch {
    fill(place, [], "The list cannot be loaded");
  }
}

let asked = 0;
async function fillProcedures() {
  const mine = ++asked;
  procedure.disabled = true;
  if (!type.value) return fill(procedure, [], "Choose a service type first");
  fill(procedure, [], "Loading...");
  try {
    const query = new URLSearchParams({ type: type.value, q: find.value });
    const entries = await listed("/codes/procedures?" + query);
    if (mine !== asked) return;
    fill(procedure, entries, entries.length ? "Choose..." : "Nothing found");
    procedure.disabled = !entries.length;
  } catch {
    if (mine === asked) fill(procedure, [], "The list cannot be loaded");
  }
}

let waiting;
find.addEventListener("input", () => {
  clearTimeout(waiting);
  procedure.disabled = true;
  waiting = setTimeout(fillProcedures, 250);
});
find.addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault();
});
type.addEventListener("change", fillProcedures);
fillPlaces();
fillProcedures();
