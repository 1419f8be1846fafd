/** What of a question the kernel is asked: never less than what is asked for. */

import assert from "node:assert/strict";
import type { View } from "../core/contract/family.ts";
import { Address, spellAddress } from "../core/contract/ip.ts";
import type { Conjunct } from "../core/query/compile.ts";
import { planOf, type RelationPlan } from "../core/query/plan.ts";
import { pushDown } from "../core/system/diag_filter.ts";
import { filterOf } from "../core/views/pushed.ts";
import { inetDepth } from "../families/_inet_depth.ts";
import { Row } from "../families/_inet_line.ts";
import { answerOf, packed } from "./diag_answers.ts";
import { holds, randomSocket, type Socket } from "./filters.ts";
import { services } from "./query_relations.ts";

const VIEW = { programs: false, context: false } as View;
const DEPTH = inetDepth("tcp", "");
const MARK = 15;
const CGROUP_ID = 21;

/** What becomes of a question about TCP. */
function planFor(where: string): RelationPlan {
  const schema = { head: { proto: "tcp" }, columns: DEPTH.columns };
  const { relations: [plan] } = planOf({ where: [where] }, [schema], {
    view: VIEW,
    text: true,
    services,
    lost: () => assert.fail("there is memory"),
  });
  return plan!;
}

/** The socket as the kernel tells of it, in a row. */
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
  row.answer = answerOf(structure, [
    [MARK, packed([32, mark])],
    [CGROUP_ID, packed([64, cgroup])],
  ]);
  assert.ok(DEPTH.parse!(row));
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

Deno.test("pushed: thousands of questions, and what the kernel is asked for", () => {
  let kept = 0;
  let left = 0;
  let unasked = 0;
  for (let i = 0; i < 1000; i++) {
    const where = Array.from({ length: 1 + below(3) }, test).join(" and ");
    const { keep, later, tests } = planFor(where);
    assert.equal(later, undefined);
    const filter = filterOf(tests, DEPTH.named);
    for (let j = 0; j < 20; j++) {
      // those beyond are told as others of these
      const socket = { ...randomSocket(), state: 1 + below(11) };
      const isKept = keep?.(rowOf(socket), VIEW) ?? true;
      const isAsked = holds(filter, socket);
      const pushed = pushDown(filter, socket.family);
      if (isKept) {
        assert.ok(isAsked, where);
        assert.ok(pushed && (pushed.states >>> socket.state & 1) === 1, where);
        kept++;
      } else if (!isAsked) left++;
      if (pushed === undefined) unasked++;
    }
  }
  // and mostly not more than that
  assert.ok(kept > 1500, `${kept}`);
  assert.ok(left > kept, `${left}`);
  assert.ok(unasked > 300, `${unasked}`);
});

const port = (op: ">=" | "<=" | "=", port: number) =>
  ({ is: "port", end: "local", op, port }) as const;

const FILTERS: readonly [where: string, filter: unknown][] = [
  ["local_port = https", { is: "or", all: [port("=", 443)] }],
  ["local_port >= 1024", port(">=", 1024)],
  ["local_port < 1024", { is: "not", one: port(">=", 1024) }],
  ["local_port > 1023", { is: "not", one: port("<=", 1023) }],
  [
    "local_port in (22, 1..9)",
    {
      is: "or",
      all: [
        port("=", 22),
        { is: "and", all: [port(">=", 1), port("<=", 9)] },
      ],
    },
  ],
  ["state = LISTEN", { is: "or", all: [{ is: "states", states: 1 << 10 }] }],
  [
    "state not in (SYN_RECV, TIME_WAIT)",
    {
      is: "not",
      one: {
        is: "or",
        all: [
          { is: "states", states: 1 << 3 | 1 << 12 },
          { is: "states", states: 1 << 6 },
        ],
      },
    },
  ],
  [
    "foreign_address = 10.0.0.0/8",
    {
      is: "or",
      all: [{
        is: "host",
        end: "foreign",
        address: Uint8Array.of(10, 0, 0, 0),
        prefix: 8,
      }],
    },
  ],
  ["mark = 7", {
    is: "or",
    all: [{ is: "mark", mark: 7, mask: 0xffff_ffff }],
  }],
  ["cgroup_id = 7", { is: "or", all: [{ is: "cgroup", id: 7 }] }],
  ["ifindex = 7", { is: "or", all: [{ is: "interface", index: 7 }] }],
];

for (const [where, filter] of FILTERS) {
  Deno.test(`pushed: ${where}`, () => {
    const { tests } = planFor(where);
    assert.deepEqual(filterOf(tests, DEPTH.named), {
      is: "and",
      all: [filter],
    });
  });
}

/** What says nothing to the kernel. */
const OTHERS = [
  "rtt > 10ms",
  "recv_q = 0",
  "not local_port = 1",
  "local_port = foreign_port",
  "foreign_address in 10.0.0.1..10.0.0.9",
  "foreign_address > 10.0.0.1",
  "ifindex > 1",
  "state_num = 10",
  "mark in 1..2",
];

for (const where of OTHERS) {
  Deno.test(`pushed: nothing of ${where}`, () => {
    const { tests } = planFor(where);
    for (const family of [2, 10]) {
      assert.deepEqual(pushDown(filterOf(tests, DEPTH.named), family), {
        states: 0xffff_ffff,
      });
    }
  });
}

Deno.test("pushed: a word that the table does not have is no state of it", () => {
  const test: Conjunct = {
    key: "state",
    op: "in",
    values: [{ is: "text", text: "constructor", folded: true }],
  };
  assert.equal(pushDown(filterOf([test], DEPTH.named), 2), undefined);
});
