/** Filters as programs for the kernel: as recorded, as it checks them, and what they choose. */

import assert from "node:assert/strict";
import {
  compile,
  type Condition,
  type End,
  type Tree,
} from "../core/system/bytecode.ts";
import { type Filter, pushDown } from "../core/system/diag_filter.ts";
import {
  comes,
  holds,
  randomSocket,
  randomTree,
  run,
  type Socket,
} from "./filters.ts";

const SAMPLES = new URL("../testdata/diag/bytecode.ndjson", import.meta.url);

/** An expression as the samples have it: a word, and what belongs to it. */
type Recorded = readonly [string, ...(string | number | Recorded)[]];

const OPS = { ge: ">=", le: "<=", eq: "=" } as const;

function endOf(word: string): End {
  return word.startsWith("s") ? "local" : "foreign";
}

function treeOf([is, ...rest]: Recorded): Tree<Condition> {
  const trees = () => rest.map((one) => treeOf(one as Recorded));
  const [first, second, third, fourth] = rest;
  switch (is) {
    case "and":
    case "or":
      return { is, all: trees() };
    case "not":
      return { is, one: trees()[0]! };
    case "sport":
    case "dport": {
      const op = OPS[first as keyof typeof OPS];
      return { is: "port", end: endOf(is), op, port: second as number };
    }
    case "src":
    case "dst":
      return {
        is: "host",
        end: endOf(is),
        address: Uint8Array.fromHex(fourth as string),
        prefix: second as number,
        ...(third === -1 ? {} : { port: third as number }),
      };
    case "dev":
      return { is: "interface", index: first as number };
    case "mark":
      return { is, mark: first as number, mask: second as number };
    case "cgroup":
      return { is, id: first as number };
    case "autobound":
      return { is };
    default:
      return assert.fail(is);
  }
}

const samples = Deno.readTextFileSync(SAMPLES).trim().split("\n")
  .map((line) => JSON.parse(line) as { expression: Recorded; program: string });

const LENGTHS: Readonly<Record<number, readonly number[]>> = {
  1: [4],
  2: [8],
  3: [8],
  4: [8],
  5: [8],
  6: [4],
  7: [12, 16, 28],
  8: [12, 16, 28],
  9: [8],
  10: [12],
  11: [8],
  12: [8],
  13: [12],
};

/** What the kernel demands of a program before it runs it. */
function audit(bytes: Uint8Array): void {
  const program = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const starts = new Set([bytes.length, bytes.length + 4]);
  const jumps: number[] = [];
  for (let at = 0; at < bytes.length;) {
    starts.add(at);
    const code = program.getUint8(at);
    const length = program.getUint8(at + 1);
    const no = program.getUint16(at + 2, true);
    assert.ok(
      LENGTHS[code]?.includes(length),
      `code ${code} of ${length} bytes`,
    );
    if (code === 7 || code === 8) {
      const words = { 12: 0, 16: 2, 28: 10 }[length];
      assert.equal(program.getUint8(at + 4), words);
      assert.ok(program.getUint8(at + 5) <= 8 * (length - 12));
    }
    assert.ok(no >= length && no % 4 === 0, `no: ${no}`);
    jumps.push(at + no);
    at += length;
    assert.ok(at <= bytes.length);
  }
  for (const to of jumps) assert.ok(starts.has(to), `jump to ${to}`);
}

function told(filter: Filter, socket: Socket): string {
  return Deno.inspect({ filter, socket }, { depth: 20 });
}

Deno.test("bytecode: programs as they were recorded", () => {
  assert.ok(samples.length > 60);
  for (const { expression, program } of samples) {
    const made = compile(treeOf(expression));
    assert.equal(made?.toHex(), program, JSON.stringify(expression));
  }
});

Deno.test("bytecode: the recorded programs choose what they say", () => {
  const sockets = Array.from({ length: 200 }, randomSocket);
  for (const { expression, program } of samples) {
    const bytes = Uint8Array.fromHex(program);
    audit(bytes);
    const tree = treeOf(expression);
    for (const socket of sockets) {
      assert.equal(run(bytes, socket), holds(tree, socket));
    }
  }
});

Deno.test("bytecode: programs choose just what the conditions say", () => {
  const sockets = Array.from({ length: 100 }, randomSocket);
  let [chosen, left] = [0, 0];
  for (let i = 0; i < 1000; i++) {
    const tree = randomTree(4, false) as Tree<Condition>;
    const program = compile(tree)!;
    audit(program);
    for (const socket of sockets) {
      const want = holds(tree, socket);
      if (run(program, socket) !== want) assert.fail(told(tree, socket));
      want ? chosen++ : left++;
    }
  }
  assert.ok(chosen > 10_000 && left > 10_000);
});

Deno.test("bytecode: what is pushed down leaves no socket out", () => {
  const sockets = Array.from({ length: 300 }, randomSocket);
  let [pushed, all, unasked, exact, more] = [0, 0, 0, 0, 0];
  for (let i = 0; i < 2000; i++) {
    const filter = randomTree(3, true);
    for (const family of [2, 10]) {
      const asked = pushDown(filter, family);
      if (asked?.program !== undefined) audit(asked.program);
      if (asked === undefined) unasked++;
      else asked.program === undefined ? all++ : pushed++;
      for (const socket of sockets.filter((s) => s.family === family)) {
        const isTold = comes(asked, socket);
        if (holds(filter, socket)) {
          if (!isTold) assert.fail(told(filter, socket));
          exact++;
        } else if (isTold) more++;
        else exact++;
      }
    }
  }
  // each of these occurs, and little comes that was not asked for
  assert.ok(pushed > 500 && all > 100 && unasked > 100);
  assert.ok(more < exact / 4, `${more} of ${exact}`);
});

const port = (op: ">=" | "<=" | "=", port: number): Filter => ({
  is: "port",
  end: "local",
  op,
  port,
});
const host = (hex: string, prefix: number): Filter => ({
  is: "host",
  end: "foreign",
  address: Uint8Array.fromHex(hex),
  prefix,
});
const states = (states: number): Filter => ({ is: "states", states });
const not = (one: Filter): Filter => ({ is: "not", one });
const and = (...all: Filter[]): Filter => ({ is: "and", all });
const or = (...all: Filter[]): Filter => ({ is: "or", all });

const LISTEN = 1 << 10;
const ANY = 0xffff_ffff;
const S_COND_22 = "070c10000000000016000000";

const PUSHED: {
  readonly name: string;
  readonly filter: Filter;
  readonly inet: ReturnType<typeof asked>;
  readonly inet6?: ReturnType<typeof asked>;
}[] = [
  {
    name: "equality is said so that each kernel knows it",
    filter: port("=", 22),
    inet: { states: ANY, program: S_COND_22 },
  },
  {
    name: "states stand in the request",
    filter: and(states(LISTEN), port("=", 22)),
    inet: { states: LISTEN, program: S_COND_22 },
  },
  {
    name: "states on one side of an or",
    filter: or(states(LISTEN), port("=", 22)),
    inet: { states: ANY },
  },
  {
    name: "states on both sides of an or",
    filter: or(
      and(states(LISTEN), port("=", 22)),
      and(states(2), port("=", 22)),
    ),
    inet: {
      states: LISTEN | 2,
      program: "070c10000000000016000000" + "01041000" +
        "070c10000000000016000000",
    },
  },
  {
    name: "what is only bound comes as closed",
    filter: states(1 << 7),
    inet: { states: 1 << 7 | 1 << 13 },
  },
  {
    name: "no state",
    filter: and(states(LISTEN), states(2)),
    inet: undefined,
  },
  {
    name: "all states but one",
    filter: not(states(LISTEN)),
    inet: { states: (ANY ^ LISTEN) >>> 0 },
  },
  {
    name: "an IPv6 host is never one of IPv4",
    filter: host("20010db8000000000000000000000000", 32),
    inet: undefined,
    inet6: {
      states: ANY,
      program: "081c20000a200000ffffffff20010db8000000000000000000000000",
    },
  },
  {
    name: "anything but an IPv6 host",
    filter: not(host("00000000000000000000000000000001", 128)),
    inet: { states: ANY },
    inet6: {
      states: ANY,
      program: "081c20000a800000ffffffff00000000000000000000000000000001" +
        "01040800",
    },
  },
  {
    name: "an IPv4 host can be mapped",
    filter: host("c0000200", 24),
    inet: { states: ANY, program: "0810140002180000ffffffffc0000200" },
  },
  {
    name: "a port that there is not",
    filter: port("=", 70_000),
    inet: undefined,
  },
  { name: "any port", filter: port("<=", 70_000), inet: { states: ANY } },
  { name: "not any port", filter: not(port(">=", -1)), inet: undefined },
  {
    name: "a port between two",
    filter: port("<=", 80.5),
    inet: { states: ANY },
  },
  {
    name: "a prefix too long",
    filter: host("7f000001", 33),
    inet: { states: ANY },
  },
  {
    name: "a mark too large",
    filter: not({ is: "mark", mark: 2 ** 32 + 42, mask: 255 }),
    inet: { states: ANY },
  },
  {
    name: "a cgroup that is no number",
    filter: { is: "cgroup", id: 0.5 },
    inet: { states: ANY },
  },
  {
    name: "more than a program can have",
    filter: or(...Array.from({ length: 6000 }, (_, i) => port("=", i))),
    inet: { states: ANY },
  },
];

function asked(filter: Filter, family: number) {
  const pushed = pushDown(filter, family);
  if (pushed === undefined) return undefined;
  const { states, program } = pushed;
  return program === undefined
    ? { states }
    : { states, program: program.toHex() };
}

for (const { name, filter, ...want } of PUSHED) {
  Deno.test(`bytecode: pushed down: ${name}`, () => {
    assert.deepEqual(asked(filter, 2), want.inet);
    const six = "inet6" in want ? want.inet6 : want.inet;
    assert.deepEqual(asked(filter, 10), six);
  });
}
