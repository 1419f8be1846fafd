/** Listings that are compared: what came, went and changed. */

import assert from "node:assert/strict";
import type { Value } from "../core/contract/family.ts";
import type { Head, Lost, Shown, Sink } from "../core/contract/sink.ts";
import {
  Changes,
  type ChangesOptions,
  type Compared,
} from "../core/query/change.ts";
import { Sort } from "../core/query/sort.ts";
import { NO_LAYOUT } from "../core/query/stage.ts";
import { type Plain, plain, spanned, VIEW } from "./query_relations.ts";

const COLUMNS = {
  ...plain("proto", "name"),
  ...plain("local_address", "address", spanned("local_address")),
  ...plain("local_port", "port"),
  ...plain("state", "name"),
  ...plain("recv_q", "integer"),
  ...plain("program_name", "string", { needs: "owner" }),
  ...plain("drops", "integer", { counter: true }),
  ...plain("flag_names", "strings"),
  ...plain("inode", "integer"),
};

const IDENTITY = ["proto", "local_address", "local_port"];

function compared(
  more: Partial<Record<string, Partial<Compared>>> = {},
): Compared[] {
  return Object.entries(COLUMNS).map(([key, column]) => {
    const part = IDENTITY.indexOf(key);
    return { key, column, ...(part >= 0 && { part }), ...more[key] };
  });
}

function socket(port: number, more: Plain = {}): Plain {
  return {
    proto: "tcp",
    local_address: "10.0.0.1",
    local_port: port,
    state: "LISTEN",
    ...more,
  };
}

/** What goes on, as JSON would have it. */
class Kept implements Sink {
  readonly rows: Record<string, Value | Record<string, Value>>[] = [];
  #shown: readonly Shown[] = [];

  begin(_head: Head, shown: readonly Shown[]): void {
    this.#shown = shown;
  }

  row(row: unknown): boolean {
    const entries = this.#shown.map(({ key, column }) =>
      [key, column.value(row, VIEW)] as const
    );
    const before = this.#shown.flatMap(({ key, earlier }) => {
      const value = earlier?.value(row);
      return value === undefined ? [] : [[key, value] as const];
    });
    this.rows.push({
      ...Object.fromEntries(entries),
      ...(before.length > 0 && { before: Object.fromEntries(before) }),
    });
    return true;
  }

  end(): void {}

  take(): string[] {
    return this.rows.splice(0).map(({ change, local_port, state, before }) => {
      const was = before === undefined ? "" : ` ${JSON.stringify(before)}`;
      return `${change} ${local_port} ${state}${was}`;
    });
  }
}

/** A listing after another. */
class Listings {
  readonly kept = new Kept();
  readonly changes: Changes;
  readonly columns: Compared[];
  readonly #sink: Sink;
  time = 0;

  constructor(
    options: Partial<ChangesOptions> = {},
    more: Parameters<typeof compared>[0] = {},
  ) {
    this.columns = compared(more);
    const lost = () => assert.fail("no room");
    this.changes = new Changes({ view: VIEW, lost, ...options });
    const names = new Map([[this.columns, "tcp"]]);
    this.#sink = this.changes.compare(this.kept, names, () => this.time);
  }

  next(...rows: Plain[]): string[] {
    this.time += 2000;
    this.#sink.begin({}, this.columns, NO_LAYOUT);
    rows.forEach((row) => this.#sink.row(row));
    this.#sink.end();
    return this.kept.take();
  }

  /** Behind the rows of the listing, those that the kernel told are over. */
  ended(rows: readonly Plain[], over: readonly Plain[]): string[] {
    this.#sink.begin({}, this.columns, NO_LAYOUT);
    rows.forEach((row) => this.#sink.row(row));
    this.#sink.over!(true);
    over.forEach((row) => this.#sink.row(row));
    this.#sink.over!(false);
    this.#sink.end();
    return this.kept.take();
  }

  unread(...rows: Plain[]): string[] {
    return this.#lacking([undefined], rows);
  }

  /** What a listing tells that has no rows of some tables, as they are not there. */
  without(tables: readonly string[], ...rows: Plain[]): string[] {
    return this.#lacking(tables.map((table) => ({ gone: true, table })), rows);
  }

  #lacking(
    reasons: readonly (Lost | undefined)[],
    rows: readonly Plain[],
  ): string[] {
    this.#sink.begin({}, this.columns, NO_LAYOUT);
    rows.forEach((row) => this.#sink.row(row));
    for (const reason of reasons) this.#sink.unread!(reason);
    this.#sink.end();
    return this.kept.take();
  }
}

Deno.test("changes: rows come, go and change", () => {
  const listings = new Listings();
  assert.deepEqual(listings.next(socket(1), socket(2)), [
    "added 1 LISTEN",
    "added 2 LISTEN",
  ]);
  assert.deepEqual(listings.next(socket(2), socket(1)), []);
  const closed = socket(1, { state: "CLOSE" });
  assert.deepEqual(listings.next(closed, socket(3)), [
    'changed 1 CLOSE {"state":"LISTEN"}',
    "added 3 LISTEN",
    "removed 2 LISTEN",
  ]);
  const { added, removed, changed } = listings.changes.differences;
  assert.deepEqual([added, removed, changed], [1, 1, 1]);
  assert.deepEqual(listings.next(closed, socket(3)), []);
});

Deno.test("changes: what came and went between two listings is told, each one", () => {
  const listings = new Listings();
  listings.next(socket(1), socket(2));
  const over = [socket(1), socket(3), socket(3), socket(3)];
  assert.deepEqual(listings.ended([socket(2)], over), [
    "removed 1 LISTEN",
    ...Array<string>(3).fill("removed 3 null"),
  ]);
  assert.deepEqual(listings.ended([socket(2)], [socket(3)]), [
    "removed 3 null",
  ]);
  assert.deepEqual(listings.next(socket(2), socket(3)), ["added 3 LISTEN"]);
});

Deno.test("changes: what moves by itself is no change, unless it is named", () => {
  const [one, other] = [socket(1, { recv_q: 1 }), socket(1, { recv_q: 2 })];
  const unnamed = new Listings();
  unnamed.next(one);
  assert.deepEqual(unnamed.next(other), []);
  const named = new Listings({}, { recv_q: { named: true } });
  named.next(one);
  assert.deepEqual(named.next(other), ['changed 1 LISTEN {"recv_q":1}']);
});

Deno.test("changes: a row that went is what it was last", () => {
  const listings = new Listings();
  listings.next(socket(1, { recv_q: 1, flag_names: ["a"] }));
  listings.next(socket(1, { recv_q: 7, flag_names: ["a", "b"] }));
  listings.changes.compare(listings.kept, new Map(), () => 0);
  const sink = listings.changes.compare(
    listings.kept,
    new Map([[listings.columns, "tcp"]]),
    () => 0,
  );
  sink.begin({}, listings.columns, NO_LAYOUT);
  sink.end();
  const [row] = listings.kept.rows;
  assert.equal(row!.change, "removed");
  assert.equal(row!.recv_q, 7);
  assert.deepEqual(row!.flag_names, ["a", "b"]);
});

Deno.test("changes: what could not be known is no difference", () => {
  const listings = new Listings();
  listings.next(socket(1, { program_name: "sshd" }));
  assert.deepEqual(listings.next(socket(1)), []);
  assert.deepEqual(listings.next(socket(1, { program_name: "sshd" })), []);
  assert.deepEqual(listings.next(socket(1, { program_name: "nginx" })), [
    'changed 1 LISTEN {"program_name":"sshd"}',
  ]);
});

Deno.test("changes: rows of one identity, by number and inode", () => {
  const listings = new Listings();
  const rows = (...inodes: number[]) =>
    inodes.map((inode) => socket(1, { inode }));
  listings.next(...rows(5));
  const inodesOf = (found: Record<string, unknown>[]) =>
    found.splice(0).map(({ change, inode }) => `${change} ${inode}`);
  const sink = listings.changes.compare(
    listings.kept,
    new Map([[listings.columns, "tcp"]]),
    () => 0,
  );
  const list = (...inodes: number[]) => {
    sink.begin({}, listings.columns, NO_LAYOUT);
    rows(...inodes).forEach((row) => sink.row(row));
    sink.end();
    return inodesOf(listings.kept.rows);
  };
  // the one that shares the port came, wherever it stands
  assert.deepEqual(list(9, 5), ["added 9"]);
  assert.deepEqual(list(5, 9), []);
  // a restarted server is the same server
  assert.deepEqual(list(20, 21), []);
  assert.deepEqual(list(21), ["removed 20"]);
  assert.deepEqual(list(30), []);
  assert.deepEqual(list(30, 31, 32), ["added 31", "added 32"]);
  assert.deepEqual(list(), ["removed 30", "removed 31", "removed 32"]);
  assert.deepEqual(list(0, 0), ["added 0", "added 0"]);
  assert.deepEqual(list(0), ["removed 0"]);
});

Deno.test("changes: what one side could not read is left out", () => {
  const listings = new Listings();
  listings.next(socket(1), socket(2));
  assert.deepEqual(listings.unread(socket(1), socket(9)), []);
  assert.deepEqual([...listings.changes.differences.left], ["tcp"]);
  // twice the same: nothing is left out, and nothing went
  assert.deepEqual(listings.unread(socket(1)), []);
  assert.deepEqual([...listings.changes.differences.left], []);
  assert.deepEqual(listings.next(socket(1), socket(3)), []);
  assert.deepEqual([...listings.changes.differences.left], ["tcp"]);
  assert.deepEqual(listings.next(socket(1)), ["removed 3 LISTEN"]);
});

Deno.test("changes: what neither side has is missing in no number", () => {
  const listings = new Listings();
  listings.without(["sctp", "raw"], socket(1), socket(2));
  assert.deepEqual(listings.without(["raw", "sctp"], socket(1)), [
    "removed 2 LISTEN",
  ]);
  assert.deepEqual([...listings.changes.differences.left], []);
  // one side has it: its rows may be among those of the other one
  assert.deepEqual(listings.without(["sctp"], socket(3)), []);
  assert.deepEqual([...listings.changes.differences.left], ["tcp"]);
  assert.deepEqual(listings.next(socket(4)), []);
  assert.deepEqual([...listings.changes.differences.left], ["tcp"]);
  assert.deepEqual(listings.next(), ["removed 4 LISTEN"]);
});

Deno.test("changes: counters grow since the row came", () => {
  const listings = new Listings();
  listings.next(socket(1, { drops: 10 }));
  listings.next(socket(1, { drops: 15 }));
  let seen: unknown[] = [];
  const watching: Sink = {
    begin(_, shown) {
      const { earlier } = shown.find(({ key }) => key === "drops")!;
      this.row = (row) => {
        const { value, first, seconds } = earlier!;
        seen = [value(row), first(row), seconds()];
        return true;
      };
    },
    row: () => true,
    end() {},
  };
  listings.time += 2000;
  const sink = listings.changes.compare(
    watching,
    new Map([[listings.columns, "tcp"]]),
    () => listings.time,
  );
  sink.begin({}, listings.columns, NO_LAYOUT);
  sink.row(socket(1, { drops: 35 }));
  sink.end();
  assert.deepEqual(seen, [15, 10, 2]);
});

Deno.test("changes: with rounds, all rows go on, new and gone ones for a while", () => {
  const listings = new Listings({ rounds: 2 });
  assert.deepEqual(listings.next(socket(1)), ["null 1 LISTEN"]);
  const both = [socket(1), socket(2)];
  const added = ["null 1 LISTEN", "added 2 LISTEN"];
  assert.deepEqual(listings.next(...both), added);
  assert.deepEqual(listings.next(...both), added);
  assert.deepEqual(listings.next(...both), ["null 1 LISTEN", "null 2 LISTEN"]);
  const removed = ["removed 1 LISTEN", "null 2 LISTEN"];
  assert.deepEqual(listings.next(socket(2)), removed);
  assert.deepEqual(listings.next(socket(2)), removed);
  assert.deepEqual(listings.next(socket(2)), ["null 2 LISTEN"]);
  // gone, and back while it is still shown
  listings.next();
  assert.deepEqual(listings.next(socket(2)), [
    "removed 2 LISTEN",
    "added 2 LISTEN",
  ]);
});

Deno.test("changes: thousands that come and go agree with a plain comparison", () => {
  const listings = new Listings();
  let seed = 7;
  const random = (n: number) => {
    seed = Math.imul(seed, 1103515245) + 12345 & 0x7fffffff;
    return seed % n;
  };
  let before = new Map<number, string>();
  for (let round = 0; round < 60; round++) {
    const now = new Map<number, string>();
    for (let k = 0; k < 3000; k++) {
      now.set(random(6000), ["LISTEN", "CLOSE"][random(40) === 0 ? 1 : 0]!);
    }
    const expected = [...now].flatMap(([port, state]) => {
      const was = before.get(port);
      if (was === undefined) return `added ${port} ${state}`;
      return was === state ? [] : `changed ${port} ${state} {"state":"${was}"}`;
    });
    const gone = [...before].filter(([port]) => !now.has(port))
      .map(([port, state]) => `removed ${port} ${state}`);
    const rows = Array.from(now, ([port, state]) =>
      // texts that differ each time take room, which is given back
      socket(port, { state, flag_names: [`${round}`], recv_q: round }));
    const found = listings.next(...rows)
      .map((line) =>
        line.replace(/"flag_names":\[[^\]]*\],?|,"flag_names":\[[^\]]*\]/, "")
      )
      .filter((line) => !line.endsWith("{}"));
    assert.deepEqual(found.toSorted(), [...expected, ...gone].toSorted());
    before = now;
  }
});

Deno.test("changes: of a part, the first column that is known tells it", () => {
  const parts = {
    proto: { part: undefined },
    local_address: { part: undefined },
    local_port: { part: 0, rank: 1 },
    state: { part: 0, rank: 0 },
  };
  const listings = new Listings({}, parts);
  listings.next(socket(1, { state: "a" }), socket(2, { state: null }));
  // the port is only a part where there is no state
  const next = [socket(3, { state: "a" }), socket(2, { state: null })];
  assert.deepEqual(listings.next(...next), []);
  assert.deepEqual(listings.next(socket(3, { state: "a" })), [
    "removed 2 null",
  ]);
});

Deno.test("changes: a counter that begins anew is counted anew", () => {
  const listings = new Listings();
  const names = new Map([[listings.columns, "tcp"]]);
  const firsts: unknown[] = [];
  const watching: Sink = {
    begin(_, shown) {
      const { earlier } = shown.find(({ key }) => key === "drops")!;
      this.row = (row) => firsts.push(earlier!.first(row)) > 0;
    },
    row: () => true,
    end() {},
  };
  const sink = listings.changes.compare(watching, names, () => 0);
  for (const drops of [900, 950, 12, 40]) {
    sink.begin({}, listings.columns, NO_LAYOUT);
    sink.row(socket(1, { drops }));
    sink.end();
  }
  assert.deepEqual(firsts, [900, 900, 12, 12]);
});

Deno.test("changes: who shows all rows can look at them until the next listing", () => {
  const listings = new Listings({ rounds: 2 });
  const names = new Map([[listings.columns, "tcp"]]);
  let looked: (() => unknown)[] = [];
  const screen: Sink = {
    begin(_, shown) {
      const port = shown.find(({ key }) => key === "local_port")!.column;
      this.row = (row) => looked.push(() => port.value(row, VIEW)) > 0;
    },
    row: () => true,
    end() {},
  };
  const sink = listings.changes.compare(screen, names, () => 0);
  // so many that rows are kept anew
  for (let round = 0; round < 6; round++) {
    looked = [];
    sink.begin({}, listings.columns, NO_LAYOUT);
    const ports = Array.from({ length: 5000 }, (_, k) => 10_000 * round + k);
    for (const port of ports) sink.row(socket(port));
    sink.end();
    const seen = new Set(looked.map((look) => look()));
    assert.ok(ports.every((port) => seen.has(port)));
    assert.equal(seen.size, looked.length);
  }
});

Deno.test("changes: rows of relations that compare other columns are sorted", () => {
  const kept = new Kept();
  const lost = () => assert.fail("no room");
  const sort = new Sort(kept, {
    view: VIEW,
    keys: [{ key: "local_port", descending: false }],
    lost,
  });
  const changes = new Changes({ view: VIEW, lost });
  const sorted = { local_port: { sorted: true } };
  const tcp = compared(sorted);
  const unix = compared({ ...sorted, state: { part: 3 } });
  const names = new Map([[tcp, "tcp"], [unix, "unix"]]);
  const sink = changes.compare(sort, names, () => 0);
  for (const state of ["a", "b"]) {
    sink.begin({}, tcp, NO_LAYOUT);
    sink.row(socket(2, { state }));
    sink.begin({}, unix, NO_LAYOUT);
    sink.row(socket(1, { state }));
    sink.end();
  }
  assert.deepEqual(kept.take(), [
    "added 1 a",
    "added 2 a",
    "added 1 b",
    "removed 1 a",
    'changed 2 b {"state":"a"}',
  ]);
});

Deno.test("changes: tens of thousands of one identity come and go at once", () => {
  const listings = new Listings();
  const all = Array.from(
    { length: 60_000 },
    (_, k) => socket(1, { inode: k + 1 }),
  );
  // each of them looked at by each would take minutes
  assert.equal(listings.next(...all.slice(0, 1)).length, 1);
  for (let round = 0; round < 3; round++) {
    assert.equal(listings.next(...all).length, 59_999);
    assert.equal(listings.next(...all.slice(0, 1)).length, 59_999);
  }
  assert.deepEqual(listings.next(), ["removed 1 LISTEN"]);
});
