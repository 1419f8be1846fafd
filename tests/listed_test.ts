/** Sockets that only netlink lists: which question is about them, and what rows say. */

import assert from "node:assert/strict";
import { type Asked, readOptions } from "../core/args/options.ts";
import { type Depth, depthOf, type Told } from "../core/contract/depth.ts";
import type { Span, Table, Value, View } from "../core/contract/family.ts";
import { layoutOf } from "../core/contract/sink.ts";
import { isOfKind } from "../core/plugins/checked.ts";
import { answerPath } from "../core/system/saved_diag.ts";
import {
  findFamily,
  loadFamilies,
  registryOf,
} from "../core/views/registry.ts";
import * as listed from "../families/_listed_families.ts";
import { Output } from "../render/out.ts";
import { answerOf, inet, nest, packed } from "./diag_answers.ts";
import { dialoguesOf, eachAnswer, PROTOCOLS } from "./diag_samples.ts";
import { netstat } from "./program.ts";

const VIEW = {
  names: { interface: (index: number) => `if${index}`, user: () => "user" },
  owner: () => undefined,
  holders: () => [],
  place: () => undefined,
  all: true,
  programs: false,
  context: false,
} as unknown as View;

/** The tables, each with its depth. */
// deno-lint-ignore no-explicit-any
const TABLES: [string, Table<any>, Depth<any>][] = Object.entries(listed)
  .map(([name, table]) => [name, table, depthOf(table)!]);

/** A word in an attribute. */
const word = (value: number) => packed([32, value]);

/** `struct vsock_diag_msg` of a socket in a state. */
function vsock(state: number): Uint8Array {
  return packed(
    [8, 40],
    [8, 1],
    [8, state],
    [8, 0],
    [32, 3],
    [32, 70_000],
    [32, 0xffff_ffff],
    [32, 0xffff_ffff],
    [32, 99],
    [64, 5],
  );
}

/** `struct smc_diag_msg` of a socket in a state. */
function smc(state: number): Uint8Array {
  const structure = new Uint8Array(64);
  structure.set([43, state, 2, 0, 0, 22, 0, 80, 192, 0, 2, 1]);
  structure.set([192, 0, 2, 2], 24);
  structure.set(packed([32, 0], [64, 9], [32, 1000], [64, 2 ** 40]), 40);
  return structure;
}

function tipc(state: number): Uint8Array {
  return nest(
    [1, word(1)],
    [2, word(3_000_000_000)],
    [6, word(5)],
    [7, word(1234)],
    [8, word(1000)],
    [9, word(state)],
  );
}

const CONNECTED = 1;
const LISTEN = 10;

/** An answer, what text shows of it, and its inode. */
interface Case {
  // deno-lint-ignore no-explicit-any
  readonly table: Table<any>;
  readonly of: (state: number) => ReturnType<typeof answerOf>;
  readonly text: string;
  readonly inode: Value;
}

const CASES: Readonly<Record<string, Case>> = {
  mptcp: {
    table: listed.mptcp,
    of: (state) => answerOf(inet(state, { queue: 3 }), []),
    text: "MPTCP 3 5 0.0.0.0 22 0.0.0.0 80 ESTABLISHED",
    inode: 7,
  },
  vsock: {
    table: listed.vsock,
    of: (state) => answerOf(vsock(state), []),
    text: "AF_VSOCK STREAM 3 70000 - - ESTABLISHED",
    inode: 99,
  },
  smc: {
    table: listed.smc,
    of: (state) => answerOf(smc(state), []),
    text: "SMC smc-d 192.0.2.1 22 192.0.2.2 80 ACTIVE",
    inode: 2 ** 40,
  },
  tipc: {
    table: listed.tipc,
    of: (state) => answerOf(new Uint8Array(0), [[2 | 0x8000, tipc(state)]]),
    text: "TIPC SEQPACKET 1 3000000000 - - ESTABLISHED",
    inode: 1234,
  },
  xdp: {
    table: listed.xdp,
    of: () =>
      answerOf(packed([8, 44], [8, 3], [16, 0], [32, 77], [64, 6]), [
        [1, packed([32, 2], [32, 5])],
      ]),
    text: "XDP RAW if2 5",
    inode: 77,
  },
};

/** The row of an answer. */
function rowOf({ table, of }: Case, state: number): Told {
  const row: Told = table.row(table.sources[0]!, "");
  row.answer = of(state);
  assert.equal(depthOf(table)!.parse!(row, VIEW), true);
  return row;
}

/** The cells of a row, with a blank between them. */
function cellsOf({ table }: Case, row: Told): string {
  let text = "";
  const out = new Output((bytes) => {
    text += new TextDecoder().decode(bytes);
    return bytes.length;
  });
  for (const { cell, value } of layoutOf(table, VIEW).cells) {
    if (cell.write) cell.write(out, row, VIEW);
    else out.ascii(`${value(row, VIEW)}`);
    out.ascii(" ");
  }
  out.flush();
  return text.trim();
}

for (const [name, one] of Object.entries(CASES)) {
  Deno.test(`listed: ${name}: text, and which rows there are`, () => {
    const { table, text, inode } = one;
    const row = rowOf(one, CONNECTED);
    assert.equal(cellsOf(one, row), text);
    assert.equal(table.inode!(row), inode);
    const listener = rowOf(one, LISTEN);
    const isListed = (row: Told, view: Partial<View>) =>
      table.keep?.(row, { ...VIEW, ...view }) ?? true;
    const states = table.keep !== undefined;
    assert.equal(states, name !== "xdp");
    const views = [
      { all: true, listening: false },
      { all: false, listening: true },
      { all: false, listening: false },
    ];
    assert.deepEqual(
      views.map((view) => [isListed(row, view), isListed(listener, view)]),
      states
        ? [[true, true], [false, true], [true, false]]
        : [[true, true], [true, true], [true, true]],
    );
  });
}

Deno.test("listed: every one of them is tested", () => {
  assert.deepEqual(Object.keys(CASES).sort(), Object.keys(listed).sort());
});

/** That a row has what its columns say, whatever the answer is. */
// deno-lint-ignore no-explicit-any
function check(table: Table<any>, row: Told): void {
  const span = {} as Span;
  for (const [key, column] of Object.entries(table.columns)) {
    const value = column.value(row, VIEW);
    assert.ok(isOfKind(value, column), `${key}: ${Deno.inspect(value)}`);
    if (column.span?.(row, span)) assert.notEqual(value, null, key);
  }
  table.inode!(row);
  table.keep?.(row, VIEW);
}

for (const [name, one] of Object.entries(CASES)) {
  Deno.test(`listed: ${name}: an answer that is cut anywhere, or odd`, () => {
    const { table, of } = one;
    const row: Told = table.row(table.sources[0]!, "");
    row.answer = of(CONNECTED);
    const { bytes } = row.answer;
    const fixed = depthOf(table)!.asking(table.sources[0]!)!.answer;
    for (let end = 0; end <= bytes.length; end++) {
      row.answer.set(bytes, 0, end, fixed);
      check(table, row);
      cellsOf(one, row);
    }
    for (let at = 0; at < bytes.length; at++) {
      for (const odd of [0, 0x7f, 0x80, 0xff]) {
        const other = bytes.slice();
        other[at] = odd;
        row.answer.set(other, 0, other.length, fixed);
        check(table, row);
        // nothing that is told reaches a terminal as a control byte
        // deno-lint-ignore no-control-regex
        assert.doesNotMatch(cellsOf(one, row), /[\0-\x1f\x7f]/);
      }
    }
  });
}

Deno.test("listed: mptcp: rows of what was recorded", () => {
  const table = listed.mptcp;
  const { fields } = PROTOCOLS.mptcp!;
  let rows = 0;
  for (const { pieces } of dialoguesOf("mptcp_all")) {
    const row: Told = table.row(table.sources[0]!, "");
    eachAnswer(PROTOCOLS.mptcp!, pieces, (answer) => {
      row.answer = answer;
      check(table, row);
      for (const [key, field] of Object.entries(fields)) {
        const value = table.columns[key]!.value(row, VIEW);
        assert.deepEqual(value, field.value(answer, VIEW), key);
      }
      rows++;
    });
  }
  assert.ok(rows > 2, `${rows}`);
});

Deno.test("listed: the kernel is asked for each of their protocols", () => {
  const asked = TABLES.flatMap(([, { sources }, depth]) =>
    sources.map((source) => {
      const { family, protocol } = depth.asking(source)!;
      return [source.proto, family, protocol];
    })
  );
  assert.deepEqual(asked, [
    ["MPTCP", 2, 262],
    ["MPTCPv6", 10, 262],
    ["SMC", 43, 0],
    ["TIPC", 30, 0],
    ["AF_VSOCK", 40, 0],
    ["XDP", 44, 0],
  ]);
});

/** A netlink message, padded. */
function message(type: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + data.length + (-data.length & 3));
  bytes.set(packed([32, 16 + data.length], [16, type], [16, 2]));
  bytes.set(data, 16);
  return bytes;
}

const SOCK_DIAG_BY_FAMILY = 20;
const NLMSG_DONE = 3;

/** Does something with a saved tree that has these sockets. */
async function saved(
  { table, of }: Case,
  answers: readonly number[],
  act: (...args: string[]) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    const { family, protocol } = depthOf(table)!.asking(table.sources[0]!)!;
    const path = root + answerPath({ family, protocol });
    await Deno.mkdir(`${root}/proc/net`, { recursive: true });
    await Deno.writeTextFile(`${root}/proc/net/protocols`, "");
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    const messages = answers.map((state) => {
      const { bytes, start, end } = of(state);
      return message(SOCK_DIAG_BY_FAMILY, bytes.subarray(start, end));
    });
    messages.push(message(NLMSG_DONE, word(0)));
    const all = messages.flatMap((bytes) => [...bytes]);
    await Deno.writeFile(path, Uint8Array.from(all));
    await act("--root", root, "-A", table.name, "-an");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

for (const [name, one] of Object.entries(CASES)) {
  Deno.test(`listed: ${name}: questions of a saved tree`, async () => {
    const states = [CONNECTED, LISTEN];
    await saved(one, states, async (...args) => {
      const text = await netstat(...args, "--where=inode > 0");
      assert.deepEqual([text.stderr, text.exit], ["", 0]);
      const [title, header, first, second, ...more] = text.stdout.split("\n");
      assert.match(title!, /^Active .* sockets$/);
      assert.match(header!, /^Proto +\S/);
      const cells = first!.trim().split(/ +/).join(" ");
      // interfaces of another machine have no names here
      assert.equal(cells, name === "xdp" ? "XDP RAW - 5" : one.text);
      assert.match(second!, name === "xdp" ? / 5$/ : / LISTEN *$/);
      assert.deepEqual(more, [""]);

      const columns = Object.keys(one.table.columns).join();
      const json = await netstat(...args, "--ndjson", `--columns=${columns}`);
      assert.deepEqual([json.stderr, json.exit], ["", 0]);
      const rows = json.stdout.trim().split("\n").map((row) => JSON.parse(row));
      assert.deepEqual(rows.map(({ inode }) => inode), [one.inode, one.inode]);
      assert.ok(Object.hasOwn(rows[0], "cookie"));
    });
    await saved(one, [], async (...args) => {
      const none = await netstat(...args, "--ndjson", "--where=inode > 0");
      assert.deepEqual(none, { stdout: "", stderr: "", exit: 0 });
    });
  });
}

Deno.test("listed: a saved tree that does not tell says so", async () => {
  const root = new URL("../testdata/mptcp/exotic", import.meta.url).pathname;
  assert.deepEqual(
    await netstat("--root", root, "-A", "mptcp", "--json", "--where=inode > 0"),
    {
      stdout: "[]\n",
      stderr:
        "netstat: no support for `AF MPTCP (sock_diag)' on this system.\n",
      exit: 1,
    },
  );
});

const registry = registryOf(await loadFamilies());

/** The tables that a command line means. */
async function meant(...args: string[]): Promise<string[]> {
  const asked = readOptions(args, {
    posix: false,
    family: (word) => findFamily(registry.cards, word)?.name,
    selinux: () => false,
    warn() {},
  }) as Asked;
  const families = await registry.load(asked);
  return families.flatMap(({ tables }) => tables.map(({ name }) => name));
}

const COUNTS = ["protocols"];
const LIST = ["mptcp"];
const MEANT: readonly [args: string[], tables: string[]][] = [
  [[], COUNTS],
  [["--json"], COUNTS],
  [["--limit=1"], COUNTS],
  [["--columns=state"], LIST],
  [["--columns=@all"], LIST],
  [["--columns=@tcp"], LIST],
  [["--columns=proto,sockets"], COUNTS],
  [["--count=proto"], LIST],
  [["--count=proto", "--sum=sockets"], COUNTS],
  [["--where=local_port = 443"], LIST],
  [["--where=proto = MPTCP"], LIST],
  [["--where=sockets > 0"], COUNTS],
  [["--where=module = kernel", "--json"], COUNTS],
  // a word that is a value can be a key of the list
  [["--where=methods in (shutdown)"], COUNTS],
  [["--sort=-mptcp_bytes_sent"], LIST],
  [["--columns=help"], [...COUNTS, ...LIST]],
  // who asks files gets what they have
  [["--source=procfs", "--count=proto"], COUNTS],
  [["--root=/", "--count=proto"], COUNTS],
  [["--root=/", "--columns=help"], COUNTS],
  [["--root=/", "--columns=@all"], COUNTS],
  // that nobody tells what a question means is said
  [["--source=procfs", "--where=state = LISTEN"], LIST],
  [["--root=/", "--where=state = LISTEN"], LIST],
];

for (const [args, tables] of MEANT) {
  Deno.test(`listed: -A mptcp ${args.join(" ")} is about ${tables}`, async () => {
    assert.deepEqual(await meant("-A", "mptcp", ...args), tables);
  });
}

Deno.test("listed: each family is meant by itself", async () => {
  const question = "--where=local_port = 1";
  assert.deepEqual(await meant("-A", "mptcp,xdp", question), [
    ...LIST,
    "xdp",
  ]);
  assert.deepEqual(await meant("-A", "mptcp,xdp", "--count=module"), [
    ...COUNTS,
    ...COUNTS,
  ]);
});
