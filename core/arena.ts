/**
 * Lines that are kept from a file, to be read again: what was shown before it was
 * known who owns it, or what it is called, must be what is shown then.
 *
 * @module
 */

import type { Failure } from "./failures.ts";
import { Line } from "./line.ts";
import type { LineSource } from "./scan.ts";

/** The length and the number of each line stand in front of it, 4 bytes each. */
const HEAD = 8;

/** Copies of lines, one after the other. */
export class Arena {
  /** The failure that ended the reading of the file early, if one did. */
  failure: Failure | undefined;
  readonly #from: Pick<LineSource, "path" | "messages">;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1 << 16);
  #end = 0;

  /** Nothing yet of these lines. */
  constructor(from: Pick<LineSource, "path" | "messages">) {
    this.#from = from;
  }

  /** All lines of a file. */
  static of(lines: LineSource): Arena {
    const arena = new Arena(lines);
    const line = new Line();
    while (lines.next(line)) arena.add(line, lines.number);
    arena.failure = lines.failure;
    return arena;
  }

  /** Keeps a line with its number. */
  add(line: Line, number: number): void {
    const length = line.end - line.start;
    const start = this.#end + HEAD;
    if (start + length > this.#bytes.length) {
      const larger = new Uint8Array(2 * (start + length));
      larger.set(this.#bytes.subarray(0, this.#end));
      this.#bytes = larger;
    }
    const bytes = this.#bytes;
    put(bytes, this.#end, length);
    put(bytes, this.#end + 4, number);
    // lines are short: a loop is faster than `set`
    const from = line.bytes;
    for (let i = 0; i < length; i++) bytes[start + i] = from[line.start + i]!;
    this.#end = start + length;
  }

  /** The lines that were kept, from the first one on. */
  lines(): LineSource {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = 0;
    let number = 0;
    return {
      path: this.#from.path,
      messages: this.#from.messages ?? false,
      failure: this.failure,
      get number() {
        return number;
      },
      next(line) {
        if (at === end) return false;
        const start = at + HEAD;
        number = get(bytes, at + 4);
        at = start + get(bytes, at);
        line.set(bytes, start, at);
        return true;
      },
      close() {},
    };
  }
}

function put(bytes: Uint8Array, at: number, number: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = number >>> 8 * i;
}

function get(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
    bytes[at + 3]! << 24;
}
