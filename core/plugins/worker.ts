/**
 * The thread of one family file: loads it, and lists its sockets when asked. It
 * renders them itself and hands over bytes.
 *
 * @module
 */

import { OWN_SCOPES } from "embedded";
import type { Fixture, Verdict } from "./check_family.ts";
import type { Family } from "../contract/family.ts";
import { namesOf, type NameSource } from "../system/names.ts";
import type { Asked, Format } from "../args/options.ts";
import { familyOf } from "./plugin.ts";
import { faultOf } from "./fault.ts";
import {
  AHEAD,
  type Begin,
  PATIENCE,
  type Reply,
  type Request,
} from "./thread.ts";
import { takeAway, withoutImports } from "./scope.ts";
import { Messages } from "../contract/said.ts";
import type { Sink } from "../contract/sink.ts";
import { Tree } from "../system/scan.ts";
import { listSockets, select } from "../views/sockets.ts";
import { type ShownView, viewOf } from "../views/view.ts";
import { frozenSink } from "../../render/frozen.ts";
import { jsonSink } from "../../render/json.ts";
import { Output } from "../../render/out.ts";

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
    const { stripTypes } = await import("./strip_types.ts");
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
  const { checkFamily } = await import("./check_family.ts");
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
        const all = { ...asked, format, all: true, families: [family.name] };
        const names = namesOf(tree, { patience: 0, numeric: false });
        await show(family, all, { tree, names, out, warn });
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
  const tree = new Tree(asked.root);
  const alive = () => send({ alive: true });
  tree.onRead = alive;
  names ??= namesOf(tree, asked);
  names.lookups?.begin();
  // waiting for names is no sign of death
  const pulse = setInterval(alive, PULSE);
  const status = await show(family, asked, { tree, names, out, warn });
  clearInterval(pulse);
  return status;
}

/** What a listing works with. */
interface Surroundings {
  readonly tree: Tree;
  readonly names: NameSource;
  readonly out: Output;
  warn(text: string): void;
}

/** Shows the family's sockets. Returns the status. */
async function show(
  family: Family,
  asked: Asked,
  { tree, names, out, warn }: Surroundings,
): Promise<number> {
  const view = viewOf(asked, names);
  const { sink, messages } = await writerFor(asked, view, { out, warn });
  const selection = select([family], asked, view);
  const flush = () => out.flush();
  const around = { asked, tree, view, sink, messages, flush };
  const status = await listSockets(selection, around);
  sink.end();
  return tree.failures.end(status, messages);
}

/** What writes rows, and where messages go beside them. */
async function writerFor(
  { format, color }: Asked,
  view: ShownView,
  { out, warn }: Pick<Surroundings, "out" | "warn">,
): Promise<{ readonly sink: Sink; readonly messages: Messages }> {
  if (format !== "text") {
    const messages = new Messages(warn);
    return { sink: jsonSink(out, { view, lines: true }), messages };
  }
  const colours = color === "always"
    ? await import("../../render/colours.ts")
    : undefined;
  const messages = new Messages(warn, (message) => {
    out.foreign(message);
    out.endRow();
  });
  return { sink: frozenSink(out, { view, colours }), messages };
}
