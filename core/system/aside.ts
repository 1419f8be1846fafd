/**
 * Descriptors whose links a second thread reads, while the first one does something
 * else: one process can have a hundred thousand, and the kernel reads links for two
 * threads at the same time.
 *
 * @module
 */

import type { LinkReader } from "./libc.ts";

/** So many descriptors, one after the other, are read at once. */
export const BLOCK = 64;

/** Where words of all blocks are (`struct blocks` of tools/engine/links.h), … */
const NEXT = 0;
const COUNT = 1;
const BLOCKS = 4;

/** … and those of each (`struct block`), before its inodes. */
const FOLDER = 0;
const FROM = 1;
const NUMBERS = 2;
const IS_READ = 3;
const WORDS = 4;

/** How many 64-bit words a block has, and what is before its inodes. */
const STRIDE = WORDS / 2 + BLOCK;
const BEFORE = (BLOCKS + WORDS) / 2;

/** Blocks of descriptors, and what two threads have found behind them. */
export class Blocks {
  /** What is handed to the machine code. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What is behind the descriptors, as `readInodes` tells it. */
  readonly inodes: Float64Array;
  readonly #words: Int32Array<SharedArrayBuffer>;

  /** Room for so many blocks. */
  constructor(count: number) {
    const memory = new SharedArrayBuffer(4 * BLOCKS + 8 * STRIDE * count);
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

  /** Has a block be of so many numbers of a folder's. */
  set(
    block: number,
    { folder, from, numbers }: Readonly<
      Record<"folder" | "from" | "numbers", number>
    >,
  ): void {
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

  /** Whether a block was read; waits a while for somebody who reads it, if that is wanted. */
  isRead(block: number, milliseconds = 0): boolean {
    const at = this.#at(block) + IS_READ;
    const isRead = () => Atomics.load(this.#words, at) !== 0;
    for (let waited = 0; !isRead(); waited += NAP) {
      if (waited >= milliseconds) return false;
      // machine code wakes nobody
      Atomics.wait(this.#words, at, 0, NAP);
    }
    return true;
  }

  #at(block: number): number {
    return BLOCKS + 2 * STRIDE * block;
  }
}

/** So many milliseconds are slept while another thread reads a block, which takes 0.2. */
const NAP = 0.05;

/** So many milliseconds are waited for the other thread. */
const PATIENCE = 2000;

/** The descriptors of a process: an open folder, and about how many there are. */
export interface Folder {
  readonly pid: string;
  readonly folder: number;
  readonly count: number;
}

/** What is read aside. */
export class Aside {
  readonly #reader: LinkReader;
  readonly #blocks: Blocks;
  readonly #folders = new Map<string, Folder & { readonly block: number }>();
  /** Whether the other thread did not go on, so that nobody waits for it again. */
  #isLost = false;

  /** Begins to read, and calls `ended` when folders are no longer read. */
  constructor(
    folders: readonly Folder[],
    reader: LinkReader,
    ended: () => void,
  ) {
    const all = folders.reduce((n, { count }) => n + blocksOf(count), 0);
    const blocks = this.#blocks = new Blocks(all);
    this.#reader = reader;
    let block = 0;
    for (const each of folders) {
      const { pid, folder, count } = each;
      this.#folders.set(pid, { ...each, block });
      for (let from = 0; from < count; from += BLOCK) {
        const numbers = Math.min(BLOCK, count - from);
        blocks.set(block++, { folder, from, numbers });
      }
    }
    // if it cannot, this thread reads them, so that they must stay open
    reader.readAside(blocks.bytes, -1).then(ended, () => {});
  }

  /** The descriptors of a process, if they are read. */
  of(pid: string): Folder | undefined {
    return this.#folders.get(pid);
  }

  /** Visits those with numbers below the count, which were read by now or are read here. */
  visit(pid: string, found: Found): void {
    const { block, count } = this.#folders.get(pid)!;
    const blocks = this.#blocks;
    for (let i = 0; i < blocksOf(count); i++) {
      this.#settle(block + i);
      found(i * BLOCK, {
        inodes: blocks.inodes,
        place: blocks.placeOf(block + i),
        numbers: blocks.numbersOf(block + i),
      });
    }
  }

  /** No more are visited. */
  end(): void {
    this.#blocks.end();
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
      const patience = this.#isLost ? 0 : PATIENCE;
      if (blocks.isRead(block, patience)) return;
      this.#isLost = true;
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
