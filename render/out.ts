/**
 * The output buffer: everything the program prints on a stream goes through one of
 * these, as bytes, in large writes.
 *
 * @module
 */

import { Bytes, THRESHOLD } from "../core/contract/out.ts";
import { errorText, writeWaiting } from "../core/system/libc.ts";

/** Takes bytes and returns how many it took; throws what the system says. */
export type Sink = (bytes: Uint8Array<ArrayBuffer>) => number;

/** A stream could not be written to. */
export class WriteError extends Error {}

/** A buffer in front of a stream. */
export class Output extends Bytes {
  #sink: Sink;

  /** `eager` writes each row at once, as is right for a terminal. */
  constructor(sink: Sink, readonly eager = false) {
    super();
    this.#sink = sink;
  }

  /** Ends a line: writes the buffer out if it is time. */
  endRow(): void {
    this.bytes[this.at++] = 10;
    this.yield();
  }

  /**
   * Writes bytes as they are, at once, behind what is in the buffer. Throws
   * {@linkcode WriteError}, also where nobody reads on: of these all are needed.
   */
  raw(bytes: Uint8Array<ArrayBuffer>): void {
    this.flush();
    for (let from = 0; from < bytes.length;) {
      try {
        from += this.#sink(bytes.subarray(from));
      } catch (error) {
        if (!(error instanceof Deno.errors.Interrupted)) throw cause(error);
      }
    }
  }

  /** Writes the buffer out if it is time. */
  yield(): void {
    if (this.at >= THRESHOLD || this.eager) this.flush();
  }

  /** Writes bytes as they are, behind what there is, with one write if all are taken. */
  whole(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
    this.flush();
  }

  /** Has somebody else take the bytes from now on. Returns what gives them back. */
  divert(sink: Sink): () => void {
    this.flush();
    const own = this.#sink;
    this.#sink = sink;
    return () => {
      this.flush();
      this.#sink = own;
    };
  }

  /**
   * Writes out all there is, however many writes it takes. Throws
   * {@linkcode WriteError}.
   *
   * A reader who goes away ends the program by SIGPIPE. Only where whoever started
   * it ignores that signal, as systemd does for services, is there an error; then
   * nobody reads on, and what is written is forgotten, as by net-tools.
   */
  flush(): void {
    const length = this.at;
    if (length > this.bytes.length) {
      throw new RangeError("a cell is longer than the room that it asked for");
    }
    this.at = 0;
    for (let from = 0; from < length;) {
      try {
        from += this.#sink(this.bytes.subarray(from, length));
      } catch (error) {
        if (error instanceof Deno.errors.Interrupted) continue;
        if (!(error instanceof Deno.errors.BrokenPipe)) throw cause(error);
        this.#sink = ({ length }) => length;
      }
    }
  }
}

const EPIPE = 32;
const NEWLINE = 10;

/** A pipe takes a write of no more than this whole or not at all (pipe(7)). */
const PIPE_BUF = 4096;

/**
 * The program's standard output, which may be a terminal. Whoever shares it may make
 * it non-blocking at any time, and the runtime's own way of writing forgets how much
 * such a one took before it was full. So what may be taken in parts is written
 * directly. The rest is not, since the first such write takes a little longer.
 */
export function standardOutput(terminal: boolean): Sink {
  let direct = terminal;
  return (bytes) => {
    // what stands behind a newline would stay in a buffer of the runtime's
    direct ||= bytes.length > PIPE_BUF || bytes.at(-1) !== NEWLINE;
    if (!direct) {
      try {
        return Deno.stdout.writeSync(bytes);
      } catch (error) {
        if (!(error instanceof Deno.errors.WouldBlock)) throw error;
        direct = true;
      }
    }
    const taken = writeWaiting(1, bytes);
    if (taken >= 0) return taken;
    if (taken === -EPIPE) {
      throw new Deno.errors.BrokenPipe(errorText(EPIPE));
    }
    throw new WriteError(errorText(-taken));
  };
}

/** The program's standard error. A message that nobody can be told is forgotten. */
export function standardError(): Sink {
  return (bytes) => {
    try {
      return Deno.stderr.writeSync(bytes);
    } catch (error) {
      if (error instanceof Deno.errors.Interrupted) throw error;
      return bytes.length;
    }
  };
}

/** Names what went wrong with a write. */
function cause(error: unknown): WriteError {
  if (error instanceof WriteError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new WriteError(text.replace(/ \(os error \d+\).*$/, ""));
}
