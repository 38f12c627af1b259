// What tells a robot from a shopper, where the edge asks for it: a page of the edge's own in a frame
// beside the form. `actions.js` fetches this file once a sign-up is answered so, and never before.

const BEGIN_MS = 10000; // for the frame to come
const SOLVE_MS = 30000; // for it to be solved, if nobody has to do anything
const HEIGHT = 70; // of what somebody has to do something in, in pixels

/** What the edge wants to be sent; null if it came to nothing, undefined if no frame is let in. */
export const solve = (form, title) =>
  new Promise((resolve) => {
    const { shop, lang } = form.elements;
    const address = new URL("/v1/challenge", form.action);
    address.search = new URLSearchParams({ shop: shop.value, lang: lang.value });
    const frame = document.createElement("iframe");
    let timer;
    const end = (token) => {
      clearTimeout(timer);
      removeEventListener("message", hear);
      document.removeEventListener("securitypolicyviolation", refuse);
      frame.remove();
      resolve(token);
    };
    const hear = ({ source, origin, data }) => {
      if (source !== frame.contentWindow || origin !== address.origin) return;
      const { begun, asks, token, failed } = data?.challenge ?? {};
      if (token) end(token);
      else if (failed) end(null);
      else if (begun || asks) {
        clearTimeout(timer);
        if (!asks) timer = setTimeout(end, SOLVE_MS, null);
        else {
          frame.height = HEIGHT;
          // Whoever has gone on elsewhere stays there.
          if (form.contains(form.getRootNode().activeElement)) frame.focus();
        }
      }
    };
    const refuse = ({ disposition, effectiveDirective, blockedURI }) =>
      disposition === "enforce" &&
      effectiveDirective === "frame-src" &&
      blockedURI.startsWith(address.origin) &&
      end();
    addEventListener("message", hear);
    document.addEventListener("securitypolicyviolation", refuse);
    timer = setTimeout(end, BEGIN_MS, null);
    Object.assign(frame, { title, src: address, width: "100%", height: 1 });
    frame.style.border = 0;
    form.after(frame);
  });
