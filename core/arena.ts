/**
 * Lines that are kept from a file, to be read again: what was shown before it was
 * known who owns it, or what it is called, must be what is shown then.
 *
 * @module
 */

import { Line } from "./line.ts";
import { type Failure, Lines } from "./scan.ts";

/** Copies of lines, one after the other. */
export class Arena {
  /** The failure that ended the reading of the file early, if one did. */
  failure: Failure | undefined;
  readonly #path: string;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1 << 16);
  #length = 0;

  /** Nothing yet of the file at `path`. */
  constructor(path: string) {
    this.#path = path;
  }

  /** All lines of a file. */
  static of(lines: Lines): Arena {
    const arena = new Arena(lines.path);
    const line = new Line();
    while (lines.next(line)) arena.add(line);
    arena.failure = lines.failure;
    return arena;
  }

  /** Keeps a line. */
  add(line: Line): void {
    const length = line.end - line.start;
    if (this.#length + length + 1 > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.#bytes.length + length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(
      line.bytes.subarray(line.start, line.end),
      this.#length,
    );
    this.#length += length;
    this.#bytes[this.#length++] = 10;
  }

  /** The lines that were kept, from the first one on. */
  lines(): Lines {
    const bytes = this.#bytes.subarray(0, this.#length);
    // long lines were cut when they were read first
    const lines = new Lines(this.#path, bytes, Infinity);
    lines.failure = this.failure;
    return lines;
  }
}
