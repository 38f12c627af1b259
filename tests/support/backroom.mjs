// A Backroom for one test file: the built Worker in real workerd, through wrangler, with real KV
// and real Durable Objects, on free ports, in a folder of its own that goes when it stops.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { copyFile, cp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.mjs";
import { Shop } from "./shop.mjs";
import { ask } from "./ask.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WRANGLER = join(ROOT, "tests/node_modules/wrangler/bin/wrangler.js");

/** wrangler starts in a second or two; a machine with much else to do made it fifteen. */
const START_MS = 60_000;
/** Lines of wrangler's that are shown if it does not start. */
const LINES_KEPT = 60;

/**
 * Becomes the program in its arguments, and kills its process group when standard input ends: as
 * it does when the test dies, even of kill -9.
 */
const LEASH = `
  exec 3<&0
  (cat <&3; kill -9 0) >/dev/null 2>&1 &
  exec "$@" 3<&- </dev/null
`;

const SETTINGS = { currency: "GBP", time_zone: "Europe/London", locale: "en-GB" };

/**
 * Starts a Backroom. `faults` puts a KV that can be told to fail under it (see `faults.mjs`);
 * `email` gives it the binding that sends mail, which `wrangler` says of what came to it;
 * `vars` are further variables of the Worker.
 */
export async function start({ faults = false, email = false, vars = {} } = {}) {
  const backroom = new Backroom({ OPERATOR_SECRET: "an operator's secret", ...vars });
  await backroom.layOut(faults, email);
  await backroom.restart();
  return backroom;
}

class Backroom {
  #folder;
  #vars;
  #process;
  #lines = [];

  constructor(vars) {
    this.operator = vars.OPERATOR_SECRET;
    this.#vars = vars;
    // Memory, where the machine has a file system in it: a commit is then no matter of its disk.
    this.#folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "backroom-"));
    process.on("exit", this.#clear);
  }

  /** Copies the build and its configuration, so that a build meanwhile changes nothing here. */
  async layOut(faults, email) {
    await cp(join(ROOT, "build"), join(this.#folder, "build"), { recursive: true });
    let config = await readFile(join(ROOT, "wrangler.toml"), "utf8");
    config = replaced(config, /^\[build\]\n(?:[^[\n].*\n)*/m, "");
    if (faults) {
      await copyFile(join(ROOT, "tests/support/faults.mjs"), join(this.#folder, "faults.mjs"));
      config = replaced(config, /^main = .*$/m, 'main = "faults.mjs"');
      config = replaced(config, /^no_bundle = true$/m, "");
    }
    if (email) config += '\n[[send_email]]\nname = "EMAIL"\n';
    await writeFile(join(this.#folder, "wrangler.toml"), config);
  }

  /**
   * Starts it, again if it was killed, with the state that it left, and with these variables in
   * place of what they were; `url` is new then.
   */
  async restart(changed = {}) {
    Object.assign(this.#vars, changed);
    const vars = Object.entries(this.#vars).map(([name, value]) => `--var=${name}:${value}`);
    this.#process = spawn(
      "sh",
      [
        ...["-c", LEASH, "leash", process.execPath],
        ...[WRANGLER, "dev", "--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0"],
        ...["--persist-to", "state", "--show-interactive-dev-session=false", ...vars],
      ],
      {
        cwd: this.#folder,
        // A group of its own: it ends with everything that it started.
        detached: true,
        stdio: ["pipe", "pipe", "pipe"],
        env: {
          ...process.env,
          WRANGLER_SEND_METRICS: "false",
          WRANGLER_HIDE_BANNER: "true",
          CLOUDFLARE_CF_FETCH_ENABLED: "false",
          NO_COLOR: "1",
        },
      },
    );
    this.url = await this.#ready();
  }

  /** The address that wrangler says it is ready at. */
  #ready() {
    this.#lines = [];
    return new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${why}:\n${this.#lines.join("\n")}`));
      const timer = setTimeout(() => fail("wrangler was not ready in time"), START_MS);
      const read = (line) => {
        this.#lines.push(line);
        if (this.#lines.length > LINES_KEPT) this.#lines.shift();
        if (process.env.BACKROOM_LOG) process.stderr.write(`${line}\n`);
        const url = /Ready on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
        if (!url) return;
        clearTimeout(timer);
        resolve(url);
      };
      for (const pipe of [this.#process.stdout, this.#process.stderr]) {
        createInterface({ input: pipe }).on("line", read);
      }
      this.#process.once("error", reject);
      this.#process.once("exit", () => {
        clearTimeout(timer);
        fail("wrangler ended");
      });
    });
  }

  /** The last lines that wrangler and the Worker wrote. */
  get log() {
    return this.#lines.join("\n");
  }

  /** The folder in which wrangler keeps KV and the databases of the Durable Objects. */
  get state() {
    return join(this.#folder, "state");
  }

  /** A request to it; see `ask`. */
  ask(path, request) {
    return ask(this.url + path, request);
  }

  /** Makes a shop with these settings over the usual ones, and waits until readers find it. */
  async newShop({ id, ...settings } = {}) {
    const made = await this.ask("/v1/shops", {
      key: this.operator,
      body: { id, settings: { ...SETTINGS, ...settings } },
    });
    if (made.status !== 201) throw new Error(`no shop was made: ${made.text}`);
    const shop = new Shop(this, made.json);
    await shop.published();
    return shop;
  }

  /** What `wrangler` has said last, of what matches this, line by line. */
  said(pattern) {
    return this.#lines.filter((line) => pattern.test(line));
  }

  /** Tells KV how to behave from now on: see `faults.mjs`. Gives what it did until now. */
  async faults(change = {}) {
    const answer = await this.ask("/v1/faults", { method: "POST", body: change });
    if (answer.status !== 200) throw new Error(`start it with { faults: true }: ${answer.text}`);
    return answer.json;
  }

  /** kill -9 of wrangler and workerd; `restart` brings the same state back. */
  async kill9() {
    const group = this.#process.pid;
    this.#kill("SIGKILL");
    await eventually(() => {
      if (isAlive(group)) throw new Error(`process group ${group} lives`);
    });
  }

  /** Ends it and removes its folder. Nothing of a test's is worth a clean end. */
  async stop() {
    const ended = once(this.#process, "exit");
    this.#kill("SIGKILL");
    if (this.#process.exitCode === null && this.#process.signalCode === null) await ended;
    this.#clear();
    process.off("exit", this.#clear);
  }

  #kill(signal) {
    try {
      process.kill(-this.#process.pid, signal);
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }

  #clear = () => {
    if (this.#process) this.#kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

// Without these a test run that is broken off would leave its workerd behind.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => process.exit(1));
}

function isAlive(group) {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

function replaced(text, pattern, by) {
  if (!pattern.test(text)) throw new Error(`wrangler.toml has no ${pattern}`);
  return text.replace(pattern, by);
}
