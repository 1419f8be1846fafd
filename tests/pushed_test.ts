/** What of a question the kernel is asked: never less than what is asked for. */

import assert from "node:assert/strict";
import type { View } from "../core/contract/family.ts";
import { Address, spellAddress } from "../core/contract/ip.ts";
import type { ColumnTest, Tests } from "../core/query/compile.ts";
import { planOf, type RelationPlan } from "../core/query/plan.ts";
import type { Filter } from "../core/system/diag_filter.ts";
import { filterOf, pushedOf } from "../core/views/pushed.ts";
import { inetDepth } from "../families/_inet_depth.ts";
import { Row } from "../families/_inet_line.ts";
import { answerOf, packed } from "./diag_answers.ts";
import { comes, randomSocket, type Socket } from "./filters.ts";
import { services } from "./query_relations.ts";

const VIEW = { programs: false, context: false } as View;
const DEPTH = inetDepth("tcp", "");
const LISTED = 0xffff_ffff;
const MARK = 15;
const CGROUP_ID = 21;

/** What becomes of a question about TCP. */
function planFor(...where: string[]): RelationPlan {
  const schema = { head: { proto: "tcp" }, columns: DEPTH.columns };
  const { relations: [plan] } = planOf({ where }, [schema], {
    view: VIEW,
    text: true,
    services,
    lost: () => assert.fail("there is memory"),
  });
  return plan!;
}

/** What the kernel is asked for of a family. */
function asked(tests: Tests | undefined, family: number) {
  return pushedOf(tests, { family, named: DEPTH.named!, listed: LISTED });
}

/** The socket as the kernel tells of it, in a row; of its attributes it may tell none. */
function rowOf(socket: Socket): Row {
  const { family, state, ports, addresses, index, mark, cgroup } = socket;
  const structure = new Uint8Array(72);
  const words = new DataView(structure.buffer);
  structure.set([family, state]);
  words.setUint16(4, ports.local);
  words.setUint16(6, ports.foreign);
  structure.set(addresses.local, 8);
  structure.set(addresses.foreign, 24);
  words.setUint32(40, index, true);
  const row = new Row({ path: "", proto: "tcp" });
  const attributes: Parameters<typeof answerOf>[1] = [
    [MARK, packed([32, mark])],
    [CGROUP_ID, packed([64, cgroup])],
  ];
  row.answer = answerOf(structure, attributes.filter(() => below(4) > 0));
  assert.ok(DEPTH.parse!(row, VIEW));
  return row;
}

/** Numbers that are the same in each run. */
let state = 11;
function below(most: number): number {
  state = Math.imul(state ^ state >>> 15, state | 1) + 0x6d2b79f5 | 0;
  return ((state ^ state >>> 14) >>> 0) % most;
}
const one = <T>(list: readonly T[]): T => list[below(list.length)]!;

function spelled(bytes: Uint8Array): string {
  const address = new Address();
  address.length = bytes.length === 4 ? 4 : 16;
  address.bytes.set(bytes);
  return spellAddress(address);
}

/** A value that a key may be compared with, mostly one that a socket has. */
const VALUES: Readonly<Record<string, () => string>> = {
  local_port: () => one(["22", "ssh", "443", "8080", "0", "65535", "1..1023"]),
  foreign_port: () => one(["0", "22", "80", "23..443", "65535"]),
  local_address: addressOrNetwork,
  foreign_address: addressOrNetwork,
  state: () => one(["LISTEN", "syn_recv", "ESTABLISHED", "TIME_WAIT", "CLOSE"]),
  state_num: () => one(["1", "10"]),
  ifindex: () => one(["0", "1", "2"]),
  mark: () => one(["0", "42", "0xff000001"]),
  cgroup_id: () => one(["1", "101", "9223372036854775808"]),
  recv_q: () => one(["0", "10"]),
};

function addressOrNetwork(): string {
  const { addresses: { local }, family } = randomSocket();
  const address = spelled(local);
  const most = family === 2 ? 32 : 128;
  switch (below(3)) {
    case 0:
      return address;
    case 1:
      return `${address}/${below(most + 1)}`;
    default:
      return family === 2 ? `0.0.0.0..${address}` : address;
  }
}

function test(): string {
  const key = one(Object.keys(VALUES));
  const value = VALUES[key]!;
  if (below(3) === 0) {
    const values = Array.from({ length: 1 + below(3) }, value);
    return `${key} ${one(["in", "not in"])} (${values.join(", ")})`;
  }
  const ordered = !/^state$|address/.test(key);
  const text = value();
  const op = ordered && !text.includes("..")
    ? one(["=", "!=", "<", "<=", ">", ">="])
    : one(["=", "!="]);
  if (!text.includes("..")) return `${key} ${op} ${text}`;
  return `${key} ${op === "=" ? "in" : "not in"} (${text})`;
}

/** Tests that are joined. */
function expression(depth: number): string {
  const kind = depth === 0 ? 9 : below(10);
  if (kind < 2) return `not (${expression(depth - 1)})`;
  if (kind > 6) return test();
  const how = one([" and ", " or "]);
  return Array.from(
    { length: 2 + below(2) },
    () => `(${expression(depth - 1)})`,
  ).join(how);
}

Deno.test("pushed: thousands of questions, and what the kernel tells", () => {
  const count = { kept: 0, left: 0, more: 0, unasked: 0 };
  for (let i = 0; i < 3000; i++) {
    const where = Array.from({ length: 1 + below(2) }, () => expression(3));
    const told = where.join(" --where ");
    const { none, keep, later, tests } = planFor(...where);
    assert.deepEqual([none, later], [false, undefined], told);
    for (let j = 0; j < 20; j++) {
      // those beyond are told as others of these
      const socket = { ...randomSocket(), state: 1 + below(11) };
      const pushed = asked(tests, socket.family);
      const isTold = comes(pushed, socket);
      if (keep?.(rowOf(socket), VIEW) ?? true) {
        if (!isTold) assert.fail(Deno.inspect({ told, socket }, { depth: 9 }));
        count.kept++;
      } else if (isTold) count.more++;
      else count.left++;
      if (pushed === undefined) count.unasked++;
    }
  }
  // and mostly not more than that
  const { kept, left, more, unasked } = count;
  assert.ok(kept > 15_000 && left > 15_000, Deno.inspect(count));
  assert.ok(unasked > 1000 && more < left, Deno.inspect(count));
});

const port = (op: ">=" | "<=" | "=", port: number) =>
  ({ is: "port", end: "local", op, port }) as const;

const or = (...all: Filter[]): Filter => ({ is: "or", all });
const and = (...all: Filter[]): Filter => ({ is: "and", all });
const not = (one: Filter): Filter => ({ is: "not", one });
const states = (...all: number[]): Filter => ({
  is: "states",
  states: all.reduce((bits, state) => bits | 1 << state, 0),
});
const UNKNOWN: Filter = { is: "unknown" };
const HOST: Filter = {
  is: "host",
  end: "foreign",
  address: Uint8Array.of(10, 0, 0, 0),
  prefix: 8,
};

const FILTERS: readonly [where: string, filter: Filter][] = [
  ["local_port = https", or(port("=", 443))],
  ["local_port != https", not(or(port("=", 443)))],
  ["local_port >= 1024", port(">=", 1024)],
  ["local_port < 1024", not(port(">=", 1024))],
  ["local_port > 1023", not(port("<=", 1023))],
  [
    "local_port in (22, 1..9)",
    or(port("=", 22), and(port(">=", 1), port("<=", 9))),
  ],
  [
    "local_port = 22 or local_port = 443",
    or(or(port("=", 22)), or(port("=", 443))),
  ],
  [
    "not (state = LISTEN or local_port = 22)",
    not(or(or(states(10)), or(port("=", 22)))),
  ],
  ["rtt > 10ms or local_port = 22", or(UNKNOWN, or(port("=", 22)))],
  ["state = LISTEN", or(states(10))],
  // one that has no name is neither of these, nor any other one
  [
    "state not in (SYN_RECV, TIME_WAIT)",
    and(UNKNOWN, not(or(states(3, 12), states(6)))),
  ],
  ["foreign_address = 10.0.0.0/8", or(HOST)],
  ["foreign_address != 10.0.0.0/8", not(or(HOST))],
  // the kernel may know of a socket what it does not tell
  ["mark = 7", or(and(UNKNOWN, { is: "mark", mark: 7, mask: 0xffff_ffff }))],
  ["cgroup_id = 7", or(and(UNKNOWN, { is: "cgroup", id: 7 }))],
  ["ifindex = 7", or({ is: "interface", index: 7 })],
];

for (const [where, filter] of FILTERS) {
  Deno.test(`pushed: ${where}`, () => {
    const { tests } = planFor(where);
    assert.deepEqual(filterOf(tests!, DEPTH.named), and(filter));
  });
}

/** Of what is asked here any socket may be. */
const OTHERS = [
  "rtt > 10ms",
  "recv_q = 0",
  "not recv_q = 0",
  "local_port = foreign_port",
  "foreign_address in 10.0.0.1..10.0.0.9",
  "foreign_address > 10.0.0.1",
  "ifindex > 1",
  "state_num = 10",
  "mark in 1..2",
  "not mark = 1",
  "not mark != 1",
  "not cgroup_id = 1",
  "not state != LISTEN",
  "local_port = 22 or rtt > 10ms",
  "state = LISTEN or local_port = 22",
  "not (rtt > 10ms and local_port = 22)",
];

for (const where of OTHERS) {
  Deno.test(`pushed: nothing of ${where}`, () => {
    const { tests } = planFor(where);
    for (const family of [2, 10]) {
      assert.deepEqual(asked(tests, family), { states: LISTED });
    }
  });
}

Deno.test("pushed: without a question all that is listed is asked for", () => {
  const listed = 1 << 10;
  const named = DEPTH.named!;
  assert.deepEqual(pushedOf(undefined, { family: 2, named, listed }), {
    states: listed,
  });
  const { tests } = planFor("not state = LISTEN");
  assert.equal(pushedOf(tests, { family: 2, named, listed }), undefined);
});

Deno.test("pushed: a word that the table does not have is no state of it", () => {
  const test: ColumnTest = {
    is: "in",
    key: "state",
    values: [{ is: "text", text: "constructor", folded: true }],
  };
  assert.equal(asked(test, 2), undefined);
});
