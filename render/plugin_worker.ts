/**
 * The thread of one family file: loads it, and lists its sockets when asked. It
 * renders them itself and hands over bytes.
 *
 * @module
 */

import type { Family } from "../core/family.ts";
import { namesOf } from "../core/names.ts";
import type { Asked } from "../core/options.ts";
import { familyOf } from "../core/plugin.ts";
import type { Reply, Request } from "../core/plugins.ts";
import { Tree } from "../core/scan.ts";
import { listSockets, select } from "../core/sockets.ts";
import { viewOf } from "../core/view.ts";
import { jsonReport } from "./json.ts";
import { Output } from "./out.ts";
import { textReport } from "./text.ts";

/** This thread, as far as it is needed. */
const thread = self as unknown as {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage(reply: Reply): void;
};

let family: Family | undefined;

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
      thread.postMessage({ status: list(family!, data.list) });
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
    source = stripTypes(source);
  }
  const bytes = new TextEncoder().encode(source);
  const module = await import(
    `data:text/javascript;base64,${bytes.toBase64()}`
  );
  return familyOf(module.default);
}

function list(family: Family, asked: Asked): number {
  const out = new Output((bytes) => {
    thread.postMessage({ rows: bytes.slice() });
    return bytes.length;
  });
  const warn = (text: string) => thread.postMessage({ warning: text });
  const report = asked.format === "text"
    ? textReport(out, warn)
    : jsonReport(out, warn, true);
  const tree = new Tree(asked.root);
  tree.onRead = () => thread.postMessage({ alive: true });
  const view = viewOf(asked, namesOf(tree));
  report.begin(view);
  const status = listSockets(
    select([family], asked, view),
    view,
    { asked, tree, report },
  );
  report.end();
  return status;
}
