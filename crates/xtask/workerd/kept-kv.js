// A KV that outlives workerd, as Cloudflare's does: what workerd asks of a KV service, from files.

/** A file's name is the key's bytes in hex digits: a key has slashes, and whatever else. */
const file = (key) => {
  const digits = Array.from(new TextEncoder().encode(key), (byte) => byte.toString(16).padStart(2, "0"));
  return `http://disk/kv/${digits.join("")}`;
};

async function read(env, key) {
  const found = await env.DISK.fetch(file(key));
  return found.ok ? found.json() : null;
}

/** Several keys at once. */
async function readAll(env, keys) {
  const found = await Promise.all(keys.map(async (key) => [key, await read(env, key)]));
  return Object.fromEntries(
    found.map(([key, entry]) => [key, entry && { value: entry.value, metadata: JSON.parse(entry.metadata) }]),
  );
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") return Response.json(await readAll(env, (await request.json()).keys));
    const key = decodeURIComponent(pathname.slice(1));
    if (request.method === "PUT") {
      const metadata = request.headers.get("CF-KV-Metadata");
      const body = JSON.stringify({ value: await request.text(), metadata });
      return new Response(null, { status: (await env.DISK.fetch(file(key), { method: "PUT", body })).ok ? 200 : 500 });
    }
    const entry = await read(env, key);
    if (!entry) return new Response(null, { status: 404 });
    return new Response(entry.value, { headers: { "CF-KV-Metadata": entry.metadata } });
  },
};
