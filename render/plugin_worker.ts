/**
 * The thread of one family file: loads it, and lists its sockets when asked. It
 * renders them itself and hands over bytes.
 *
 * @module
 */

import { OWN_SCOPES } from "embedded";
import type { Fixture, Verdict } from "../core/check_family.ts";
import type { Family } from "../core/family.ts";
import { namesOf, type NameSource } from "../core/names.ts";
import type { Asked, Format } from "../core/options.ts";
import { familyOf } from "../core/plugin.ts";
import { faultOf } from "../core/plugin_fault.ts";
import {
  AHEAD,
  type Begin,
  PATIENCE,
  type Reply,
  type Request,
} from "../core/plugin_thread.ts";
import { takeAway, withoutImports } from "../core/plugin_scope.ts";
import type { Report } from "../core/report.ts";
import { Tree } from "../core/scan.ts";
import { listSockets, select } from "../core/sockets.ts";
import { viewOf } from "../core/view.ts";
import { jsonReport } from "./json.ts";
import { Output } from "./out.ts";
import { coloursOf, textReport } from "./text.ts";

/** A thread that waits says so this often, in milliseconds. */
const PULSE = 1000;

/** So often a file may say something by `console.log`. */
const SAID_MOST = 100;

let family: Family | undefined;

/** What the file says, where messages are told the places of. */
let text = "";

/** Names that were found are kept for further rounds of `-c`. */
let names: NameSource | undefined;

/** Sends a reply; waits if there are too many that nobody took yet. */
let send: (reply: Reply) => void;

globalThis.addEventListener("error", (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  fail(event.error);
});
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  fail(event.reason);
});

globalThis.addEventListener("message", (event) => {
  const { port, taken }: Begin = (event as MessageEvent).data;
  const post = port.postMessage.bind(port);
  let sent = 0;
  send = (reply) => {
    for (;;) {
      const count = Atomics.load(taken, 0);
      if (sent - count < AHEAD) break;
      Atomics.wait(taken, 0, count);
    }
    sent++;
    post(reply);
  };
  port.onmessage = ({ data }: MessageEvent<Request>) => void answer(data);
}, { once: true });

async function answer(request: Request): Promise<void> {
  try {
    if ("load" in request) {
      family = await load(request.load, request.typescript);
      const { name, words, hidden, about } = family;
      send({
        loaded: {
          name,
          about,
          words: words!,
          ...(hidden === undefined ? {} : { hidden }),
        },
      });
    } else if ("list" in request) {
      send({ status: await list(family!, request.list) });
    } else {
      send({ verdict: await check(family!, request.check, request.asked) });
    }
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): void {
  send({ fault: faultOf(error, text) });
}

/**
 * Runs the text of a family file. It is imported from memory, so that what runs is
 * what was checked.
 */
async function load(source: string, typescript: boolean): Promise<Family> {
  text = source;
  if (typescript) {
    const { stripTypes } = await import("../core/strip_types.ts");
    source = await stripTypes(source);
  }
  const bytes = new TextEncoder().encode(withoutImports(source));
  const url = `data:text/javascript;base64,${bytes.toBase64()}`;
  const inspect = Deno.inspect;
  let said = 0;
  const log = (...values: unknown[]) => {
    if (said++ < SAID_MOST) {
      send({
        said: values
          .map((value) => typeof value === "string" ? value : inspect(value))
          .join(" "),
      });
    }
  };
  if (OWN_SCOPES) takeAway(log);
  else globalThis.console.log = log;
  const module = await inTime(import(url));
  return familyOf(module.default);
}

/** Fails if a file waits for something when it is loaded. */
function inTime<Result>(result: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error("it waits for ever: its `await` does not end")),
      PATIENCE - PULSE,
    );
    result.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Tries the family on a good table, as JSON for its rows and as text. */
async function check(
  family: Family,
  fixture: Fixture,
  asked: Asked,
): Promise<Verdict> {
  const { checkFamily } = await import("../core/check_family.ts");
  return await checkFamily(family, fixture, {
    async list(tree) {
      let malformed = 0;
      const inFormat = async (format: Format) => {
        const parts: Uint8Array[] = [];
        const out = new Output((bytes) => {
          parts.push(bytes.slice());
          return bytes.length;
        });
        const warn = (text: string) => {
          if (text.startsWith("Cannot parse ")) malformed++;
        };
        const report = format === "text"
          ? textReport(out, warn)
          : jsonReport(out, warn, true);
        const all = { ...asked, format, all: true, families: [family.name] };
        await show(family, all, {
          tree,
          report,
          names: namesOf(tree, { patience: 0, numeric: false }),
        });
        return parts.map((bytes) => new TextDecoder().decode(bytes)).join("");
      };
      await inFormat("text");
      const lines = (await inFormat("ndjson")).split("\n");
      return { rows: lines.slice(0, -1), malformed };
    },
    begin: (what) => send({ reads: what }),
    tell(error) {
      const { cause, line, column } = faultOf(error, text);
      return line === undefined ? `: ${cause}` : `:${line}:${column}: ${cause}`;
    },
  });
}

async function list(family: Family, asked: Asked): Promise<number> {
  const out = new Output((bytes) => {
    send({ rows: bytes.slice() });
    return bytes.length;
  });
  const warn = (text: string) => send({ warning: text });
  const report = asked.format === "text"
    ? textReport(out, warn, await coloursOf(asked.color))
    : jsonReport(out, warn, true);
  const tree = new Tree(asked.root);
  const alive = () => send({ alive: true });
  tree.onRead = alive;
  names ??= namesOf(tree, asked);
  names.lookups?.begin();
  // waiting for names is no sign of death
  const pulse = setInterval(alive, PULSE);
  const status = await show(family, asked, { tree, report, names });
  clearInterval(pulse);
  return status;
}

/** Shows the family's sockets. Returns the status. */
async function show(
  family: Family,
  asked: Asked,
  { tree, report, names }: { tree: Tree; report: Report; names: NameSource },
): Promise<number> {
  const view = viewOf(asked, names);
  report.begin(view);
  const selection = select([family], asked, view);
  const status = await listSockets(selection, { asked, tree, view, report });
  report.end();
  return tree.failures.end(status, report);
}
