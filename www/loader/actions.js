// What a shopper can do with a product, and the page's own script API. The loader fetches it beside
// the first fragment, from the widget's build, where a page shows a product or has a `backroom`.
//
// It works without WebAssembly, and so it is JavaScript: an order or a sign-up must not depend on
// what a page's Content-Security-Policy allows.

const PATIENCE_MS = 10000; // for the edge's answer to a sign-up

/** In which states an order is of which kind; in all others there is none. */
const KINDS = { in_stock: "buy", low: "buy", preorder: "preorder", backorder: "backorder" };

// What the loader knows: its elements, and how to ask anew. A page that is open while another build
// is deployed gets that one's file too, so `shown` also holds what all of them must agree on:
//   done  elements of which the page was told that they are painted, and roots that are listened to
//   cart  the page's own way to order
let page;

const tell = (element, name, detail) =>
  element.dispatchEvent(
    new CustomEvent(`backroom:${name}`, { bubbles: true, composed: true, cancelable: true, detail }),
  );

/** Gives a painted element's forms their addresses, and listens to them. */
export const act = (element, loader) => {
  const { root, shop, rendered } = loader.shown.get(element) ?? {};
  // While this file came, the element can have gone, or become another SKU's.
  if (!rendered) return;
  page = loader;
  const done = (page.shown.done ??= new WeakSet());
  answerCalls();
  if (!done.has(element)) {
    done.add(element);
    const { sku, state, version, lang } = rendered.data;
    tell(element, "ready", { sku, state, version, lang });
  }
  if (!root.querySelector("[part=order]")) return;
  const buy = element.getAttribute("buy") ?? shop.buy;
  // In the loader's memory too: what is painted from there has its button in the same frame.
  for (const view of [root, rendered.wrapper]) {
    const order = view.querySelector("[part=order]");
    if (buy === undefined) order.removeAttribute("action");
    else order.setAttribute("action", buy);
    view.querySelector("[part=notify] form").action = `${shop.origin}/v1/notify`;
  }
  if (done.has(root)) return;
  done.add(root);
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
  const kind = KINDS[form.closest("[data-state]").dataset.state];
  // It may have sold out since: the form stays for whoever is in it, but orders nothing.
  if (!kind || form.ariaBusy) return event.preventDefault();
  const detail = {
    sku: element.getAttribute("sku"),
    quantity: form.elements.quantity.valueAsNumber,
    kind,
  };
  if (!tell(element, "order", detail)) return event.preventDefault();
  event.preventDefault();
  const buy = form.getAttribute("action");
  const go = () => {
    if (buy.startsWith("#")) {
      const own = document.getElementById(buy.slice(1));
      if (own?.elements?.quantity) own.elements.quantity.value = detail.quantity;
      own?.requestSubmit?.();
    } else if (buy) {
      // Submitted as it stands, the form would lose the query that `buy` has.
      const to = new URL(buy, document.baseURI);
      to.searchParams.set("sku", detail.sku);
      to.searchParams.set("quantity", detail.quantity);
      location.assign(to);
    }
  };
  const { cart } = page.shown;
  if (!cart) return go();
  form.ariaBusy = "true";
  // What the page's own way cannot do, `buy` still can.
  Promise.resolve(detail)
    .then(cart)
    .catch(go)
    .finally(() => (form.ariaBusy = null));
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
  let type;
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { accept: "application/json" },
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    ({ said, type } = await response.json());
    // An answer that says nothing, or is no JSON, is not from Backroom.
    ok = response.ok && Boolean(said);
  } catch {
    // Down, slow or offline: said below.
  }
  form.ariaBusy = null;
  reply.textContent = said || form.dataset.unreachable;
  form.hidden = ok;
  const isAddress = !ok && /email$/.test(type);
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
    page.shown.cart = way;
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
