/**
 * Where we differ from the reference whatever is shown.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Result } from "../../tests/cases.ts";
import { neutralise } from "../../core/contract/out.ts";
import { latin1 } from "./bytes.ts";
import { FOLDER } from "./cases.ts";
import type { Deviation } from "./format.ts";
import { reasonOf } from "./values.ts";

/** The deviations that all subjects share. */
export const COMMON: readonly Deviation[] = [
  {
    reason:
      "A folder in a file's place is told, and the status is 1; net-tools reads for ever, or shows nothing.",
    without(input) {
      const links = new Map(
        [...input.links ?? []].filter(([, target]) => target !== FOLDER),
      );
      return links.size < (input.links?.size ?? 0)
        ? { ...input, links }
        : undefined;
    },
  },
  {
    reason:
      "A file that is there and cannot be read is told, and the exit status says that it is missing; net-tools lists IPv4 alone, without a word.",
    forgiven(input, ours, reference): Result | undefined {
      const isUnread = (path: string) =>
        /^(Permission denied|Too many levels .*)$/.test(reasonOf(path, input));
      const stderr = ours.stderr.replaceAll(
        /^netstat: cannot read (\S+): .*\n/gm,
        (line, path) => isUnread(path) ? "" : line,
      );
      if (stderr === ours.stderr) return undefined;
      const exit = ours.exit === 1 ? reference.exit : ours.exit;
      return { ...ours, stderr, exit };
    },
  },
  {
    reason: "Control bytes never reach a terminal: each is printed as a dot.",
    expected(_input, reference): Result {
      return {
        stdout: harmless(reference.stdout),
        stderr: harmless(reference.stderr),
        exit: reference.exit,
      };
    },
  },
];

/** The text with its control bytes neutralised, newlines excepted. */
export function harmless(text: string): string {
  const bytes = Buffer.from(text, "latin1");
  for (let from = 0; from < bytes.length;) {
    const newline = bytes.indexOf(10, from);
    const end = newline < 0 ? bytes.length : newline;
    neutralise(bytes, from, end);
    from = end + 1;
  }
  return latin1(bytes);
}
