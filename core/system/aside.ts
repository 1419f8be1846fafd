/**
 * Descriptors whose links a second thread reads ahead: one process can have a hundred
 * thousand, and the kernel reads links for two threads at the same time.
 *
 * @module
 */

import { closeDescriptor, type LinkReader } from "./libc.ts";

/** So many descriptors, one after the other, are read at once. */
export const BLOCK = 64;

/** Where words of all blocks are (`struct blocks` of tools/engine/links.h), … */
const NEXT = 0;
const COUNT = 1;
const HEAD_WORDS = 4;

/** … and those of each (`struct block`), before its inodes. */
const FOLDER = 0;
const FROM = 1;
const NUMBERS = 2;
const IS_READ = 3;
const BLOCK_WORDS = 4;

/** How many numbers of 64 bits a block takes, and are before the inodes of the first. */
const STRIDE = BLOCK_WORDS / 2 + BLOCK;
const BEFORE = (HEAD_WORDS + BLOCK_WORDS) / 2;

/** Numbers of a folder's, one after the other. */
export interface Numbers {
  /** The open folder. */
  readonly folder: number;
  /** The first number. */
  readonly from: number;
  /** How many there are. */
  readonly numbers: number;
}

/** Blocks of descriptors, and what two threads have found behind them. */
export class Blocks {
  /** What is handed to the machine code. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What is behind the descriptors, as `readInodes` tells it. */
  readonly inodes: Float64Array;
  readonly #words: Int32Array<SharedArrayBuffer>;

  /** Room for so many blocks. */
  constructor(count: number) {
    const memory = new SharedArrayBuffer(4 * HEAD_WORDS + 8 * STRIDE * count);
    this.#words = new Int32Array(memory);
    this.#words[COUNT] = count;
    this.inodes = new Float64Array(memory);
    // the runtime takes shared memory, which its types do not say
    this.bytes = new Uint8Array(memory) as unknown as Uint8Array<ArrayBuffer>;
  }

  /** How many there are. */
  get count(): number {
    return this.#words[COUNT]!;
  }

  /** Says which descriptors a block is for. */
  set(block: number, { folder, from, numbers }: Numbers): void {
    const at = this.#at(block);
    this.#words[at + FOLDER] = folder;
    this.#words[at + FROM] = from;
    this.#words[at + NUMBERS] = numbers;
  }

  /** How many numbers a block is of. */
  numbersOf(block: number): number {
    return this.#words[this.#at(block) + NUMBERS]!;
  }

  /** Where the inodes of a block begin. */
  placeOf(block: number): number {
    return BEFORE + STRIDE * block;
  }

  /** Takes the next block; undefined if none is left. */
  take(): number | undefined {
    const block = Atomics.add(this.#words, NEXT, 1);
    return block < this.count ? block : undefined;
  }

  /** Leaves no block to be taken. */
  end(): void {
    Atomics.store(this.#words, NEXT, this.count);
  }

  /** Whether a block was read. */
  isRead(block: number): boolean {
    return Atomics.load(this.#words, this.#at(block) + IS_READ) !== 0;
  }

  /** Waits until another thread has read a block. Returns false if it takes too long. */
  waitFor(block: number): boolean {
    const end = performance.now() + PATIENCE;
    for (let nap = NAP; !this.isRead(block); nap *= 2) {
      if (performance.now() > end) return false;
      // machine code wakes nobody
      Atomics.wait(this.#words, this.#at(block) + IS_READ, 0, nap);
    }
    return true;
  }

  #at(block: number): number {
    return HEAD_WORDS + 2 * STRIDE * block;
  }
}

/** So many milliseconds are slept at first while another thread reads, which takes 0.2. */
const NAP = 0.05;

/** So many milliseconds are waited for the other thread. */
const PATIENCE = 1000;

/** The descriptors of a process. */
export interface Descriptors {
  /** Its number, as the name of a folder. */
  readonly pid: string;
  /** Their folder, which is open. */
  readonly folder: number;
  /** About how many there are. */
  readonly count: number;
}

/** What is read aside. */
export class Aside {
  readonly #reader: LinkReader;
  readonly #blocks: Blocks;
  readonly #known = new Map<
    string,
    Descriptors & { readonly first: number }
  >();
  /** Whether the other thread may read. */
  #isRunning = true;
  /** Whether it did not go on, so that nobody waits for it again. */
  #isLost = false;
  #isOver = false;

  /** Begins to read, and closes the folders when all is over. */
  constructor(all: readonly Descriptors[], reader: LinkReader) {
    const blocks = new Blocks(
      all.reduce((n, { count }) => n + blocksOf(count), 0),
    );
    this.#reader = reader;
    this.#blocks = blocks;
    let block = 0;
    for (const each of all) {
      const { pid, folder, count } = each;
      this.#known.set(pid, { ...each, first: block });
      for (let from = 0; from < count; from += BLOCK) {
        const numbers = Math.min(BLOCK, count - from);
        blocks.set(block++, { folder, from, numbers });
      }
    }
    // the runtime does not keep what the other thread works with, as this does
    const ended = () => {
      this.#isRunning = false;
      this.#close();
    };
    reader.readAside(blocks.bytes, -1).then(ended, ended);
  }

  /** The descriptors of a process, if they are read aside. */
  of(pid: string): Descriptors | undefined {
    return this.#known.get(pid);
  }

  /** Visits those with numbers below the count, which were read by now or are read here. */
  visit({ pid }: Descriptors, found: Found): void {
    const { first, count } = this.#known.get(pid)!;
    const blocks = this.#blocks;
    for (let i = 0; i < blocksOf(count); i++) {
      this.#settle(first + i);
      found(i * BLOCK, {
        inodes: blocks.inodes,
        place: blocks.placeOf(first + i),
        numbers: blocks.numbersOf(first + i),
      });
    }
  }

  /** No more are visited. */
  end(): void {
    this.#blocks.end();
    this.#isOver = true;
    this.#close();
  }

  #close(): void {
    if (this.#isRunning || !this.#isOver) return;
    for (const { folder } of this.#known.values()) closeDescriptor(folder);
    this.#known.clear();
  }

  /** Sees to it that a block is read: while another thread does, this one reads others. */
  #settle(block: number): void {
    const blocks = this.#blocks;
    while (!blocks.isRead(block)) {
      const next = blocks.take();
      if (next !== undefined) {
        this.#reader.read(blocks.bytes, next);
        continue;
      }
      if (!this.#isLost && blocks.waitFor(block)) return;
      this.#isLost = true;
      // should the other one come back to it, it writes the same
      this.#reader.read(blocks.bytes, block);
    }
  }
}

function blocksOf(count: number): number {
  return Math.ceil(count / BLOCK);
}

/** Receives the first number of a block, and where what is behind its descriptors is. */
export type Found = (from: number, where: {
  readonly inodes: Float64Array;
  readonly place: number;
  readonly numbers: number;
}) => void;
