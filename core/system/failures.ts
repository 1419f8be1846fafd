/**
 * What could not be read. Less than there is is never shown in silence: what nobody
 * told while it happened is told at the end, and the exit status is not 0.
 *
 * @module
 */

import type { Warnings } from "../contract/said.ts";
import * as libc from "./libc.ts";

/** Why a file could not be read, in the words of C's `strerror`. */
export class Failure {
  /** Whether the user was told. */
  told = false;

  /** `path` is what could not be read; `code` is an errno name such as `ENOENT`. */
  constructor(
    readonly path: string,
    readonly code: string,
    readonly reason: string,
  ) {}

  /** The failure of a call of the C library. */
  static ofErrno(path: string, errno: number): Failure {
    const code = CODES.get(errno) ?? `errno ${errno}`;
    return new Failure(path, code, libc.errorText(errno));
  }

  /** Makes a failure of what Deno threw; anything but an I/O error is thrown again. */
  static of(path: string, error: unknown): Failure {
    if (!(error instanceof Error)) throw error;
    if (error instanceof OddFile) {
      return new Failure(path, "EINVAL", error.message);
    }
    const os = /^(.*?) \(os error (\d+)\)/.exec(error.message);
    if (os !== null) {
      const code = CODES.get(Number(os[2])) ?? `errno ${os[2]}`;
      return new Failure(path, code, os[1]!);
    }
    // Node's API has words of its own
    const { code, errno } = error as { code?: string; errno?: number };
    if (errno === undefined || !/^E[A-Z0-9]+$/.test(code ?? "")) throw error;
    return new Failure(path, code!, libc.errorText(-errno));
  }

  /** Whether there is no file of this name, nor of the folder's that it was in. */
  get gone(): boolean {
    return this.code === "ENOENT" || this.code === "ENOTDIR";
  }

  /** The line that net-tools prints: `PATH: REASON`. */
  toString(): string {
    return `${this.path}: ${this.reason}`;
  }
}

/** Neither a regular file nor a folder stands where one should. */
export class OddFile extends Error {
  /** The message says so. */
  constructor() {
    super("Not a regular file");
  }
}

/** What is said of a file that a saved tree lacks. */
export type Lack = Pick<Failure, "path" | "code" | "reason">;

/** The errors that are told apart (`asm-generic/errno.h`). */
const CODES: ReadonlyMap<number, string> = new Map([
  [1, "EPERM"],
  [2, "ENOENT"],
  [3, "ESRCH"],
  [13, "EACCES"],
  [19, "ENODEV"],
  [20, "ENOTDIR"],
  [21, "EISDIR"],
  [22, "EINVAL"],
  [40, "ELOOP"],
  [93, "EPROTONOSUPPORT"],
  [97, "EAFNOSUPPORT"],
  [101, "ENETUNREACH"],
  [113, "EHOSTUNREACH"],
]);

/** Tells a failure when it happens, in net-tools' words if it has some. */
export function tell(
  failure: Failure,
  to: Warnings,
  words = failure.toString(),
): void {
  failure.told = true;
  to.warn(words);
}

/** The failures of a round. */
export class Failures {
  readonly #all = new Set<Failure>();

  /** Adds a failure, unless there is nothing that could be read. Returns it. */
  add(failure: Failure): Failure {
    // a process can end while it is read; in a saved tree a folder can stand for a file
    const nothing = failure.gone || failure.code === "ESRCH" ||
      failure.code === "EISDIR";
    if (!nothing) this.#all.add(failure);
    return failure;
  }

  /** Forgets a failure by which nothing is lost, or whose exit status is net-tools'. */
  forget(failure: Failure): void {
    this.#all.delete(failure);
  }

  /**
   * Ends a round that came to `status`. Tells what was not told; of many failures of
   * one kind, one. Returns the exit status: net-tools' where it told, in its words.
   */
  end(status: number, to: Warnings): number {
    const untold = [...this.#all].filter((failure) => !failure.told);
    this.#all.clear();
    // net-tools takes a file that is denied for one that is missing, and has said so
    const counts = status !== 0
      ? untold.filter((failure) => failure.code !== "EACCES")
      : untold;
    const kinds = Map.groupBy(
      counts,
      (failure) => failure.toString().replace(/\d+/g, "N"),
    );
    for (const [first, ...others] of kinds.values()) {
      const more = others.length > 0 ? ` (and ${others.length} more)` : "";
      to.warn(`netstat: cannot read ${first!.path}: ${first!.reason}${more}`);
    }
    return status === 0 && counts.length > 0 ? 1 : status;
  }
}
