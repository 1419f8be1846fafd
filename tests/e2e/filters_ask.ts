/**
 * Puts made-up expressions to the TCP, UDP or raw sockets of a network namespace, which the
 * kernel chooses among as far as it can, and says what came of it, as JSON. What is
 * answered is what is worked out from rows that were read once; `ss` says the same where it
 * can be asked.
 *
 * ```sh
 * deno run -A filters_ask.ts PROTOCOL SEED COUNT
 * ```
 *
 * @module
 */

import assert from "node:assert/strict";
import { byteString, Line } from "../../core/contract/line.ts";
import type { View } from "../../core/contract/family.ts";
import { planOf } from "../../core/query/plan.ts";
import type { Tests } from "../../core/query/compile.ts";
import { Failure } from "../../core/system/failures.ts";
import { openSockets } from "../../core/system/sock_diag.ts";
import { pushedOf } from "../../core/views/pushed.ts";
import { inetDepth, type InetProtocol } from "../../families/_inet_depth.ts";
import {
  Expressions,
  randomFrom,
  type Row,
  type Tree,
  type Values,
} from "../expressions.ts";
import { netstat } from "../program.ts";

/** What came of all expressions. */
export interface Told {
  /** How many sockets there are, and expressions. */
  readonly sockets: number;
  expressions: number;
  /** How many sockets were answers, all expressions together. */
  kept: number;
  /** How many of those `ss` was asked, and how many sockets it listed then. */
  beside: number;
  listed: number;
  /** Of how many of those the kernel told no other socket. */
  chosen: number;
}

/** The keys that are asked about: those of ends, what each socket has, and what it may. */
const END_KEYS = [
  "local_port",
  "foreign_port",
  "local_address",
  "foreign_address",
];
const HEAD_KEYS = [...END_KEYS, "state", "recv_q"];
const SOCKET_KEYS = [...HEAD_KEYS, "uid", "mark", "ifindex", "v6only"];

/** A protocol, and how it is asked about. */
interface Protocol {
  /** The option of ours, and of `ss`. */
  readonly option: string;
  readonly keys: readonly string[];
  /** What tells rows apart that have all that is told of them. */
  readonly id: readonly string[];
  /** A way to ask for little of each, to whom that makes a difference. */
  readonly heads: readonly string[];
  /** States as `ss` spells them. Only one can be asked for, beside an expression. */
  readonly states: Readonly<Record<string, string>>;
}

/** Whether the kernel tells of a protocol, so that there are cookies. */
function isTold(protocol: InetProtocol): boolean {
  const answers = openSockets(
    inetDepth(protocol, "").asking({ path: "" })!,
    {},
    { inside: (make) => make() },
  );
  if (answers instanceof Failure) return false;
  answers.close();
  return true;
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  tcp: {
    option: "-t",
    keys: [...SOCKET_KEYS, "accept_queue_max"],
    id: ["cookie"],
    heads: ["--columns", "local_port,foreign_port", "--source", "netlink"],
    states: {
      ESTABLISHED: "established",
      FIN_WAIT2: "fin-wait-2",
      CLOSE_WAIT: "close-wait",
      LISTEN: "listening",
    },
  },
  udp: {
    option: "-u",
    keys: [...SOCKET_KEYS, "drops"],
    id: ["cookie"],
    heads: ["--columns", "local_port,foreign_port,rcvbuf"],
    states: { ESTABLISHED: "established" },
  },
  raw: {
    option: "-w",
    keys: [...HEAD_KEYS, "uid", "drops"],
    // a kernel without raw_diag has no more that `ss` shows, too
    id: END_KEYS,
    heads: ["--columns", "inode"],
    states: { ESTABLISHED: "established" },
  },
};

const [protocolName, ...numbers] = Deno.args as [InetProtocol, ...string[]];
const PROTOCOL = PROTOCOLS[protocolName]!;
const TOLD = isTold(protocolName);
const KEYS = PROTOCOL.keys;

/** Rows with what only all that is told of them has, and with what little is told. */
const CSV = [`${PROTOCOL.option}an`, "--csv", "--no-header"];
const ANSWERS = [...CSV, "--columns", PROTOCOL.id.join()];
const HEADS = [...CSV, ...PROTOCOL.heads];

const NETWORKS = [
  "127.0.0.0/8",
  "127.0.0.0/28",
  "127.0.0.7/32",
  "127.2.0.0/15",
  "0.0.0.0/0",
  "::/0",
  "fd00::/16",
  "fd00::2:0/125",
  "::ffff:127.9.0.0/125",
];

/** Rows, of which each column is looked at by its few different values. */
class Table {
  readonly rows: readonly Row[];
  readonly #columns: Readonly<Record<string, { values: Row[]; of: number[] }>>;

  constructor(rows: readonly Row[]) {
    this.rows = rows;
    this.#columns = Object.fromEntries(KEYS.map((key) => {
      const places = new Map<unknown, number>();
      const of = rows.map(({ [key]: value }) => {
        if (!places.has(value)) places.set(value, places.size);
        return places.get(value)!;
      });
      return [key, {
        values: [...places.keys()].map((v) => ({ [key]: v })),
        of,
      }];
    }));
  }

  /** The values of a key that are known. */
  known(key: string): (string | number | boolean)[] {
    return this.#columns[key]!.values.map((row) => row[key])
      .filter((value) => value !== null) as (string | number | boolean)[];
  }

  /** Which rows an expression is true of: 1, or 0. */
  chosen(tree: Tree, made: Expressions): Uint8Array {
    switch (tree.is) {
      case "and":
      case "or": {
        const left = this.chosen(tree.left, made);
        const right = this.chosen(tree.right, made);
        return tree.is === "and"
          ? left.map((is, i) => is & right[i]!)
          : left.map((is, i) => is | right[i]!);
      }
      case "not":
        return this.chosen(tree.term, made).map((is) => 1 - is);
      case "keys":
        return Uint8Array.from(
          this.rows,
          (row) => Number(made.isTrue(tree, row)),
        );
      default: {
        const { values, of } = this.#columns[tree.key]!;
        const are = values.map((row) => Number(made.isTrue(tree, row)));
        return Uint8Array.from(of, (place) => are[place]!);
      }
    }
  }
}

/** What the program prints, without a complaint. */
async function lines(args: readonly string[]): Promise<string[]> {
  const { stdout, stderr, exit } = await netstat(...args);
  assert.deepEqual([stderr, exit], ["", 0], args.join(" "));
  return stdout.split("\n").slice(0, -1);
}

/** Fails, without all that there is, if it is not what it should be. */
function same(got: readonly string[], want: readonly string[], told: string) {
  const at = want.findIndex((line, i) => line !== got[i]);
  assert.deepEqual([got.length, got[at]], [want.length, want[at]], told);
}

const NUMBERS = ["local_port", "foreign_port", "recv_q"];
const ADDRESSES = ["local_address", "foreign_address"];

function valuesOf(key: string, table: Table, made: Expressions): Values {
  const all = table.known(key);
  if (key === "state") return { as: "folded", all };
  if (key === "v6only") return { as: "truth", all };
  if (ADDRESSES.includes(key)) {
    const spelled = Array.from({ length: 25 }, () => `${made.pick(all)}`);
    return { as: "address", all, spelled, others: ADDRESSES };
  }
  const some = Array.from({ length: 25 }, () => `${made.pick(all)}`);
  const edges = /port/.test(key) ? ["0", "22", "1999", "65535"] : ["0", "1"];
  const others = NUMBERS.includes(key) ? NUMBERS : [];
  return { as: "number", all, spelled: [...some, ...edges], others };
}

/** An expression as `ss` takes it; undefined where it cannot be asked so. */
function spelledForSs(tree: Tree): string | undefined {
  switch (tree.is) {
    case "and":
    case "or": {
      const left = spelledForSs(tree.left);
      const right = spelledForSs(tree.right);
      if (left === undefined || right === undefined) return undefined;
      return `( ${left} ) ${tree.is} ( ${right} )`;
    }
    case "not": {
      const term = spelledForSs(tree.term);
      return term === undefined ? undefined : `not ( ${term} )`;
    }
    case "op":
      return testForSs(tree.key, tree.op, tree.value);
    case "in": {
      const items = tree.items.map((item) => {
        if (typeof item === "string") return testForSs(tree.key, "=", item);
        const [from, to] = item.map((end) => Number(end));
        const least = testForSs(tree.key, ">=", `${from}`);
        const most = testForSs(tree.key, "<=", `${to}`);
        return least && most && `( ${least} and ${most} )`;
      });
      if (items.includes(undefined)) return undefined;
      const any = `( ${items.join(" or ")} )`;
      return tree.not ? `not ${any}` : any;
    }
    default:
      return undefined;
  }
}

function testForSs(key: string, op: string, value: string): string | undefined {
  const end = key.startsWith("local_") ? ["sport", "src"] : ["dport", "dst"];
  if (/_port$/.test(key)) return `${end[0]} ${op} :${Number(value)}`;
  if (!/_address$/.test(key) || !["=", "!="].includes(op)) return undefined;
  // to `ss` a network of no bits has the addresses of both families
  if (value.endsWith("/0")) return undefined;
  // and what is not `[::]` is not 0.0.0.0 either, nor the other way round
  if (/^[0:.]+$/.test(value)) return undefined;
  const test = `${end[1]} ${value.includes("/") ? value : bare(value)}`;
  return op === "=" ? test : `not ${test}`;
}

function bare(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** What `ss` lists of such sockets, by what our rows are told apart by, in order. */
async function listedBySs(
  state: string | undefined,
  filter: string,
): Promise<string[]> {
  const { option, states } = PROTOCOL;
  const asked = state === undefined ? ["-a"] : ["state", states[state]!];
  const { code, stdout, stderr } = await new Deno.Command("ss", {
    args: [`-Hn${option.slice(1)}eO`, ...asked, filter],
  }).output();
  assert.deepEqual([byteString(stderr), code], ["", 0], filter);
  return byteString(stdout).split("\n")
    // those of TCP that only have an address are in no table of netstat's
    .filter((line) =>
      line !== "" && !(option === "-t" && line.startsWith("UNCONN"))
    )
    .map((line) => PROTOCOL.id[0] === "cookie" ? cookieIn(line) : endsIn(line))
    .sort();
}

function cookieIn(line: string): string {
  return `${BigInt(`0x${/ sk:([0-9a-f]+)/.exec(line)![1]}`)}`;
}

/** Both ends, as our CSV has them. */
function endsIn(line: string): string {
  const ends = line.trim().split(/ +/).filter((word) => word.includes(":"));
  const [local, foreign] = ends.slice(0, 2).map((end) => {
    const [, address, port] = /^(.*):(.*)$/.exec(end)!;
    const bare = address!.replace(/^\[(.*)\]$/, "$1").replace(/%.*/, "");
    return [bare === "*" ? "::" : bare, port === "*" ? "0" : port];
  });
  return [local![1], foreign![1], local![0], foreign![0]].join();
}

const DEPTHS = [["", 2], ["6", 10]] as const;
const VIEW = { all: true, listening: false } as View;

/** How many sockets the kernel tells of for these questions. */
function countTold(where: readonly string[]): number {
  let count = 0;
  for (const [suffix, family] of DEPTHS) {
    const depth = inetDepth(protocolName, suffix);
    const proto = `${protocolName}${suffix}`;
    const schema = { head: { proto }, columns: depth.columns };
    const { relations: [plan] } = planOf({ where }, [schema], {
      view: VIEW,
      text: true,
      services: () => undefined,
      lost: assert.fail,
    });
    count += countAsked(plan!.tests, family, depth);
  }
  return count;
}

function countAsked(
  tests: Tests | undefined,
  family: number,
  { asking, states, named }: ReturnType<typeof inetDepth>,
): number {
  const listed = states?.(VIEW) ?? 0xffff_ffff;
  const wanted = pushedOf(tests, { family, named: named!, listed });
  if (wanted === undefined) return 0;
  const answers = openSockets(asking({ path: "" })!, wanted, {
    inside: (make) => make(),
  });
  if (answers instanceof Failure) throw new Error(answers.toString());
  const line = new Line();
  let count = 0;
  while (answers.next(line)) count++;
  answers.close();
  return count;
}

/** Expressions about the sockets that there are. */
class Asking {
  readonly #table: Table;
  readonly #random: () => number;
  /** What is printed of all sockets. */
  readonly #answers: readonly string[];
  readonly #heads: readonly string[];
  readonly #of: Readonly<Record<"ends" | "heads" | "answers", Expressions>>;
  readonly told: Told;

  private constructor(
    seed: number,
    [table, answers, heads]: [Table, readonly string[], readonly string[]],
  ) {
    this.#table = table;
    this.#random = randomFrom(seed);
    this.#answers = answers;
    this.#heads = heads;
    this.#of = {
      ends: this.#about(END_KEYS),
      heads: this.#about(HEAD_KEYS),
      answers: this.#about(KEYS),
    };
    const none = { expressions: 0, kept: 0, beside: 0, listed: 0, chosen: 0 };
    this.told = { sockets: table.rows.length, ...none };
  }

  static async of(seed: number): Promise<Asking> {
    const columns = ["--columns", KEYS.join(), "--ndjson"];
    const rows = await lines([`${PROTOCOL.option}an`, ...columns]);
    const table = new Table(rows.map((line) => JSON.parse(line)));
    const answers = await lines(ANSWERS);
    const heads = await lines(HEADS);
    assert.equal(answers.length, rows.length);
    assert.equal(heads.length, rows.length);
    return new Asking(seed, [table, answers, heads]);
  }

  #about(keys: readonly string[]): Expressions {
    const random = this.#random;
    const picking = new Expressions({ random, values: {} });
    const values = keys.map((key) =>
      [key, valuesOf(key, this.#table, picking)] as const
    );
    return new Expressions({
      random,
      values: Object.fromEntries(values),
      networks: NETWORKS,
    });
  }

  /** Asks about what the kernel tells of each socket at once. */
  async heads(): Promise<void> {
    const made = this.#of.heads;
    const trees = made.some(2, () => made.tree(3));
    await this.#put(made, trees, [HEADS, this.#heads]);
  }

  /** Asks about whatever it tells. */
  async answers(): Promise<void> {
    const made = this.#of.answers;
    const trees = made.some(2, () => made.tree(3));
    await this.#put(made, trees, [ANSWERS, this.#answers]);
  }

  /** Asks what `ss` can be asked, too: if it tells of any, the kernel does of no other. */
  async beside(): Promise<void> {
    const made = this.#of.ends;
    let trees: Tree[];
    let filters: (string | undefined)[];
    do {
      trees = made.some(2, () => made.tree(3));
      filters = trees.map(spelledForSs);
    } while (filters.includes(undefined));
    const filter = filters.map((one) => `( ${one} )`).join(" and ");
    let state: string | undefined;
    if (this.#random() < 0.3) {
      state = made.pick(Object.keys(PROTOCOL.states));
      trees.push({ is: "op", key: "state", op: "=", value: state });
    }
    const { where, want } = await this.#put(made, trees, [
      ANSWERS,
      this.#answers,
    ]);
    const listed = await listedBySs(state, filter);
    same(listed, want.toSorted(), `${state} ${filter}`);
    if (TOLD) {
      assert.equal(countTold(where), want.length, `${state} ${filter}`);
      this.told.chosen++;
    }
    this.told.beside++;
    this.told.listed += listed.length;
  }

  /** Asks a view, of which it is known what it prints of all sockets. */
  async #put(
    made: Expressions,
    trees: readonly Tree[],
    [view, all]: [readonly string[], readonly string[]],
  ): Promise<{ where: string[]; want: string[] }> {
    const where = trees.map((tree) => made.spell(tree));
    const chosen = trees.map((tree) => this.#table.chosen(tree, made));
    const want = all.filter((_, i) => chosen.every((is) => is[i] === 1));
    const question = where.flatMap((text) => ["--where", text]);
    const got = await lines([...view, ...question]);
    same(got, want, question.join(" "));
    this.told.expressions++;
    this.told.kept += want.length;
    return { where, want };
  }
}

const [seed, count] = numbers.map(Number) as [number, number];
const asking = await Asking.of(seed);
for (let i = 0; i < count; i++) {
  // `ss` is slower
  if (i % 10 === 0) await asking.beside();
  else if (i % 2 === 0) await asking.heads();
  else await asking.answers();
}
const told = JSON.stringify(asking.told);
await Deno.stdout.write(new TextEncoder().encode(told));
