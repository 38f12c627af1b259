// What the pages of `tests/pages` have on their shelves: every state that there is.

const priced = (sku, title, on_hand, restock_date, precision) => ({
  ...{ sku, title, on_hand, restock_date, precision },
  price: "12.50",
  url: `/goods/${sku}`,
});

export const GOODS = [
  priced("plenty", "Oak chair", 40),
  priced("low", "Ash chair", 3),
  priced("day", "Elm chair", 0, "2031-03-14", "day"),
  priced("week", "Fir chair", 0, "2031-03-10", "week"),
  priced("month", "Yew chair", 0, "2031-03-01", "month"),
  priced("range", "Box chair", 0, "2031-03-14/2031-04-02", "range"),
  priced("nodate", "Bay chair", 0),
];

/** What the view says of each. */
export const TEXTS = {
  plenty: ["Oak chair", "In stock", ""],
  low: ["Ash chair", "Only 3 left", ""],
  day: ["Elm chair", "Out of stock", "Back on 14 March 2031"],
  week: ["Fir chair", "Out of stock", "Back in the week of 10 March"],
  month: ["Yew chair", "Out of stock", "Back in March 2031"],
  range: ["Box chair", "Out of stock", "Back 14 March\u2009–\u20092 April 2031"],
  nodate: ["Bay chair", "Out of stock, no date yet", ""],
};

/** A shop with all of it. */
export async function stocked(backroom, settings) {
  const shop = await backroom.newShop(settings);
  await shop.stockUp(GOODS);
  return shop;
}
