/** Documents say what the program does. */

import assert from "node:assert/strict";
import type { Columns } from "../core/contract/family.ts";
import { OPTIONS } from "../core/args/options.ts";
import { loadFamilies } from "../core/views/registry.ts";
import interfaces from "../families/interfaces.ts";
import { usage } from "../render/help.ts";
import { usesOf } from "../tools/columns_docs.ts";
import { DOCUMENTS, placeOf } from "../tools/docs.ts";

const families = await loadFamilies();

for (const [document, make] of Object.entries(DOCUMENTS)) {
  Deno.test(`docs/${document} is what the program says`, async () => {
    const written = await Deno.readTextFile(placeOf(document));
    assert.equal(written, await make(families), "run `./denow task docs`");
  });
}

/** How an option's name stands in each document, in any case not as part of another. */
const MENTIONS: Readonly<Record<string, (name: string) => RegExp>> = {
  "netstat.8": (name) => new RegExp(`^\\.TP\n.*\\\\fB${roff(name)}\\\\fR`, "m"),
  "completions/netstat.bash": (name) =>
    new RegExp(`^    (.* )?${RegExp.escape(name)}[= \n]`, "m"),
  "completions/_netstat": (name) =>
    new RegExp(`[)*{,]${RegExp.escape(name)}(=-?|\\+)?[[,}]`),
  "completions/netstat.fish": (name) =>
    new RegExp(
      name.startsWith("--")
        ? ` -l ${name.slice(2)} `
        : ` -s '${RegExp.escape(name.slice(1))}' `,
    ),
};

for (const [document, mention] of Object.entries(MENTIONS)) {
  Deno.test(`docs/${document} has every option`, async () => {
    const text = await Deno.readTextFile(placeOf(document));
    for (const name of names()) assert.match(text, mention(name));
  });
}

Deno.test("figures of time stand in docs/performance.md alone", async () => {
  const performance = await Deno.readTextFile(placeOf("performance.md"));
  const figure = /\b\d+ (ms|milliseconds)\b/;
  assert.match(performance, figure);
  for (
    const name of [
      "../README.md",
      "families.md",
      "security.md",
      "architecture.md",
      "netstat.8",
    ]
  ) {
    const text = await Deno.readTextFile(placeOf(name));
    assert.doesNotMatch(text.replaceAll(/\s+/g, " "), figure, name);
  }
  // what a family file costs is told there
  for (const kind of ["js", "ts"]) {
    const row = new RegExp(`^\\| \`--family \\S+\\.${kind} `, "m");
    assert.match(performance, row);
  }
});

Deno.test("--help has every option, on a line that begins with it", () => {
  const text = usage(OPTIONS);
  for (const name of names()) {
    const word = RegExp.escape(name);
    assert.match(text, new RegExp(`^ +(-., )?${word}[=[, \n]`, "m"));
  }
  assert.ok(text.split("\n").every((line) => line.length <= 80));
});

Deno.test("docs/netstat.8 has the meaning of every state, type, flag and timer", async () => {
  const page = await Deno.readTextFile(placeOf("netstat.8"));
  const meant = new Set(words(interfaces.columns, interfaces.row));
  for (const { tables, routes } of families) {
    for (const { sources: [source], columns, row } of tables) {
      const found = words(columns, () => row(source!, source!.path));
      found.forEach((word) => meant.add(word));
    }
    for (
      const { sources: [source], columns, row } of await routes?.tables() ?? []
    ) {
      words(columns, () => row(source!, source!.path))
        .forEach((word) => meant.add(word));
    }
  }
  for (const some of ["FIN_WAIT1", "keepalive", "DGRAM", "ACC", "PERM", "U"]) {
    assert.ok(meant.has(some), some);
  }
  for (const word of meant) {
    const bold = new RegExp(
      `^\\.(B|BR|RB) (.* )?${roff(word)}( |$)|\\\\fB${roff(word)}\\\\fR`,
      "m",
    );
    assert.match(page, bold, `${word} is not in the manual`);
  }
});

/** Columns whose numbers have names, and the fields that the numbers are in. */
const NAMED: Readonly<Record<string, string>> = {
  state: "state",
  type: "type",
  timer: "timer",
  security: "security",
  flags: "flags",
  flg: "flags",
};

/** The names that such columns have for numbers. */
// deno-lint-ignore no-explicit-any
function words(columns: Columns<any>, row: () => any): Set<string> {
  const found = new Set<string>();
  for (const [key, field] of Object.entries(NAMED)) {
    const numbers = field === "flags"
      ? Array.from({ length: 32 }, (_, i) => 2 ** i | 0)
      : [...Array(16).keys(), 0x20, 0x40, 0x80, 0xffff];
    for (const number of numbers) {
      const view = {} as Parameters<Columns<unknown>[string]["value"]>[1];
      const filled = Object.assign(row(), { [field]: number });
      const value = columns[key]?.value(filled, view);
      // a number without a name is shown as such
      if (typeof value !== "string" || /^unkn-|\(/.test(value)) continue;
      if (value !== "") found.add(value);
    }
  }
  return found;
}

/** A word as a pattern of how the page has it. */
function roff(word: string): string {
  return RegExp.escape(word.replaceAll("-", "\\-"));
}

/** All names of options, as they are typed. */
function names(): string[] {
  return OPTIONS.flatMap(({ short, long }) => [
    ...(short === undefined ? [] : [`-${short}`]),
    ...(long === undefined ? [] : [`--${long}`]),
  ]);
}

Deno.test("a key has one kind and unit, whichever table it stands in", async () => {
  const kinds = new Map<string, { kind: string; table: string }>();
  for (const { table, key, column } of await usesOf(families)) {
    const kind = [column.kind, column.unit, column.counter].join(" ");
    const before = kinds.get(key) ?? { kind, table };
    kinds.set(key, before);
    assert.equal(
      kind,
      before.kind,
      `'${key}' of ${table} is not what it is in ${before.table}`,
    );
  }
  assert.ok(kinds.size > 100);
});
