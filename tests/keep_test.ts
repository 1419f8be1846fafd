/** Rows that are kept, in whichever of the two ways: what is read back is what they had. */

import assert from "node:assert/strict";
import { Batch, type Carried } from "../core/query/batch.ts";
import type { Earlier } from "../core/contract/sink.ts";
import { Random } from "../tools/fuzz/random.ts";
import { type Plain, plain, spanned, VIEW } from "./query_relations.ts";

/** More than are kept one column after the other. */
const MANY = 5000;

/** A number, a name, a text, an address as text, one as bytes, a list: or null. */
function rowOf(random: Random, n: number): Plain {
  const some = (value: Plain[string]) => random.once(5) ? null : value;
  const address = () =>
    random.once(3)
      ? `2001:db8::${random.between(1, 9)}`
      : Array.from({ length: 4 }, () => random.below(256)).join(".");
  return {
    recv_q: some(random.once(9) ? 2n ** 60n + BigInt(n) : n),
    state: some(random.pick(["LISTEN", "CLOSE"])),
    path: some(`/run/${random.below(100)}`),
    peer: some(address()),
    local_address: some(address()),
    flags: some(["a", `${n}`]),
  };
}

/** Its columns, some of which mean something, and one of which was something else. */
function columnsOf(round: number): Carried[] {
  const columns = {
    ...plain("recv_q", "integer", { tone: () => `tone ${round}` as never }),
    ...plain("state", "name"),
    ...plain("path", "string"),
    ...plain("peer", "address"),
    ...plain("local_address", "address", spanned("local_address")),
    ...plain("flags", "strings"),
  };
  return Object.entries(columns).map(([key, column]): Carried => ({
    key,
    column,
    ...(key === "path" ? { earlier: earlierOf(round) } : {}),
  }));
}

function earlierOf(round: number): Earlier {
  return {
    seconds: () => 1,
    value: (row) => `${round} ${(row as Plain).path}`,
    first: () => undefined,
  };
}

for (const refusing of [false, true]) {
  Deno.test(`keep: ${MANY} rows${refusing ? ", some of them refused" : ""}`, () => {
    const random = new Random(1);
    const batch = new Batch({
      view: VIEW,
      tones: true,
      first: new Set(["recv_q", "local_address"]),
    });
    const want: (readonly [row: Plain, round: number])[] = [];
    for (let n = 0; n < MANY; n++) {
      const round = Math.floor(n / 2000);
      // other columns, under the same names
      if (n % 2000 === 0) batch.begin({ family: "inet" }, columnsOf(round));
      const row = rowOf(random, n);
      const isRefused = refusing && random.once(3);
      batch.add(row, refusing ? () => !isRefused : undefined);
      if (!isRefused) want.push([row, round]);
    }
    assert.equal(batch.length, want.length);
    for (const [i, [row, round]] of want.entries()) {
      for (const { key, column, earlier } of batch.read(i).shown) {
        assert.deepEqual(column.value(i, VIEW), row[key], `${key} of ${i}`);
        if (key === "recv_q") {
          assert.equal(column.tone!(i, VIEW), `tone ${round}`);
        }
        if (key === "path") {
          assert.equal(earlier!.value(i), `${round} ${row.path}`);
        }
      }
    }
  });
}
