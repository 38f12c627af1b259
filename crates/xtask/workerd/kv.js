// The KV of the bench: what workerd asks of a KV service, from memory. Both Workers read it, so
// whatever it costs is in both figures.

const entries = new Map();

export default {
  async fetch(request) {
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
    if (request.method === "PUT") {
      const metadata = request.headers.get("CF-KV-Metadata");
      entries.set(key, { value: await request.arrayBuffer(), metadata });
      return new Response(null);
    }
    const entry = entries.get(key);
    if (!entry) return new Response(null, { status: 404 });
    return new Response(entry.value, { headers: { "CF-KV-Metadata": entry.metadata } });
  },
};
