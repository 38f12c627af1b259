// The shop's own script. Every page works without it: a variant is then a link to its own page.

const variants = document.querySelector(".variants");

/** Shows another variant in place, as themes do: picture, price, form, stock element, title. */
function show(link) {
  for (const other of variants.querySelectorAll("a")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  const { sku, price, title, alt } = link.dataset;
  const picture = document.querySelector(".product .picture");
  picture.src = link.querySelector("img").src;
  picture.alt = alt;
  document.title = title;
  document.querySelector(".product .price").textContent = price;
  document.querySelector(".product .code").textContent = `Code ${sku}`;
  document.querySelector(".buy [name=sku]").value = sku;
  document.querySelector(".details > backroom-stock")?.setAttribute("sku", sku);
}

if (variants) {
  variants.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(link);
    history.pushState(null, "", link.href);
  });
  addEventListener("popstate", () => {
    const link = [...variants.querySelectorAll("a")].find((a) => page(a.href) === page(location.href));
    if (link) show(link);
  });
}

/** A page's path; a server may leave its ending out. */
function page(address) {
  return new URL(address).pathname.replace(/\.html$/, "");
}

const chosen = document.querySelector(".chosen");
if (chosen) {
  const query = new URLSearchParams(location.search);
  const line = [...chosen.children].find((line) => line.dataset.sku === query.get("sku"));
  const quantity = Number.parseInt(query.get("quantity"), 10);
  if (line && quantity > 0) {
    line.querySelector("output").textContent = quantity;
    line.hidden = false;
    chosen.hidden = false;
  }
}
