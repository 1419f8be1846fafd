/**
 * A second thread that reads descriptors: one process can have a hundred thousand, and
 * the kernel reads links for two threads at the same time.
 *
 * @module
 */

import { descriptorsThread } from "embedded";
import { readInodes } from "./socket_links.ts";

/** So many descriptors, one after the other, are read by one of the two threads. */
export const BLOCK: number = 256;

/** So many blocks of a process are read by both. */
const BLOCKS = 4096;

/** How many processes were begun, for which the second thread waits. */
const BEGUN = 0;
/** How many of them it has left, and whether it has come at all. */
const LEFT = 1;
const CAME = 5;
/** The open folder of the process, and how many blocks it has. */
const FOLDER = 2;
const COUNT = 3;
/** How many blocks were taken, by either thread. */
const TAKEN = 4;
/** Who read which block: nobody so far, the first thread, or the second one. */
const STATES = 8;
const NOBODY = 0;
const FIRST = 1;
const SECOND = 2;

/** Where the inodes are, behind the words, in bytes. */
const INODES = 4 * (STATES + BLOCKS);

/** What two threads have of the descriptors of a process. */
export class Shared {
  /** What is handed to the other thread. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;

  /** New memory, or what was handed over. */
  constructor(memory = new SharedArrayBuffer(INODES + 8 * BLOCK * BLOCKS)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, INODES / 4);
  }

  /** What was found in a block, as {@linkcode readInodes} tells it. */
  inodesOf(block: number): Float64Array<SharedArrayBuffer> {
    return new Float64Array(this.memory, INODES + 8 * BLOCK * block, BLOCK);
  }

  /** Takes a block for one of the threads; undefined if none is left. */
  take(): number | undefined {
    const words = this.#words;
    const block = Atomics.add(words, TAKEN, 1);
    return block < words[COUNT]! ? block : undefined;
  }

  /** Whether the second thread has come, so that it can be waited for. */
  get came(): boolean {
    return Atomics.load(this.#words, CAME) !== 0;
  }

  /** Begins with a process. Returns false if the second thread is still at another one. */
  begin(folder: number, blocks: number): boolean {
    const words = this.#words;
    const begun = words[BEGUN]!;
    const isFree = Atomics.load(words, LEFT) === begun;
    if (!isFree && !(this.came && this.#settled(LEFT, begun - 1))) return false;
    words[FOLDER] = folder;
    words[COUNT] = blocks;
    words.fill(NOBODY, STATES, STATES + blocks);
    Atomics.store(words, TAKEN, 0);
    this.#tell(BEGUN, begun + 1);
    return true;
  }

  /** Says that the first thread reads a block. */
  own(block: number): void {
    this.#words[STATES + block] = FIRST;
  }

  /** Who read a block that was taken; waits a while for somebody, if that is wanted. */
  readerOf(block: number, waits: boolean): number {
    const at = STATES + block;
    if (waits) this.#settled(at, NOBODY);
    return Atomics.load(this.#words, at);
  }

  /** What the second thread does all the time. */
  serve(): never {
    const words = this.#words;
    Atomics.store(words, CAME, 1);
    for (let begun = 0;; this.#tell(LEFT, ++begun)) {
      Atomics.wait(words, BEGUN, begun);
      const folder = words[FOLDER]!;
      for (let block; (block = this.take()) !== undefined;) {
        readInodes(folder, block * BLOCK, this.inodesOf(block));
        this.#tell(STATES + block, SECOND);
      }
    }
  }

  #tell(at: number, value: number): void {
    Atomics.store(this.#words, at, value);
    Atomics.notify(this.#words, at);
  }

  /** Waits until a word is another one. Returns false if it takes too long. */
  #settled(at: number, from: number): boolean {
    return Atomics.wait(this.#words, at, from, PATIENCE) !== "timed-out";
  }
}

/** So many milliseconds are waited for the other thread: a block takes one. */
const PATIENCE = 2000;

/** Receives the first number of a block, and what is behind its descriptors. */
export type Found = (from: number, inodes: Float64Array) => void;

/** The second thread, as the first one sees it. */
export class Aside {
  readonly #shared: Shared;
  readonly #inodes = new Float64Array(BLOCK);
  /** Whether it came and did not go on, so that nobody waits for it again. */
  #isLost = false;

  /** Knows it by what both have. */
  constructor(shared = new Shared()) {
    this.#shared = shared;
  }

  /** Makes the thread. Throws if there can be no further one. */
  start(): void {
    const options = {
      type: "module",
      deno: { permissions: { ffi: true } },
    } as WorkerOptions;
    // a name that is not embedded would be looked for in /tmp
    const worker = new Worker(descriptorsThread(), options);
    worker.onerror = (event) => event.preventDefault();
    worker.postMessage(this.#shared.memory);
  }

  /**
   * Has both threads read the descriptors of a process with numbers below `count`, but for
   * some of the last ones. Returns the first number that was not read.
   */
  read(folder: number, count: number, visit: Found): number {
    const shared = this.#shared;
    const blocks = Math.min(Math.floor(count / BLOCK), BLOCKS);
    if (this.#isLost) return 0;
    if (!shared.begin(folder, blocks)) {
      this.#isLost = shared.came;
      return 0;
    }
    const read = (block: number) => {
      readInodes(folder, block * BLOCK, this.#inodes);
      visit(block * BLOCK, this.#inodes);
    };
    // blocks of the second thread are visited in between, while it reads others
    let next = 0;
    const visitOthers = (end: number, waits: boolean) => {
      for (; next < end; next++) {
        const reader = shared.readerOf(next, waits);
        if (reader === SECOND) visit(next * BLOCK, shared.inodesOf(next));
        if (reader !== NOBODY) continue;
        if (!waits) return;
        read(next);
      }
    };
    for (let block; (block = shared.take()) !== undefined;) {
      shared.own(block);
      read(block);
      visitOthers(block, false);
    }
    visitOthers(blocks, true);
    return blocks * BLOCK;
  }
}
