/**
 * Runs the program inside this process, for tests.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Failure } from "../core/system/failures.ts";
import { namesInFolder } from "../core/system/libc.ts";
import { byteString } from "../core/contract/line.ts";
import { findFamilies } from "../core/views/registry.ts";
import { type Io, run } from "../main.ts";
import { Output } from "../render/out.ts";
import type { Result } from "./cases.ts";

// the C library stays open: it is opened before a test is asked what it left open
Failure.ofErrno("/", Number(namesInFolder("/dev/null")));

/** Does what the arguments say and returns what was printed. */
export function netstat(...args: string[]): Promise<Result> {
  return netstatWith(findFamilies, args);
}

/** {@linkcode netstat} with other families than those that are built in. */
export async function netstatWith(
  families: Io["families"],
  args: readonly string[],
  surroundings: Pick<Partial<Io>, "colours" | "advises" | "lender"> = {},
): Promise<Result> {
  const stdout = collector();
  const stderr = collector();
  const exit = await run(args, {
    stdout: stdout.out,
    stderr: stderr.out,
    families,
    programName: () => Promise.resolve("netstat"),
    colours: false,
    advises: () => false,
    posix() {
      const isNeeded = args.some((word) => !/^-./.test(word));
      assert.ok(isNeeded, "to ask takes time, and there is no operand");
      return false;
    },
    lender: () => Promise.resolve(undefined),
    sleep: () => Promise.reject(new Error("a test cannot wait for -c")),
    ...surroundings,
  });
  return { stdout: stdout.text(), stderr: stderr.text(), exit };
}

/** An output that keeps what is written to it. */
export function collector(): { out: Output; text: () => string } {
  const parts: string[] = [];
  const out = new Output((bytes) => {
    parts.push(byteString(bytes));
    return bytes.length;
  });
  return {
    out,
    text() {
      out.flush();
      return parts.join("");
    },
  };
}
