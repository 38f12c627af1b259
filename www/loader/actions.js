// What a shopper can do with a product, and the page's own script API. The loader fetches it beside
// the first fragment, from the widget's build, where a page shows a product or has a `backroom`.
//
// It works without WebAssembly, and so it is JavaScript: an order or a sign-up must not depend on
// what a page's Content-Security-Policy allows.

const PATIENCE_MS = 10000; // for the edge's answer to a sign-up

const ready = new WeakSet(); // elements of which the page was told that they are painted
const dressed = new WeakSet(); // shadow roots that are listened to
let page; // what the loader knows: its elements, and how to ask anew
let cart; // the page's own way to order

const tell = (element, name, detail) =>
  element.dispatchEvent(
    new CustomEvent(`backroom:${name}`, { bubbles: true, composed: true, cancelable: true, detail }),
  );

/** Gives a painted element's forms their addresses, and listens to them. */
export const act = (element, loader) => {
  // An element can have gone while this file came.
  if (!loader.shown.has(element)) return;
  page = loader;
  answerCalls();
  const { root, shop, rendered } = page.shown.get(element);
  if (!ready.has(element)) {
    ready.add(element);
    tell(element, "ready", { ...rendered.data });
  }
  const order = root.querySelector("[part=order]");
  if (!order) return;
  const buy = element.getAttribute("buy") ?? shop.buy;
  if (buy !== undefined) order.setAttribute("action", buy);
  root.querySelector("[part=notify] form").action = `${shop.origin}/v1/notify`;
  if (dressed.has(root)) return;
  dressed.add(root);
  root.addEventListener("submit", (event) => {
    if (event.target.part.contains("order")) placeOrder(event, element);
    else signUp(event, element);
  });
  root.addEventListener("click", (event) => {
    const link = event.target.closest("[part=substitute]");
    if (!link) return;
    const detail = { sku: element.getAttribute("sku"), substitute: link.dataset.sku };
    if (!tell(element, "substitute", detail)) event.preventDefault();
  });
};

/** The event first; then the page's own way, the merchant's form, or the address as it stands. */
const placeOrder = (event, element) => {
  const form = event.target;
  const { state } = form.closest("[data-state]").dataset;
  const detail = {
    sku: element.getAttribute("sku"),
    quantity: form.elements.quantity.valueAsNumber,
    kind: state === "preorder" || state === "backorder" ? state : "buy",
  };
  if (!tell(element, "order", detail)) return event.preventDefault();
  if (cart) {
    event.preventDefault();
    // What the page's own way cannot do, the address still can.
    Promise.resolve(detail).then(cart).catch(() => form.submit());
    return;
  }
  const own = form.getAttribute("action").startsWith("#") && document.querySelector(form.getAttribute("action"));
  if (own) {
    event.preventDefault();
    if (own.elements.quantity) own.elements.quantity.value = detail.quantity;
    own.requestSubmit();
  }
};

/** The same post as without scripts, but the shopper stays on the page. */
const signUp = async (event, element) => {
  event.preventDefault();
  const form = event.target;
  const { email, quantity } = form.elements;
  const detail = { sku: element.getAttribute("sku"), quantity: quantity.valueAsNumber };
  if (form.ariaBusy || !tell(element, "notify", detail)) return;
  form.ariaBusy = "true";
  const reply = form.parentNode.querySelector("#reply");
  let ok = false;
  let said;
  let type = "";
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { accept: "application/json" },
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    ok = response.ok;
    ({ said, type = "" } = await response.json());
  } catch {
    // Down, slow or offline: said below.
  }
  form.ariaBusy = null;
  reply.textContent = said || form.dataset.unreachable;
  form.hidden = ok;
  const isAddress = !ok && type.endsWith("email");
  email.ariaInvalid = isAddress ? "true" : null;
  (isAddress ? email : reply).focus();
  tell(element, "notified", { ...detail, ok });
};

const commands = {
  /** Listens to `backroom:{name}`. */
  on(name, listener) {
    document.addEventListener(`backroom:${name}`, listener);
  },
  /** Orders by the page's own way: `order => promise`. */
  cart(way) {
    cart = way;
  },
  /** Asks the edge anew for all that is not kept up to date by a socket. */
  refresh() {
    for (const [element, { rendered }] of page.shown) {
      if (rendered) rendered.at = 0;
      page.refresh(element);
    }
  },
};

/** Takes over from the stub that the page put into `window.backroom`, once. */
const answerCalls = () => {
  const calls = window.backroom?.q || [];
  if (window.backroom && !window.backroom.q) return;
  window.backroom = (name, ...values) => commands[name]?.(...values);
  for (const call of calls) window.backroom(...call);
};
