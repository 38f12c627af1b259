import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The rows of `query` in the database of this Backroom's only shop, as they lie on the disk. */
export function shopRows(backroom, query) {
  const folder = join(backroom.state, "v3/do/backroom-Shop");
  const isShop = (name) => /^[0-9a-f]{64}\.sqlite$/.test(name);
  const [file, ...others] = readdirSync(folder).filter(isShop);
  if (!file || others.length > 0) throw new Error(`${folder} holds not one shop`);
  const database = new DatabaseSync(join(folder, file), { readOnly: true });
  try {
    return database.prepare(query).all();
  } finally {
    database.close();
  }
}
