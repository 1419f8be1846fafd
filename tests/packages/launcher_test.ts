/** What is written in C, compiled. Needs `gcc-14` for both machines. */

import assert from "node:assert/strict";
import { MACHINES, startModule } from "../../tools/engine/compile.ts";
import { launcher, PATH_ROOM } from "../../tools/package/launcher.ts";

const EXECUTABLE = "/usr/lib/netstat/netstat";

/** Runs of at least five printable bytes, as strings(1) finds them. */
function strings(bytes: Uint8Array): string[] {
  return new TextDecoder("latin1").decode(bytes).match(/[\t -~]{5,}/g) ?? [];
}

/** `e_machine` of ELF. */
const NUMBERS = { x86_64: 62, aarch64: 183 };

for (const machine of MACHINES) {
  Deno.test(`launcher: an ELF program for ${machine}, with nothing to find in it`, async () => {
    const bytes = await launcher(machine, EXECUTABLE);
    const view = new DataView(bytes.buffer);
    assert.deepEqual([...bytes.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46]);
    assert.equal(view.getUint16(18, true), NUMBERS[machine]);
    assert.ok(bytes.length < 1024);
    // scanners look for paths in /dev, shells, headers and the like
    assert.deepEqual(strings(bytes), [`netstat: Cannot run ${EXECUTABLE}`]);
  });

  Deno.test(`launcher: the end is the path, on ${machine}`, async () => {
    const one = await launcher(machine, EXECUTABLE);
    const other = await launcher(machine, "/opt/é/netstat");
    const size = one.length - PATH_ROOM;
    assert.deepEqual(one.subarray(0, size), other.subarray(0, size));
    const path = new TextEncoder().encode("/opt/é/netstat");
    const room = new Uint8Array(PATH_ROOM);
    room.set(path);
    assert.deepEqual(other.subarray(size), room);
  });
}

Deno.test("launcher: no path without its NUL", async () => {
  const longest = `/${"x".repeat(PATH_ROOM - 2)}`;
  assert.equal((await launcher("x86_64", longest)).at(-1), 0);
  await assert.rejects(launcher("x86_64", `${longest}x`), RangeError);
});

Deno.test("start.ts is what start.c is compiled to", async () => {
  const path = new URL("../../tools/engine/start.ts", import.meta.url);
  const kept = await Deno.readTextFile(path);
  assert.equal(kept, await startModule(), "run ./denow task start");
});
