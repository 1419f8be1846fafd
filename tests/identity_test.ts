/**
 * What a row is known again by: every table says it, and by that a listing is the same
 * as itself.
 */

import assert from "node:assert/strict";
import { MOVING } from "../core/contract/moving.ts";
import { deepFamilies, loadFamilies } from "../core/views/registry.ts";
import { vocabularyOf } from "../tools/keys.ts";
import { loadCases } from "./cases.ts";
import { netstat } from "./program.ts";
import { rowsIn, tablesOf, VIEW } from "./tables.ts";

const families = await loadFamilies();

Deno.test("identity: every table names columns that it has", async () => {
  const tables = await tablesOf(await deepFamilies(families));
  for (const { name, identity, columns } of tables) {
    assert.ok(identity !== undefined, name);
    for (const key of identity.flat()) {
      assert.ok(Object.hasOwn(columns, key), `${name}: ${key}`);
      assert.ok(!MOVING.has(key) || key === "inode", `${name}: ${key} moves`);
    }
  }
});

Deno.test("identity: every key that moves is one of a column", async () => {
  const { columns } = await vocabularyOf(families);
  const keys = new Set(columns.map(({ key }) => key));
  for (const key of MOVING) assert.ok(keys.has(key), key);
});

/** Tables of which several rows can be the same thing, and why. */
const ALIKE: Readonly<Record<string, string>> = {
  tcp: "listeners share a port (SO_REUSEPORT), and a test's files repeat lines",
  udp: "likewise",
  udplite: "likewise",
  raw: "any number of sockets can have a protocol",
  unix: "connections have the path of the socket that they were made by",
  l2cap: "a test's file has one channel in every state",
  ndisc: "likewise, one neighbour",
  packet: "any number of sockets can have a protocol and an interface",
};

Deno.test("identity: no two rows share one, but where that can be", async () => {
  let count = 0;
  const rowsOf = new Map<string, { count: number; alike: number }>();
  const all = await tablesOf(families);
  for (const { path } of loadCases()) {
    for (const table of all) {
      for (const source of table.sources) {
        const seen = new Set<string>();
        for (const row of rowsIn(path, table, source)) {
          const parts = table.identity!.map((part) =>
            [part].flat().map((key) => table.columns[key]?.value(row, VIEW))
              .find((value) => value != null) ?? null
          );
          const text = JSON.stringify(parts);
          count++;
          const of = rowsOf.get(table.name) ?? { count: 0, alike: 0 };
          rowsOf.set(table.name, of);
          of.count++;
          if (seen.has(text)) of.alike++;
          seen.add(text);
        }
      }
    }
  }
  assert.ok(count > 1000, `${count} rows`);
  const many: string[] = [];
  for (const [name, { count, alike }] of rowsOf) {
    if (Object.hasOwn(ALIKE, name)) continue;
    // files of tests have odd lines twice
    if (alike > count / 5) many.push(`${name}: ${alike} of ${count}`);
  }
  assert.deepEqual(many, []);
});

Deno.test({
  name: "identity: a listing is the same as itself",
  // the C library stays open
  sanitizeResources: false,
  fn: sameAsItself,
});

async function sameAsItself(): Promise<void> {
  let compared = 0;
  for (const { path, args, name, needsKernel, timeout } of loadCases()) {
    if (needsKernel || timeout !== undefined) continue;
    const words = [`--diff=${path}`, `--root=${path}`, "--ndjson", ...args];
    const { stdout, stderr, exit } = await netstat(...words);
    // options that end the program do so here as well
    if (!/^\d+ added, /m.test(stderr)) continue;
    assert.match(stderr, /^0 added, 0 removed, 0 changed between /m, name);
    compared++;
    assert.equal(stdout, "", name);
    assert.ok(exit === 0 || exit === 2, name);
  }
  assert.ok(compared > 200, `${compared}`);
}
