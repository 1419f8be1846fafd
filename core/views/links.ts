/**
 * What netlink tells of interfaces, and at which speed they are, beside what the
 * interfaces view knows of each by its name.
 *
 * @module
 */

import type { Asked } from "../args/options.ts";
import { depthOf } from "../contract/depth.ts";
import {
  type Device,
  type DeviceTable,
  MEDIUM,
  type Medium,
} from "../contract/device.ts";
import { Answer, type Asking } from "../contract/diag.ts";
import { Line } from "../contract/line.ts";
import { Failure } from "../system/failures.ts";
import { type Media, mediaOf } from "../system/media.ts";
import { SavedAnswers } from "../system/saved_diag.ts";
import type { LineSource, Tree } from "../system/scan.ts";
import { isUnknown, openSockets } from "../system/sock_diag.ts";
import type { Shape } from "./shape.ts";

/** `IFLA_IFNAME` */
const IFNAME = 3;

/** So many bytes of answers are kept, 256 MiB; a saved tree may have any number. */
const MOST = 1 << 28;

/** So often interfaces are listed until none changes meanwhile. */
const ATTEMPTS = 3;

/** What is told of interfaces. */
export interface Links {
  /** That of the one with this name, until the next one is looked for. */
  find(name: string): {
    readonly answer: Answer | undefined;
    readonly medium: Medium | undefined;
  };
  /** Ends the asking. */
  close(): void;
}

/** Asks for all interfaces, as far as what is shown of them needs it. */
export function linksOf(
  table: DeviceTable<Device>,
  { show }: Pick<Shape, "show">,
  { tree, asked }: {
    readonly tree: Tree;
    readonly asked: Pick<Asked, "source">;
  },
): Links {
  const [source] = table.sources;
  const asking = depthOf(table)!.asking(source)!;
  const isAsked = asked.source !== "procfs" &&
    (!tree.live || tree.isProcfs(source.path));
  const answers = isAsked ? answersOf(asking, tree) : new Map();
  const media: Media | undefined = (show & MEDIUM) !== 0
    ? mediaOf(tree)
    : undefined;
  const answer = new Answer();
  return {
    find(name) {
      // an alias is its interface's
      const own = name.split(":", 1)[0]!;
      const bytes = answers.get(own);
      if (bytes !== undefined) {
        answer.set(bytes, 0, bytes.length, asking.answer);
      }
      return {
        answer: bytes && answer,
        medium: media?.find(own),
      };
    },
    close: () => media?.close(),
  };
}

/** The answers by names. */
function answersOf(asking: Asking, tree: Tree): Map<string, Uint8Array> {
  for (let attempt = 1;; attempt++) {
    const lines = tree.live
      ? openSockets(asking, {}, tree)
      : new SavedAnswers(tree).open(asking, {});
    if (lines instanceof Failure) {
      // a tree that has none, or a kernel that was not asked, lacks nothing
      if (!isUnknown(lines)) tree.failures.add(lines);
      return new Map();
    }
    const { found, failure } = read(lines, asking);
    if (failure === undefined) return found;
    if (!tree.live || attempt === ATTEMPTS) {
      tree.failures.add(failure);
      return found;
    }
  }
}

function read(
  lines: LineSource,
  asking: Asking,
): { found: Map<string, Uint8Array>; failure: Failure | undefined } {
  const found = new Map<string, Uint8Array>();
  const line = new Line();
  const answer = new Answer();
  let room = MOST;
  while (room > 0 && lines.next(line)) {
    answer.set(line.bytes, line.start, line.end, asking.answer);
    const name = answer.text(IFNAME);
    if (name === null || found.has(name) || !answer.isWhole()) continue;
    found.set(name, line.bytes.slice(line.start, line.end));
    room -= line.end - line.start;
  }
  lines.close();
  const failure = room > 0
    ? lines.failure
    : new Failure(lines.path, "ENOMEM", `Only ${MOST} bytes of it are kept`);
  return { found, failure };
}
