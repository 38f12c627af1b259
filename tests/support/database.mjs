import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The files of this Backroom's databases of one class of objects. */
export function databases(backroom, of) {
  const folder = join(backroom.state, `v3/do/backroom-${of}`);
  // There is no folder before there is an object.
  if (!existsSync(folder)) return [];
  const isObject = (name) => /^[0-9a-f]{64}\.sqlite$/.test(name);
  return readdirSync(folder)
    .filter(isObject)
    .map((name) => join(folder, name));
}

/** The rows of `query` in the database of this Backroom's only shop, as they lie on the disk. */
export function shopRows(backroom, query) {
  const [file, ...others] = databases(backroom, "Shop");
  if (!file || others.length > 0) throw new Error("it has not one shop");
  return rows(file, query);
}

/** The rows of `query` in a database, as they lie on the disk; with these `options` of node's. */
export function rows(file, query, options) {
  const database = new DatabaseSync(file, { readOnly: true, ...options });
  try {
    return database.prepare(query).all();
  } finally {
    database.close();
  }
}

/** Changes a database that nobody has open. */
export function change(file, statements) {
  const database = new DatabaseSync(file);
  try {
    database.exec(statements);
  } finally {
    database.close();
  }
}
