/**
 * The thread of one family file: loads it, and lists its sockets when asked. It
 * renders them itself and hands over bytes.
 *
 * @module
 */

import type { Family } from "../core/family.ts";
import { namesOf, type NameSource } from "../core/names.ts";
import type { Asked } from "../core/options.ts";
import { familyOf } from "../core/plugin.ts";
import type { Reply, Request } from "../core/plugins.ts";
import { Tree } from "../core/scan.ts";
import { listSockets, select } from "../core/sockets.ts";
import { viewOf } from "../core/view.ts";
import { jsonReport } from "./json.ts";
import { Output } from "./out.ts";
import { coloursOf, textReport } from "./text.ts";

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
    const { stripTypes } = await import("../core/strip_types.ts");
    source = await stripTypes(source);
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
  const warn = (text: string) => thread.postMessage({ warning: text });
  const report = asked.format === "text"
    ? textReport(out, warn, await coloursOf(asked.color))
    : jsonReport(out, warn, true);
  const tree = new Tree(asked.root);
  const alive = () => thread.postMessage({ alive: true });
  tree.onRead = alive;
  names ??= namesOf(tree, asked.patience);
  names.lookups?.begin();
  const view = viewOf(asked, names);
  // waiting for names is no sign of death
  const pulse = setInterval(alive, PULSE);
  report.begin(view);
  const selection = select([family], asked, view);
  const status = await listSockets(selection, { asked, tree, view, report });
  report.end();
  clearInterval(pulse);
  return status;
}
