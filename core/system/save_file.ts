/**
 * The one file that the program writes, if it is told to (`--save FILE`). It is written
 * beside FILE, under a name of its own, and takes its place when it is whole. Whatever
 * comes between, a signal or a full disk, leaves nothing behind.
 *
 * @module
 */

import { Failure } from "./failures.ts";
import { isIgnored, obey } from "./libc.ts";

/** Where a save is written. */
export interface Target {
  /** Writes all of these bytes; throws what the system says. */
  write(bytes: Uint8Array<ArrayBuffer>): void;
  /** All is written: the file is there from now on. */
  finish(): void;
  /** Leaves nothing behind. */
  undo(): void;
}

/** A signal and its number. */
type Numbered = readonly [Deno.Signal, number];

/** What ends the program while it writes, if nobody minds it. */
const SIGNALS: readonly Numbered[] = [
  ["SIGHUP", 1],
  ["SIGINT", 2],
  ["SIGQUIT", 3],
  ["SIGTRAP", 5],
  ["SIGABRT", 6],
  ["SIGUSR1", 10],
  ["SIGUSR2", 12],
  ["SIGPIPE", 13],
  ["SIGALRM", 14],
  ["SIGTERM", 15],
  ["SIGSTKFLT", 16],
  ["SIGXCPU", 24],
  ["SIGVTALRM", 26],
  ["SIGPROF", 27],
  ["SIGIO", 29],
  ["SIGPWR", 30],
  ["SIGSYS", 31],
];

/** What a file that outgrows a limit of its process is told by; the write fails, too. */
const TOO_LARGE: Numbered = ["SIGXFSZ", 25];

/** Only its owner may read what a save tells. */
const MODE = 0o600;

/** So many names are tried: each is one of four thousand million. */
const ATTEMPTS = 8;

/** Begins a file that will be at `path`, or says why it cannot be there. */
export function beginFile(
  path: string,
  { force }: { readonly force: boolean },
): Target | Failure {
  try {
    const refusal = refusalOf(path, force);
    return refusal === undefined
      ? new Beside(path, force)
      : new Failure(path, "EEXIST", refusal);
  } catch (error) {
    return Failure.of(path, error);
  }
}

/** Why nothing may take the place of what is there; undefined if nothing is. */
function refusalOf(path: string, force: boolean): string | undefined {
  let there: Deno.FileInfo;
  try {
    there = Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  if (there.isDirectory) return "Is a folder; name a file in it";
  if (!there.isFile && !there.isSymlink) {
    return "Neither a file nor a new name; - is standard output";
  }
  return force ? undefined : "File exists; --force overwrites it";
}

/** The signals that end the program, once others are minded. */
let ending: readonly Numbered[] | undefined;

/**
 * Finds the signals that are to end the program. Others are minded for good: that of a
 * file that is too large, which may come when the write has failed already, and those
 * that the program was started to ignore, which the runtime forgets once it minds any.
 */
function endingSignals(): readonly Numbered[] {
  if (ending !== undefined) return ending;
  const ignored = SIGNALS.filter(([, number]) => isIgnored(number));
  for (const [signal] of [TOO_LARGE, ...ignored]) {
    Deno.addSignalListener(signal, () => {});
  }
  return ending = SIGNALS.filter((one) => !ignored.includes(one));
}

class Beside implements Target {
  readonly #path: string;
  readonly #force: boolean;
  readonly #own: string;
  readonly #descriptor: number;
  readonly #handlers: readonly [Deno.Signal, () => void][];
  #open = true;

  constructor(path: string, force: boolean) {
    this.#path = path;
    this.#force = force;
    this.#handlers = endingSignals().map(([signal, number]) => [
      signal,
      () => this.#interrupted(number),
    ]);
    // from here on a signal has something to leave behind
    for (const [signal, handler] of this.#handlers) {
      Deno.addSignalListener(signal, handler);
    }
    try {
      [this.#own, this.#descriptor] = openBeside(path);
    } catch (error) {
      this.#ignore();
      throw error;
    }
  }

  write(bytes: Uint8Array<ArrayBuffer>): void {
    const { writeSync } = files();
    for (let at = 0; at < bytes.length;) {
      at += writeSync(this.#descriptor, bytes, at, bytes.length - at);
    }
  }

  finish(): void {
    // some file systems tell only now that there is no space
    files().fsyncSync(this.#descriptor);
    this.#close();
    this.#place();
    this.#ignore();
  }

  /** Gives the file its name. */
  #place(): void {
    if (!this.#force) {
      try {
        // unlike a renaming, this overwrites nothing
        Deno.linkSync(this.#own, this.#path);
        Deno.removeSync(this.#own);
        return;
      } catch (error) {
        if (error instanceof Deno.errors.AlreadyExists) throw error;
        // a file system that has no links
      }
      const refusal = refusalOf(this.#path, false);
      if (refusal !== undefined) {
        throw new Deno.errors.AlreadyExists(`${refusal} (os error 17)`);
      }
    }
    Deno.renameSync(this.#own, this.#path);
  }

  undo(): void {
    this.#close();
    try {
      Deno.removeSync(this.#own);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    this.#ignore();
  }

  #close(): void {
    if (this.#open) files().closeSync(this.#descriptor);
    this.#open = false;
  }

  /** Dies of the signal, as the program would without any file. */
  #interrupted(signal: number): void {
    this.undo();
    obey(signal);
  }

  #ignore(): void {
    for (const [signal, handler] of this.#handlers) {
      Deno.removeSignalListener(signal, handler);
    }
  }
}

/** Makes a file in the folder of `path`: its own path, and its descriptor. */
function openBeside(path: string): [string, number] {
  const { openSync, constants } = files();
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  for (let attempt = 1;; attempt++) {
    const [number] = crypto.getRandomValues(new Uint32Array(1));
    const name = `.netstat-save-${number!.toString(16).padStart(8, "0")}`;
    const own = folder + name;
    try {
      const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
      return [own, openSync(own, flags, MODE)];
    } catch (error) {
      const { code } = Failure.of(path, error);
      if (code !== "EEXIST" || attempt === ATTEMPTS) throw error;
    }
  }
}

// deno-lint-ignore no-process-global
const files = () => process.getBuiltinModule("node:fs");
