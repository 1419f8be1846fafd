/**
 * The thread of one family file: loads it, and lists its sockets when asked. It
 * renders them itself and hands over bytes.
 *
 * @module
 */

import type { Family } from "../contract/family.ts";
import { namesOf, type NameSource } from "../system/names.ts";
import type { Asked } from "../args/options.ts";
import { familyOf } from "./plugin.ts";
import type { Reply, Request } from "./plugins.ts";
import { Tree } from "../system/scan.ts";
import { listSockets, select } from "../views/sockets.ts";
import { viewOf } from "../views/view.ts";
import { jsonSink } from "../../render/json.ts";
import { Output } from "../../render/out.ts";
import { frozenSink } from "../../render/frozen.ts";
import { Messages } from "../contract/said.ts";

/** This thread, as far as it is needed. */
const thread = self as unknown as {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage(reply: Reply): void;
};

/** A thread that waits says so this often, in milliseconds. */
const PULSE = 1000;

let family: Family | undefined;

/** Names that were found are kept for further rounds of `-c`. */
let names: NameSource | undefined;

thread.onmessage = async ({ data }) => {
  try {
    if ("load" in data) {
      family = await load(data.load, data.typescript);
      const { name, words, hidden } = family;
      thread.postMessage({
        loaded: {
          name,
          ...(words === undefined ? {} : { words }),
          ...(hidden === undefined ? {} : { hidden }),
        },
      });
    } else {
      thread.postMessage({ status: await list(family!, data.list) });
    }
  } catch (error) {
    thread.postMessage({
      fault: error instanceof Error ? error.message : String(error),
    });
  }
};

/**
 * Runs the text of a family file. It is imported from memory, so that what runs is
 * what was checked, and so that it cannot import other files.
 */
async function load(source: string, typescript: boolean): Promise<Family> {
  if (typescript) {
    const { stripTypes } = await import("./strip_types.ts");
    source = stripTypes(source);
  }
  const bytes = new TextEncoder().encode(source);
  const module = await imported(
    `data:text/javascript;base64,${bytes.toBase64()}`,
  );
  return familyOf(module.default);
}

async function imported(url: string): Promise<{ default: unknown }> {
  try {
    return await import(url);
  } catch (error) {
    // what the runtime says of a name that is relative to memory, or of a package
    if (/cannot-be-a-base|not a dependency|list of packages/.test(`${error}`)) {
      throw new Error("it imports another file: only types can be imported");
    }
    throw error;
  }
}

async function list(family: Family, asked: Asked): Promise<number> {
  const out = new Output((bytes) => {
    thread.postMessage({ rows: bytes.slice() });
    return bytes.length;
  });
  const tree = new Tree(asked.root);
  const alive = () => thread.postMessage({ alive: true });
  tree.onRead = alive;
  names ??= namesOf(tree, asked.patience);
  names.lookups?.begin();
  const view = viewOf(asked, names);
  // waiting for names is no sign of death
  const pulse = setInterval(alive, PULSE);
  const text = asked.format === "text";
  const colours = text && asked.color === "always"
    ? await import("../../render/colours.ts")
    : undefined;
  const sink = text
    ? frozenSink(out, { view, colours })
    : jsonSink(out, { view, lines: true });
  const warn = (text: string) => thread.postMessage({ warning: text });
  const messages = text
    ? new Messages(warn, (message) => {
      out.foreign(message);
      out.endRow();
    })
    : new Messages(warn);
  const selection = select([family], asked, view);
  const flush = () => out.flush();
  const around = { asked, tree, view, sink, messages, flush };
  const status = await listSockets(selection, around);
  sink.end();
  clearInterval(pulse);
  return status;
}
