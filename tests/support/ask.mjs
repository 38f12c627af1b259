/**
 * One HTTP request and its whole answer. `key` goes into `Authorization: Bearer`; a plain object
 * as `body` is sent as JSON, a text as CSV, and anything else as `fetch` takes it.
 */
export async function ask(url, { method, key, headers = {}, body, ...rest } = {}) {
  const sent = { ...headers };
  if (key !== undefined) sent.authorization = `Bearer ${key}`;
  if (body?.constructor === Object) {
    sent["content-type"] ??= "application/json";
    body = JSON.stringify(body);
  } else if (body !== undefined) {
    sent["content-type"] ??= "text/csv";
  }
  method ??= body === undefined ? "GET" : "POST";
  const response = await fetch(url, { redirect: "manual", ...rest, method, headers: sent, body });
  return new Answer(response.status, response.headers, await response.text());
}

class Answer {
  constructor(status, headers, text) {
    this.status = status;
    this.headers = headers;
    this.text = text;
  }

  header(name) {
    return this.headers.get(name);
  }

  get json() {
    try {
      return JSON.parse(this.text);
    } catch {
      throw new Error(`${this.status} with no JSON: ${this.text.slice(0, 500)}`);
    }
  }
}
