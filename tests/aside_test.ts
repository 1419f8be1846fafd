/** Descriptors that two threads read: those of a process that has many, and holds still. */

import assert from "node:assert/strict";
import { Aside, BLOCK, Shared } from "../core/system/aside.ts";
import { haveRoom } from "../core/system/descriptors.ts";
import { closeDescriptor, openFolder } from "../core/system/libc.ts";
import {
  CARE,
  GONE,
  inodeOf,
  OTHER,
  readInodes,
} from "../core/system/socket_links.ts";

/** Opens sockets and files, closes some of them, and waits. */
const MANY = `const files = Array.from(
  { length: ${8 * BLOCK} },
  (_, i) => i % 3 === 0 ? Deno.listen({ port: 0 }) : Deno.openSync("/dev/null"),
);
for (const [i, file] of files.entries()) if (i % 7 === 0) file.close();
console.log("ready");
await Deno.stdin.read(new Uint8Array(1));
`;

/** The descriptors of a process. */
interface Descriptors {
  /** The folder, and as it is opened. */
  readonly path: string;
  readonly folder: number;
  /** How many numbers are looked at, some of which two threads leave. */
  readonly count: number;
}

/** What is behind each descriptor, by the runtime's own means. */
function expected(path: string): number[] {
  return Array.from({ length: 7 * BLOCK }, (_, number) => {
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
    await use({ path, folder, count: 7 * BLOCK + 100 });
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

/** What is found by number, each number once, and the first that is not. */
function foundBy(aside: Aside, { folder, count }: Descriptors): {
  found: number[];
  end: number;
} {
  const found: number[] = [];
  const end = aside.read(folder, count, (from, inodes) => {
    for (const [i, inode] of inodes.entries()) {
      assert.equal(found[from + i], undefined, `${from + i} twice`);
      found[from + i] = inode;
    }
  });
  return { found, end };
}

Deno.test({
  name: "two threads find what one finds, time and again",
  // the second thread stays for the next process
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    await withMany(async (many) => {
      const aside = new Aside();
      aside.start();
      const deadline = Date.now() + 60_000;
      // it has come when it has left a process
      for (let begun = 0; begun < 2;) {
        assert.ok(Date.now() < deadline, "the second thread does not come");
        if (foundBy(aside, many).end > 0) begun++;
        // its module may have to be compiled first
        else await new Promise((resolve) => setTimeout(resolve, 10));
      }
      for (let round = 0; round < 50; round++) {
        compare(many, () => {
          const { found, end } = foundBy(aside, many);
          assert.equal(end, 7 * BLOCK, "whole blocks");
          return found;
        });
      }
    });
  },
});

Deno.test("a second thread that never comes is not waited for", async () => {
  await withMany((many) => {
    compare(many, () => {
      const aside = new Aside();
      const { found } = foundBy(aside, many);
      // it has not left the process before
      for (let i = 0; i < 1000; i++) {
        assert.deepEqual(foundBy(aside, many), { found: [], end: 0 });
      }
      return found;
    });
  });
});

Deno.test("a block that the second thread takes, and does not read, is read", async () => {
  await withMany((many) => {
    compare(many, () => {
      const { folder, count } = many;
      const shared = new Shared();
      const aside = new Aside(shared);
      const found: number[] = [];
      let taken: number | undefined;
      const end = aside.read(folder, count, (from, inodes) => {
        taken ??= shared.take();
        for (const [i, inode] of inodes.entries()) found[from + i] = inode;
      });
      assert.equal(taken, 1);
      assert.equal(end, 7 * BLOCK);
      assert.equal(aside.read(folder, count, () => assert.fail()), 0);
      return found;
    });
  });
});

Deno.test("a folder that cannot be read any more is read with care", () => {
  const inodes = new Float64Array(3);
  readInodes(-1, 0, inodes);
  assert.deepEqual([...inodes], [CARE, CARE, CARE]);
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

Deno.test("a second thread is made only where limits leave room for it", () => {
  assert.ok(haveRoom(limits(), 12));
  // the names are the kernel's, whatever this machine has
  const real = Deno.readTextFileSync("/proc/self/limits")
    .replaceAll(/^(Max [a-z ]+?) {2,}\S+/gm, "$1  unlimited");
  assert.ok(haveRoom(real, 12), real);
  assert.ok(haveRoom(limits({ "Max open files": "64" }), 32));
  assert.ok(haveRoom(limits({ "Max data size": `${2 ** 31}` }), 12));
  for (
    const [changed, open] of [
      [{ "Max open files": "64" }, 33],
      [{ "Max open files": "16" }, 12],
      [{ "Max processes": "1023" }, 12],
      [{ "Max data size": `${640 << 20}` }, 12],
      [{ "Max address space": `${50 * 2 ** 30}` }, 12],
    ] as const
  ) assert.ok(!haveRoom(limits(changed), open), JSON.stringify(changed));
  assert.ok(!haveRoom("", 12));
});
