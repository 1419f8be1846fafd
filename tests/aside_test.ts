/**
 * Descriptors that two threads read: those of a process that has many, and holds still.
 * The machine code is that which the build puts into the engine.
 */

import assert from "node:assert/strict";
import { Aside, BLOCK, Blocks } from "../core/system/aside.ts";
import { roomFor } from "../core/system/descriptors.ts";
import {
  closeDescriptor,
  type LinkReader,
  openFolder,
} from "../core/system/libc.ts";
import { START } from "../tools/engine/start.ts";
import {
  CARE,
  GONE,
  inodeOf,
  OTHER,
  readInodes,
} from "../core/system/socket_links.ts";

/** Opens sockets and files, closes some of them, and waits. */
const MANY = `const files = Array.from(
  { length: ${32 * BLOCK} },
  (_, i) => i % 3 === 0 ? Deno.listen({ port: 0 }) : Deno.openSync("/dev/null"),
);
for (const [i, file] of files.entries()) if (i % 7 === 0) file.close();
console.log("ready");
await Deno.stdin.read(new Uint8Array(1));
`;

const COUNT = 31 * BLOCK + 7;

/** `sys/mman.h` */
const PROT_READ = 1;
const PROT_WRITE = 2;
const PROT_EXEC = 4;
const MAP_PRIVATE_ANONYMOUS = 0x22;

/** The code as it is in the engine: it begins with a jump to the function. */
function linkReader(): LinkReader {
  const { symbols: { mmap, mprotect } } = Deno.dlopen("libc.so.6", {
    mmap: {
      parameters: ["pointer", "usize", "i32", "i32", "i32", "isize"],
      result: "pointer",
    },
    mprotect: { parameters: ["pointer", "usize", "i32"], result: "i32" },
  });
  const code = Uint8Array.fromHex(START[Deno.build.arch]!);
  const size = BigInt(code.length);
  const place = mmap(
    null,
    size,
    PROT_READ | PROT_WRITE,
    MAP_PRIVATE_ANONYMOUS,
    -1,
    0n,
  )!;
  const { getArrayBuffer } = Deno.UnsafePointerView;
  new Uint8Array(getArrayBuffer(place, code.length)).set(code);
  assert.equal(mprotect(place, size, PROT_READ | PROT_EXEC), 0);
  const given = { parameters: ["buffer", "i32"], result: "void" } as const;
  const aside = { ...given, nonblocking: true } as const;
  const read = new Deno.UnsafeFnPointer<typeof given>(place as never, given);
  const readAside = new Deno.UnsafeFnPointer<typeof aside>(
    place as never,
    aside,
  );
  return {
    read: (blocks, block) => read.call(blocks, block),
    readAside: (blocks, block) => readAside.call(blocks, block),
  };
}

const CODE = linkReader();

// what is opened of the C library stays open
closeDescriptor(openFolder("/"));
readInodes(-1, 0, new Float64Array(1));

/** The descriptors of a process. */
interface Descriptors {
  /** The folder, and as it is opened. */
  readonly path: string;
  readonly folder: number;
  /** How many numbers are looked at: the last block is not full. */
  readonly count: number;
}

/** What is behind each descriptor, by the runtime's own means. */
function expected(path: string): number[] {
  return Array.from({ length: COUNT }, (_, number) => {
    try {
      const inode = inodeOf(Deno.readLinkSync(`${path}/${number}`));
      return inode === undefined ? OTHER : Number(inode);
    } catch {
      return GONE;
    }
  });
}

/** Has many descriptors: sockets, files, and numbers that are free. */
async function withMany(
  use: (many: Descriptors) => void | Promise<void>,
): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", MANY],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.stdout.getReader();
  try {
    const { value } = await output.read();
    assert.equal(new TextDecoder().decode(value), "ready\n");
    const path = `/proc/${child.pid}/fd`;
    const kinds = expected(path);
    assert.ok(kinds.filter((inode) => inode > 0).length > BLOCK);
    assert.ok(kinds.includes(GONE) && kinds.includes(OTHER));
    const folder = openFolder(path);
    await use({ path, folder, count: COUNT });
    closeDescriptor(folder);
  } finally {
    await child.stdin.close();
    await output.cancel();
    await child.status;
  }
}

/** Compares what is found while nothing changes: the runtime may still open something. */
function compare({ path }: Descriptors, find: () => number[]): void {
  for (;;) {
    const before = expected(path);
    const found = find();
    if (`${expected(path)}` !== `${before}`) continue;
    return assert.deepEqual(found, before);
  }
}

/** What is found by number, each number once. */
function foundBy(aside: Aside, pid = "1"): number[] {
  const found: number[] = [];
  aside.visit(aside.of(pid)!, (from, { inodes, place, numbers }) => {
    assert.equal(from, found.length);
    found.push(...inodes.subarray(place, place + numbers));
  });
  return found;
}

/** Reads aside the descriptors of what is called process 1. */
function begin({ path, count }: Descriptors, reader: LinkReader): Aside {
  return new Aside([{ pid: "1", folder: openFolder(path), count }], reader);
}

/** The machine code, and when the other thread is through, as is known by then. */
function watched(): LinkReader & { readonly ended: Promise<void> } {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  return {
    ...CODE,
    readAside: (blocks, block) =>
      CODE.readAside(blocks, block).finally(() => setTimeout(resolve)),
    ended,
  };
}

/** How many descriptors of this process lead to a folder. */
function openOf(path: string): number {
  return Array.from(Deno.readDirSync("/proc/self/fd"), ({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`);
    } catch {
      return undefined;
    }
  }).filter((link) => link === path).length;
}

Deno.test("two threads find what one finds, time and again", async () => {
  await withMany(async (many) => {
    for (let round = 0; round < 100; round++) {
      for (;;) {
        const before = expected(many.path);
        const reader = watched();
        const aside = begin(many, reader);
        // by then the other thread has read all
        if (round % 2 === 1) await reader.ended;
        const found = foundBy(aside);
        aside.end();
        await reader.ended;
        if (`${expected(many.path)}` !== `${before}`) continue;
        assert.deepEqual(found, before);
        break;
      }
    }
    // that of this test is left
    assert.equal(openOf(many.path), 1);
  });
});

Deno.test("several processes are read aside, each for itself", async () => {
  await withMany(async ({ path }) => {
    const counts = [70, 64, 1, 200];
    const all = counts.map((count, i) => ({
      pid: `${i}`,
      folder: openFolder(path),
      count,
    }));
    const reader = watched();
    const aside = new Aside(all, reader);
    const kinds = expected(path);
    for (const { pid, count } of all) {
      assert.deepEqual(foundBy(aside, pid), kinds.slice(0, count));
    }
    assert.equal(aside.of("4"), undefined);
    await reader.ended;
    assert.equal(openOf(path), 5, "there may be more to read");
    aside.end();
    assert.equal(openOf(path), 1);
  });
});

Deno.test("a second thread that never comes is not waited for", async () => {
  await withMany(async (many) => {
    for (const never of [Promise.resolve(), Promise.reject(new Error("no"))]) {
      compare(many, () => {
        const aside = begin(many, { ...CODE, readAside: () => never });
        const found = foundBy(aside);
        aside.end();
        return found;
      });
      await never.catch(() => {});
    }
    assert.equal(openOf(many.path), 1);
  });
});

Deno.test("blocks that the second thread takes, and does not read, are read", async () => {
  await withMany((many) => {
    const taking: LinkReader = {
      ...CODE,
      readAside(bytes) {
        // the first word is the next block
        new Int32Array(bytes.buffer)[0] = 7;
        return Promise.resolve();
      },
    };
    compare(many, () => foundBy(begin(many, taking)));
  });
});

Deno.test("nothing is read aside, and nothing stays open, once no more is looked for", async () => {
  await withMany(async (many) => {
    const blocks = new Blocks(3);
    blocks.end();
    await CODE.readAside(blocks.bytes, -1);
    assert.ok([0, 1, 2].every((block) => !blocks.isRead(block)));
    const reader = watched();
    begin(many, reader).end();
    await reader.ended;
    assert.equal(openOf(many.path), 1);
  });
});

Deno.test("links of all forms: a socket's inode, nothing, or to be read with care", async () => {
  const links = {
    0: ["socket:[10]", 10],
    1: ["socket:[999999999999999]", 999_999_999_999_999],
    2: ["socket:[9999999999999999]", CARE],
    3: ["socket:[5]", CARE],
    4: ["socket:[05]", CARE],
    5: ["socket:[ 24]", CARE],
    6: ["socket:[0x0c]", CARE],
    7: ["socket:[]", CARE],
    8: ["socket:[24", CARE],
    9: ["socket:[24]x", CARE],
    10: ["socket:[", CARE],
    11: ["socket:", OTHER],
    12: ["Socket:[14]", OTHER],
    13: ["/dev/null", OTHER],
    14: ["[0000]:12", CARE],
    15: ["anon_inode:[eventpoll]", OTHER],
    // 29 bytes of it are read
    16: ["socket:[00000000000000000031]", CARE],
    17: ["socket:[1234567890123456789012]", CARE],
    18: ["x".repeat(300), OTHER],
    99: ["socket:[99]", 99],
    4095: ["socket:[4095]", 4095],
    1000000: ["socket:[77]", 77],
  } as const;
  const path = await Deno.makeTempDir({ prefix: "netstat-links-" });
  const folder = openFolder(path);
  try {
    for (const [name, [link]] of Object.entries(links)) {
      await Deno.symlink(link, `${path}/${name}`);
    }
    await Deno.writeTextFile(`${path}/19`, "no link");
    const blocks = new Blocks(1);
    const at = (from: number): number => {
      blocks.set(0, { folder, from, numbers: 1 });
      CODE.read(blocks.bytes, 0);
      return blocks.inodes[blocks.placeOf(0)]!;
    };
    for (const [name, [link, want]] of Object.entries(links)) {
      assert.equal(at(Number(name)), want, link);
    }
    assert.equal(at(20), GONE);
    assert.equal(at(19), CARE);
  } finally {
    closeDescriptor(folder);
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("a folder that cannot be read any more is read with care", () => {
  const inodes = new Float64Array(3);
  readInodes(-1, 0, inodes);
  assert.deepEqual([...inodes], [CARE, CARE, CARE]);
  const blocks = new Blocks(1);
  blocks.set(0, { folder: -1, from: 0, numbers: 3 });
  CODE.read(blocks.bytes, 0);
  const place = blocks.placeOf(0);
  assert.deepEqual([...blocks.inodes.subarray(place, place + 3)], [...inodes]);
});

/** What the kernel writes, with other numbers here and there. */
const limits = (changed: Readonly<Record<string, string>> = {}) =>
  Object.entries({
    "Max data size": "unlimited",
    "Max processes": "96365",
    "Max open files": "1024",
    "Max address space": "unlimited",
    ...changed,
  }).map(([name, soft]) =>
    `${name.padEnd(25)} ${soft.padEnd(20)} unlimited            units     \n`
  ).join("");

Deno.test("folders are read aside only where limits leave room for a thread", () => {
  assert.equal(roomFor(limits(), 12), 128);
  // the names are the kernel's, whatever this machine has
  const real = Deno.readTextFileSync("/proc/self/limits")
    .replaceAll(/^(Max [a-z ]+?) {2,}\S+/gm, "$1  unlimited");
  assert.equal(roomFor(real, 12), 128, real);
  assert.equal(roomFor(limits({ "Max open files": "300" }), 38), 6);
  assert.equal(roomFor(limits({ "Max data size": `${2 ** 31}` }), 12), 128);
  for (
    const [changed, open] of [
      [{ "Max open files": "300" }, 44],
      [{ "Max open files": "16" }, 12],
      [{ "Max processes": "1023" }, 12],
      [{ "Max data size": `${640 << 20}` }, 12],
      [{ "Max address space": `${50 * 2 ** 30}` }, 12],
    ] as const
  ) assert.equal(roomFor(limits(changed), open), 0, JSON.stringify(changed));
  assert.equal(roomFor("", 12), 0);
});
