// A Turnstile of a test's own: its script, the frame that the script puts on a page, and what it says
// of the tokens that came of it. Each is good once.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const SITE_KEY = "0x4AAAAAAATheTestsOwn";
const SECRET = "0x4AAAAAAASecretOfTheTests";

/** Opens one, and closes it after the test, or after the file's last. */
export async function openTurnstile(test) {
  const turnstile = new Turnstile();
  await turnstile.open();
  test.after(() => turnstile.close());
  return turnstile;
}

/** Runs in the page: as much of its API as is documented and used. */
const script = (frame) => `{
  const query = new URL(document.currentScript.src).searchParams;
  window.turnstile = {
    render(place, options) {
      if (!(place instanceof HTMLElement) || place.closest("[hidden]")) throw new Error("no place");
      addEventListener("message", ({ data, source }) => {
        if (source !== shown.contentWindow) return;
        if (data === "asks") options["before-interactive-callback"]();
        else if (data === "fails") for (const code of ["300030", "300031"]) options["error-callback"](code);
        else options.callback(data);
      });
      const shown = document.createElement("iframe");
      const { sitekey, action, cData: cdata, language } = options;
      const asked = { sitekey, action, cdata, language, hostname: location.hostname };
      shown.src = "${frame}?" + new URLSearchParams(asked);
      place.append(shown);
      return "widget-1";
    },
  };
  window[query.get("onload")]();
}`;

/** Runs in the frame. */
const FRAME = (how, token) => `<!doctype html><title>Turnstile</title><body><script>{
  const say = (what) => parent.postMessage(what, "*");
  if (${how === "fails"}) say("fails");
  else if (${how === "asks"}) {
    const button = document.createElement("button");
    button.textContent = "I am no robot";
    button.onclick = () => say("${token}");
    document.body.append(button);
    say("asks");
  } else if (${how === "passes"}) say("${token}");
}</script>`;

class Turnstile {
  /** What its frame does: it `passes`, `asks`, `fails`, or `waits` for ever. */
  how = "passes";
  /** How a question about a token is answered: `say`, `hang`, `break`, or `garbage`. */
  answer = "say";
  /** What it was asked about tokens. */
  asked = [];
  /** How often its script was fetched. */
  loaded = 0;
  #tokens = new Map();
  #server = createServer((request, response) => this.#take(request, response));

  async open() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Variables of a Worker that asks it. */
  get vars() {
    return {
      TURNSTILE_URL: `${this.url}/v0`,
      TURNSTILE_SITE_KEY: SITE_KEY,
      TURNSTILE_SECRET: SECRET,
    };
  }

  /** A token, as a page on this host is given for this. */
  token(shop, { hostname = "127.0.0.1", action = "sign-up", cdata = shop?.id } = {}) {
    const token = `0.${randomUUID()}`;
    this.#tokens.set(token, { hostname, action, cdata });
    return token;
  }

  async #take(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.url);
    const say = (type, body) => {
      response.writeHead(200, { "content-type": type });
      response.end(body);
    };
    if (pathname === "/v0/api.js") {
      this.loaded += 1;
      return say("text/javascript", script(`${this.url}/frame`));
    }
    if (pathname === "/frame") {
      const { sitekey, ...asked } = Object.fromEntries(searchParams);
      const token = sitekey === SITE_KEY ? this.token(undefined, asked) : "";
      return say("text/html", FRAME(this.how, token));
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    this.asked.push(JSON.parse(Buffer.concat(chunks)));
    if (this.answer === "hang") return;
    if (this.answer === "break") return response.destroy();
    if (this.answer === "garbage") return say("text/html", "<h1>Just a moment</h1>");
    say("application/json", JSON.stringify(this.#verdict(this.asked.at(-1))));
  }

  #verdict({ secret, response }) {
    const no = (code) => ({ success: false, "error-codes": [code], messages: [] });
    if (secret !== SECRET) return no("invalid-input-secret");
    const given = this.#tokens.get(response);
    if (!given) return no("invalid-input-response");
    if (given.used) return no("timeout-or-duplicate");
    given.used = true;
    const { hostname, action, cdata } = given;
    const challenge_ts = new Date().toISOString();
    return { success: true, "error-codes": [], challenge_ts, hostname, action, cdata };
  }
}
