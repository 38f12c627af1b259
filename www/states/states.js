// The gallery of states: the same elements as on a shop's page, once for each state.

const STATES = {
  "in-stock": "Plenty",
  low: "A few left",
  "low-one": "The last one",
  "all-held": "All in other carts, with a countdown",
  backorder: "Back-order, with a date",
  "backorder-range": "Back-order, with a range",
  preorder: "Pre-order",
  "preorder-moved": "Pre-order whose date has moved",
  "out-day": "Out, back on a day",
  "out-week": "Out, back in a week",
  "out-month": "Out, back in a month",
  "out-range": "Out, back within a range",
  "out-moved": "Out, and the date has moved",
  out: "Out, no date known",
  discontinued: "Discontinued",
  hidden: "Hidden: nothing is shown",
};

/** As a merchant writes it; a theme is nothing but this. */
const THEMES = {
  none: "",
  night: `backroom-stock {
  --backroom-in-stock: #7ee2a8;
  --backroom-low: #ffd479;
  --backroom-order: #8cc8ff;
  --backroom-out: #ff9d8f;
  --backroom-button: #f4f1ea;
  --backroom-button-text: #14161b;
}`,
  paper: `backroom-stock {
  --backroom-in-stock: #3f6345;
  --backroom-low: #93560b;
  --backroom-out: #8f3630;
  --backroom-button: #8f3630;
  --backroom-radius: 0;
}
backroom-stock::part(title) {
  font: 500 1.25em/1.3 Georgia, serif;
}`,
  market: `backroom-stock {
  --backroom-button: #0b5d3b;
  --backroom-radius: 2em;
}
backroom-stock::part(state) {
  text-transform: uppercase;
  letter-spacing: 0.04em;
}
backroom-stock::part(button) {
  text-transform: uppercase;
}`,
};

const choices = document.querySelector(".choices");
const gallery = document.querySelector("#gallery");
const theme = new CSSStyleSheet();
document.adoptedStyleSheets.push(theme);

function chosen(name) {
  return choices.elements[name].value;
}

function show() {
  const lang = chosen("lang");
  gallery.lang = lang;
  gallery.dir = lang === "ar" || lang === "he" ? "rtl" : "ltr";
  gallery.className = chosen("theme");
  theme.replaceSync(THEMES[chosen("theme")]);
  gallery.replaceChildren(...Object.entries(STATES).map(card));
  document.querySelector("#tag").textContent = tag();
}

function card([sku, about]) {
  const card = document.createElement("section");
  const heading = document.createElement("h2");
  heading.lang = "en";
  heading.dir = "ltr";
  const name = document.createElement("code");
  name.textContent = sku;
  const text = document.createElement("span");
  text.textContent = about;
  heading.append(name, text);
  const element = document.createElement("backroom-stock");
  element.setAttribute("sku", sku);
  if (chosen("view")) element.setAttribute("view", chosen("view"));
  element.setAttribute("buy", "");
  card.append(heading, element);
  return card;
}

function tag() {
  const view = chosen("view") ? ' view="product" buy="/cart/add"' : "";
  const style = THEMES[chosen("theme")];
  return [
    `<script async src="${location.origin}/backroom.js" data-shop="YOUR-SHOP"></script>`,
    `<backroom-stock sku="YOUR-SKU"${view} lang="${chosen("lang")}"></backroom-stock>`,
    style && `<style>\n${style}\n</style>`,
  ]
    .filter(Boolean)
    .join("\n");
}

// Nothing is sold or kept here.
for (const name of ["order", "notify"]) {
  document.addEventListener(`backroom:${name}`, (event) => event.preventDefault());
}
gallery.addEventListener("backroom:substitute", (event) => event.preventDefault());

document.querySelector("#copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(tag());
  document.querySelector("#copied").textContent = "Copied";
});

// The address keeps the choice, so that it can be sent to somebody.
const asked = new URLSearchParams(location.search);
for (const field of choices.elements) {
  const value = asked.get(field.name);
  if ([...field.options].some((option) => option.value === value)) field.value = value;
}
choices.addEventListener("change", () => {
  history.replaceState(null, "", `?${new URLSearchParams(new FormData(choices))}`);
  show();
});
show();
