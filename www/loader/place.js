// Where a page has placed no element: one for the product that its own JSON-LD tells of. The loader
// fetches it only then.

/** The SKU of the page's product, or of a product group's first variant. */
const skuIn = (data) => {
  if (Array.isArray(data)) return data.reduce((sku, item) => sku || skuIn(item), "");
  if (!data || typeof data !== "object") return "";
  return /Product|Offer/.test(data["@type"])
    ? data.sku || skuIn(data.hasVariant) || skuIn(data.offers)
    : skuIn(data["@graph"]) || skuIn(data.mainEntity);
};

const skuOf = (script) => {
  try {
    return skuIn(JSON.parse(script.textContent));
  } catch {
    return ""; // The page's own, whatever it is.
  }
};

/** Puts it into the script tag's `data-target`, or after the page's heading. */
export const place = ({ dataset: { shop, target } }) => {
  for (const script of document.querySelectorAll('script[type="application/ld+json"]')) {
    const sku = skuOf(script);
    if (!sku) continue;
    const element = document.createElement("backroom-stock");
    for (const [name, value] of Object.entries({ sku, shop, view: "product" })) {
      element.setAttribute(name, value);
    }
    if (target) document.querySelector(target)?.append(element);
    else document.querySelector("h1")?.after(element);
    return;
  }
};
