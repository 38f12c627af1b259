// The inbox of `cargo dev`: takes mails as a provider's HTTP API does, and shows them. It keeps
// them in memory, and ends with its standard input, as it does when whoever started it dies.

import { createServer } from "node:http";

/** Longest request: a mail is some 20 kB. */
const MAX_BYTES = 1024 * 1024;
/** Mails that are shown: the latest. */
const KEPT = 200;

/** The latest first: `{ number, at, key, from, to, subject, html, text, headers }`. */
const mails = [];
/** A mail's number by its `Idempotency-Key`: one that comes again is the one that is there. */
const numbers = new Map();

const escaped = (text) =>
  String(text ?? "").replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

const STYLE = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 60rem; margin: 0 auto; padding: 1rem }
  td, th { padding: .25rem .75rem .25rem 0; text-align: start; vertical-align: top; overflow-wrap: anywhere }
  iframe { width: 100%; height: 40rem; border: 1px solid; background: #fff }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid; padding: 1rem }
`;

const page = (title, body) =>
  `<!doctype html>\n<html lang="en"><meta charset="utf-8">` +
  `<meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>` +
  `<style>${STYLE}</style><body>${body}</body></html>\n`;

function list() {
  const row = ({ number, at, to, subject }) =>
    `<tr><td>${escaped(at)}<td>${escaped(to)}<td><a href="/mails/${number}">${escaped(subject)}</a>`;
  const rows = mails.map(row).join("") || "<tr><td>Nothing has come yet: sign up in the demo shop.";
  return page("Inbox", `<h1>Inbox</h1><table>${rows}</table>`);
}

function show(mail) {
  const { html, text, headers, ...rest } = mail;
  const heads = Object.entries({ ...rest, ...headers })
    .map(([name, value]) => `<tr><th>${escaped(name)}<td>${escaped(value)}`)
    .join("");
  // Its links open beside this page, and nothing in it runs.
  const framed = escaped(`<base target="_blank">${html ?? ""}`);
  return page(
    mail.subject,
    `<p><a href="/">Inbox</a><h1>${escaped(mail.subject)}</h1><table>${heads}</table>` +
      `<h2>HTML</h2><iframe title="HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${framed}"></iframe>` +
      `<h2>Plain text</h2><pre>${escaped(text)}</pre>`,
  );
}

/** Takes a mail, and gives its number. */
function take(key, { from, to, subject, html, text, headers }) {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  const number = numbers.size + 1;
  // Without a key each is a mail of its own.
  numbers.set(key ?? Symbol("none"), number);
  const mail = { number, at: new Date().toISOString(), key, from, to: [to].flat().join(", "), subject, html, text, headers };
  mails.unshift(mail);
  mails.length = Math.min(mails.length, KEPT);
  return number;
}

async function body(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error("too long");
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks));
}

async function answer(request) {
  if (request.method === "POST" && request.url === "/emails") {
    try {
      const number = take(request.headers["idempotency-key"], await body(request));
      return [200, "application/json", JSON.stringify({ id: String(number) })];
    } catch {
      return [422, "application/json", JSON.stringify({ name: "validation_error" })];
    }
  }
  if (request.url === "/") return [200, "text/html; charset=utf-8", list()];
  const number = /^\/mails\/(\d+)$/.exec(request.url)?.[1];
  const mail = mails.find((mail) => mail.number === Number(number));
  if (mail) return [200, "text/html; charset=utf-8", show(mail)];
  return [404, "text/plain", "There is nothing here.\n"];
}

const server = createServer(async (request, response) => {
  const [status, type, text] = await answer(request);
  response.writeHead(status, {
    "content-type": type,
    "content-security-policy": "script-src 'none'; form-action 'none'",
    "cache-control": "no-store",
  });
  response.end(text);
});

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
process.stdin.on("end", () => process.exit()).resume();
