/**
 * A queue of records between two threads, in memory that both have. Who waits sleeps,
 * and who is faster waits for the other; neither needs its event loop.
 *
 * @module
 */

/** So many records are under way at most. */
const SLOTS = 2;

/** No record is longer, in bytes. */
export const RECORD_MOST: number = 1 << 20;

/** A slot has the record's kind and length in front. */
const HEAD = 8;
const SLOT = HEAD + RECORD_MOST;

/** Where it is counted how many records were sent, and how many were taken. */
const SENT = 0;
const TAKEN = 1;

/** The counters' bytes. */
const START = 8;

/** What one thread tells the other. */
export interface Frame {
  /** What the bytes are. */
  readonly kind: number;
  /** A copy, which the other thread does not reach. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One direction of a conversation. */
export class Channel {
  /** What the other thread makes its own end of. */
  readonly memory: SharedArrayBuffer;
  readonly #counts: Int32Array<SharedArrayBuffer>;

  /** The end of a channel that is there, or both of a new one. */
  constructor(memory = new SharedArrayBuffer(START + SLOTS * SLOT)) {
    this.memory = memory;
    this.#counts = new Int32Array(memory, 0, 2);
  }

  /**
   * Sends a record, in one or more parts. Returns false if it is too long, or nobody
   * took the one before for so many milliseconds.
   */
  send(
    kind: number,
    parts: readonly Uint8Array[],
    patience = Infinity,
  ): boolean {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    if (length > RECORD_MOST) return false;
    const counts = this.#counts;
    const sent = Atomics.load(counts, SENT);
    for (;;) {
      const taken = Atomics.load(counts, TAKEN);
      if ((sent - taken | 0) < SLOTS) break;
      if (Atomics.wait(counts, TAKEN, taken, patience) === "timed-out") {
        return false;
      }
    }
    const [start, head] = this.#slot(sent);
    head[0] = kind;
    head[1] = length;
    let at = start;
    for (const part of parts) {
      new Uint8Array(this.memory, at, part.length).set(part);
      at += part.length;
    }
    Atomics.add(counts, SENT, 1);
    Atomics.notify(counts, SENT);
    return true;
  }

  /** Takes a record; undefined if there is none for so many milliseconds. */
  receive(patience = Infinity): Frame | undefined {
    const counts = this.#counts;
    const taken = Atomics.load(counts, TAKEN);
    while (Atomics.load(counts, SENT) === taken) {
      if (Atomics.wait(counts, SENT, taken, patience) === "timed-out") {
        return undefined;
      }
    }
    const [start, head] = this.#slot(taken);
    const kind = head[0]!;
    const length = Math.min(head[1]! >>> 0, RECORD_MOST);
    const bytes = new Uint8Array(length);
    bytes.set(new Uint8Array(this.memory, start, length));
    Atomics.add(counts, TAKEN, 1);
    Atomics.notify(counts, TAKEN);
    return { kind, bytes };
  }

  /** Where the bytes of a record begin, and its head. */
  #slot(count: number): [number, Int32Array<SharedArrayBuffer>] {
    const start = START + (count >>> 0) % SLOTS * SLOT;
    return [start + HEAD, new Int32Array(this.memory, start, 2)];
  }
}

/** The bytes of a byte string. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** A value as JSON, of characters that are bytes. */
export function json(value: unknown): string {
  return JSON.stringify(value, exact).replace(
    /[\u0100-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Numbers that JSON cannot hold become texts. */
function exact(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
