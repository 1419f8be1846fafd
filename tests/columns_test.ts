/**
 * What columns say of a value in several ways is the same: of every row of every golden
 * case, its kind, its spelling, its bytes, and the words that a name can be.
 */

import assert from "node:assert/strict";
import type { Column, Columns, Span } from "../core/contract/family.ts";
import { Address, parseIpv4, parseIpv6 } from "../core/contract/ip.ts";
import { byteString } from "../core/contract/line.ts";
import { Bytes } from "../core/contract/out.ts";
import { isOfKind } from "../core/plugins/checked.ts";
import { loadFamilies } from "../core/views/registry.ts";
import { usesOf } from "../tools/columns_docs.ts";
import { loadCases } from "./cases.ts";
import { rowsIn, tablesOf, VIEW } from "./tables.ts";

const families = await loadFamilies();

/** Names that a newer or a broken kernel may have a number for. */
const NUMBERED = /^unkn-|^UNKNOWN\b|^\d+$/;

const out = new Bytes();
const span: Span = { bytes: new Uint8Array(0), from: 0, to: 0 };
const address = new Address();

/** How often something was looked at, so that the test cannot pass by doing nothing. */
const seen = { spans: 0, puts: 0, words: 0, rows: 0 };

// deno-lint-ignore no-explicit-any
function look(columns: Columns<any>, row: unknown, where: string): void {
  for (const [key, column] of Object.entries(columns)) {
    const value = column.value(row, VIEW);
    const what = `${where}: ${key}`;
    assert.ok(isOfKind(value, column), `${what} is not ${column.kind}`);
    if (column.put !== undefined && value !== null) {
      out.at = 0;
      column.put(out, row, VIEW);
      assert.equal(byteString(out.bytes, 0, out.at), `${value}`, what);
      seen.puts++;
    }
    if (column.span !== undefined) lookAtSpan(column, row, value, what);
    if (column.words !== undefined && value !== null) {
      const name = value as string;
      assert.ok(column.words.includes(name) || NUMBERED.test(name), what);
      seen.words++;
    }
    for (const one of column.each === undefined ? [] : value as object[]) {
      look(column.each!, one, what);
    }
  }
}

function lookAtSpan(
  { span: point, kind }: Column<unknown>,
  row: unknown,
  value: unknown,
  what: string,
): void {
  const known = point!(row, span);
  assert.equal(known, value !== null, what);
  if (!known) return;
  seen.spans++;
  const { bytes, from, to } = span;
  if (kind !== "address") {
    assert.equal(byteString(bytes, from, to), value, what);
    return;
  }
  const text = value as string;
  assert.ok(
    text.includes(":") ? parseIpv6(text, address) : parseIpv4(text, address),
    `${what}: ${text} is no address`,
  );
  assert.deepEqual(bytes.slice(from, to), address.copy(), what);
}

Deno.test("columns: kind, spelling, bytes and words tell the same value", async () => {
  const tables = await tablesOf(families);
  for (const { path, name } of loadCases()) {
    for (const table of tables) {
      for (const source of table.sources) {
        for (const row of rowsIn(path, table, source)) {
          if (table.keep?.(row, VIEW) === false) continue;
          look(table.columns, row, `${name}: ${table.name}`);
          seen.rows++;
        }
      }
    }
  }
  for (const [what, times] of Object.entries(seen)) {
    assert.ok(times > 100, `${what}: ${times}`);
  }
});

Deno.test("columns: every Internet address tells its bytes", async () => {
  // those of other families are compared as they are spelled
  const others = /^(ax25|l2cap|rfcomm|ddp|ipx|netrom|rose|x25|via)\b/;
  const routes = /^-r (ax25|atalk|ipx|nr_|rose|x25)/;
  for (const { table, key, column } of await usesOf(families)) {
    if (column.kind !== "address" || key === "hardware_address") continue;
    if (others.test(table) || routes.test(table)) continue;
    assert.ok(column.span, `${table}: ${key}`);
  }
});

Deno.test("columns: a short name means one key, and is none itself", async () => {
  const uses = await usesOf(families);
  const keys = new Set(uses.map(({ key }) => key));
  const meant = new Map<string, string>();
  for (const { key, column: { short } } of uses) {
    if (short === undefined) continue;
    assert.equal(meant.get(short) ?? key, key, short);
    assert.ok(!keys.has(short), short);
    meant.set(short, key);
  }
  for (const short of ["cwnd", "rto", "rtt", "ssthresh"]) {
    assert.ok(meant.has(short), short);
  }
});
