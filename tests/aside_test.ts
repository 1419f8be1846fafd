/**
 * Descriptors that two threads read: those of this very process, which has many for the
 * time of a test.
 */

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

const FOLDER = "/proc/self/fd";

/** What is behind each descriptor below `count`, by the runtime's own means. */
function expected(count: number): number[] {
  return Array.from({ length: count }, (_, number) => {
    try {
      const inode = inodeOf(Deno.readLinkSync(`${FOLDER}/${number}`));
      return inode === undefined ? OTHER : Number(inode);
    } catch {
      return GONE;
    }
  });
}

/** Has an open folder of many descriptors: sockets, files, and numbers that are free. */
function withMany(use: (folder: number, count: number) => void): void {
  const files = Array.from(
    { length: 8 * BLOCK },
    (_, i) =>
      i % 3 === 0 ? Deno.listen({ port: 0 }) : Deno.openSync("/dev/null"),
  );
  for (const [i, file] of files.entries()) if (i % 7 === 0) file.close();
  const folder = openFolder(FOLDER);
  try {
    use(folder, 7 * BLOCK + 100);
  } finally {
    closeDescriptor(folder);
    for (const [i, file] of files.entries()) if (i % 7 !== 0) file.close();
  }
}

/** What is found by the threads, by number; each number is found once. */
function foundBy(aside: Aside, folder: number, count: number): {
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
  fn() {
    const aside = new Aside();
    aside.start();
    withMany((folder, count) => {
      // until it has come, and left a process, it opens something itself
      const deadline = Date.now() + 60_000;
      for (let left = 2; left > 0;) {
        assert.ok(Date.now() < deadline, "the second thread does not come");
        if (foundBy(aside, folder, count).end > 0) left--;
      }
      const want = expected(7 * BLOCK);
      assert.ok(want.filter((inode) => inode > 0).length > BLOCK);
      assert.ok(want.includes(GONE) && want.includes(OTHER));
      for (let round = 0; round < 50; round++) {
        const { found, end } = foundBy(aside, folder, count);
        assert.equal(end, 7 * BLOCK, "whole blocks");
        assert.deepEqual(found, want);
      }
    });
  },
});

Deno.test("a second thread that never comes is not waited for", () => {
  const aside = new Aside();
  withMany((folder, count) => {
    const want = expected(7 * BLOCK);
    assert.deepEqual(foundBy(aside, folder, count).found, want);
    // it has not left the process before
    for (let i = 0; i < 1000; i++) {
      assert.deepEqual(foundBy(aside, folder, count), { found: [], end: 0 });
    }
  });
});

Deno.test("a block that the second thread takes, and does not read, is read", () => {
  const shared = new Shared();
  const aside = new Aside(shared);
  withMany((folder, count) => {
    const found: number[] = [];
    let taken: number | undefined;
    const end = aside.read(folder, count, (from, inodes) => {
      taken ??= shared.take();
      for (const [i, inode] of inodes.entries()) found[from + i] = inode;
    });
    assert.equal(taken, 1);
    assert.equal(end, 7 * BLOCK);
    assert.deepEqual(found, expected(7 * BLOCK));
    assert.equal(aside.read(folder, count, () => assert.fail()), 0);
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
