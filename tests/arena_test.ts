/** What is kept of a table comes again, and has a bound. */

import assert from "node:assert/strict";
import { Arena } from "../core/system/arena.ts";
import { byteString, Line } from "../core/contract/line.ts";
import { Lines, type LineSource } from "../core/system/scan.ts";

/** Lines of a file that has these. */
function linesOf(texts: readonly string[]): Lines {
  const bytes = new TextEncoder().encode(texts.join("\n"));
  return new Lines("/proc/net/x", bytes, 1 << 30);
}

/** The texts of lines, each with its number. */
function read(lines: LineSource): [number, string][] {
  const line = new Line();
  const texts: [number, string][] = [];
  while (lines.next(line)) {
    texts.push([lines.number, byteString(line.bytes, line.start, line.end)]);
  }
  return texts;
}

Deno.test("Arena: lines of every length come again, as often as is asked", () => {
  const texts = Array.from(
    { length: 3000 },
    (_, i) => `${i} ${"x".repeat(i % 7 === 0 ? 3 * i : i % 50)}`,
  );
  texts.push("y".repeat(1 << 20), "the last");
  const arena = Arena.of(linesOf(texts));
  const want = texts.map((text, i) => [i + 1, text]);
  assert.deepEqual(read(arena.lines()), want);
  assert.deepEqual(read(arena.lines()), want);
  assert.equal(arena.failure, undefined);
});

Deno.test("Arena: nothing was kept", () => {
  assert.deepEqual(read(Arena.of(linesOf([])).lines()), []);
});

Deno.test("Arena: without room the rest is left out, which is a failure", () => {
  // a line takes eight bytes more than it has
  const cases = [
    { room: 36, kept: 3, failed: false, left: 0 },
    { room: 35, kept: 2, failed: true, left: 0 },
    { room: 100, kept: 3, failed: false, left: 64 },
    { room: 0, kept: 0, failed: true, left: 0 },
  ];
  for (const { room, kept, failed, left } of cases) {
    const arena = Arena.of(linesOf(["abcd", "efgh", "ijkl"]), room);
    assert.equal(read(arena.lines()).length, kept);
    assert.equal(arena.room, left);
    assert.equal(arena.failure !== undefined, failed, `${room}`);
    if (failed) {
      assert.match(`${arena.failure}`, /^\/proc\/net\/x: The rest is left out/);
      assert.equal(arena.lines().failure, arena.failure);
    }
  }
});
