/**
 * Made-up expressions, put to the program in this process: what it answers is what is
 * worked out from its JSON.
 *
 * @module
 */

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Result } from "./cases.ts";
import {
  Expressions,
  knownAt,
  randomFrom,
  type Values,
} from "./expressions.ts";
import { netstat } from "./program.ts";

type Row = Readonly<Record<string, unknown>>;

/** How many expressions are put, and how. */
export interface Asking {
  readonly seed: number;
  readonly count: number;
  /** The only keys that are asked about; all, unless given. */
  readonly keys?: readonly string[];
  /** Another view, whose text must be the same. */
  readonly alike?: readonly string[];
}

/** What came of it. */
export interface Asked {
  /** How many rows there are, all expressions together. */
  rows: number;
  /** How many of them were answers. */
  kept: number;
}

/** Puts expressions to a view, as JSON and as text. */
export async function ask(
  view: readonly string[],
  { seed, count, keys, alike }: Asking,
): Promise<Asked> {
  const random = randomFrom(seed);
  const whole = await said(...view, "--ndjson");
  const lines = whole.stdout.split("\n").slice(0, -1);
  const rows = await rowsOf(view);
  const text = (await said(...view)).stdout.split("\n");
  const moving = movingKeys(rows, await rowsOf(view));
  const values = await valuesOf(
    view,
    rows,
    (key) => keys?.includes(key) ?? !moving.has(key.split(".")[0]!),
  );
  const made = new Expressions({ random, values, patterns: true });
  const asked = { rows: 0, kept: 0 };
  for (let i = 0; i < count; i++) {
    const trees = made.some(2, () => made.tree(3));
    const question = trees.flatMap((tree) => ["--where", made.spell(tree)]);
    const told = [...view, ...question].join(" ");
    const want = lines.filter((_, i) =>
      trees.every((tree) => made.isTrue(tree, rows[i]!))
    );
    const json = await said(...view, ...question, "--ndjson");
    assert.deepEqual(json.stdout.split("\n").slice(0, -1), want, told);
    assert.ok(json.exit === 0 || json.exit === whole.exit, told);
    asked.rows += rows.length;
    asked.kept += want.length;
    if (i % 4 > 0 && alike === undefined) continue;
    const fewer = await said(...view, ...question);
    assert.ok(isWithin(fewer.stdout.split("\n"), text), told);
    if (alike === undefined) continue;
    const same = await said(...alike, ...question);
    assert.equal(same.stdout, fewer.stdout, told);
    // the rows behind title and header
    assert.equal(same.stdout.split("\n").length - 3, want.length, told);
  }
  return asked;
}

/** What the program says, which has not refused. */
async function said(...args: string[]): Promise<Result> {
  const result = await netstat(...args);
  assert.doesNotMatch(result.stderr, /^netstat: --\w+: /m, args.join(" "));
  return result;
}

/** The rows of a view, with all columns. */
async function rowsOf(view: readonly string[]): Promise<Row[]> {
  const { stdout } = await said(...view, "--columns", "@all", "--ndjson");
  return stdout.split("\n").slice(0, -1).map(parse);
}

/** What changes while it is looked at, as the age of a connection does. */
function movingKeys(
  before: readonly Row[],
  after: readonly Row[],
): Set<string> {
  assert.equal(before.length, after.length);
  const keys = before.flatMap((row, i) =>
    Object.keys(row)
      .filter((key) => !isDeepStrictEqual(row[key], after[i]![key]))
  );
  return new Set(keys);
}

/** Whether lines are among others, in their order. */
export function isWithin(
  few: readonly string[],
  many: readonly string[],
): boolean {
  let at = 0;
  return few.every((line) => {
    at = many.indexOf(line, at) + 1;
    return at > 0;
  });
}

/** An object, with large numbers as bigints. */
function parse(line: string): Row {
  const bytes = Uint8Array.from(line, (char) => char.charCodeAt(0));
  const large = new TextDecoder().decode(bytes)
    .replaceAll(/([:[,])(-?\d{16,})(?=[,}\]])/g, '$1{"large":"$2"}');
  return JSON.parse(
    large,
    (_, value) =>
      typeof value?.large === "string" ? BigInt(value.large) : value,
  );
}

/** The columns of a view, by key: the kind of each, and its unit. */
async function kindsOf(
  view: readonly string[],
): Promise<Map<string, { kind: string; unit: string | undefined }>> {
  const { stdout } = await said(...view, "--columns", "help");
  const [, ...lines] = stdout.split("\n").slice(0, -1);
  return new Map(lines.map((line) => {
    const [, key, kind, unit] = /^(\S+) +(\w+)(?: \(([^)]*)\))? /.exec(line)!;
    return [key!, { kind: kind!, unit }];
  }));
}

/** So many values of a key are asked for. */
const VALUES_MOST = 20;

const INTERNET =
  /^(\d+\.\d+\.\d+\.\d+|(?=.*::|(.+:){7})[0-9a-f:]+(\d+\.\d+\.\d+\.\d+)?)$/;

async function valuesOf(
  view: readonly string[],
  rows: readonly Row[],
  isAsked: (key: string) => boolean,
): Promise<Record<string, Values>> {
  const values: Record<string, Values> = {};
  const kinds = await kindsOf(view);
  for (const [key, { kind, unit }] of kinds) {
    if (!isAsked(key)) continue;
    const known = rows.flatMap((row) => knownAt(row, key.split(".")));
    const all = kind === "objects" ? [] : [...new Set(known)]
      .filter((value) => typeof value !== "string" || value.isWellFormed())
      .slice(0, VALUES_MOST);
    const isWhole = known.every((value) =>
      typeof value !== "string" || value.isWellFormed()
    );
    values[key] = valuesFor(all, { kind, unit, isWhole });
  }
  for (const [key, { kind, unit }] of kinds) {
    const others = Object.keys(values).filter((other) => {
      const { kind: otherKind, unit: otherUnit } = kinds.get(other)!;
      return !other.includes(".") && kind !== "strings" &&
        values[other]!.as === values[key]?.as &&
        ["number", "text", "address"].includes(values[other]!.as) &&
        otherKind !== "strings" && (kind === "duration") ===
          (otherKind === "duration") &&
        // a key says its unit
        (kind !== "duration" ||
          (unit === otherUnit && endOf(key) === endOf(other)));
    });
    if (values[key] !== undefined) values[key] = { ...values[key], others };
  }
  return values;
}

function valuesFor(
  all: readonly (string | number | bigint | boolean)[],
  { kind, unit, isWhole }: {
    readonly kind: string;
    readonly unit: string | undefined;
    readonly isWhole: boolean;
  },
): Values {
  switch (kind) {
    case "integer":
    case "duration":
    case "port": {
      const spelled = all.map((value) => BigInt(value as number))
        .flatMap((value) => [
          `${value}`,
          `${value}`,
          `${value + 1n}`,
          ...(value >= 0n ? [`0x${value.toString(16)}`] : []),
          ...(unit === "milliseconds" && value >= 0n ? [`${value}ms`] : []),
          ...(unit === "bytes" && value >= 0n && value % 1024n === 0n
            ? [`${value / 1024n}K`]
            : []),
        ]).filter((text) => kind !== "port" || Number(text) <= 65535);
      return { as: "number", all: spelled.length > 0 ? all : [], spelled };
    }
    case "boolean":
      return { as: "truth", all };
    case "name": {
      // a number that has no name is no word to ask for
      const spelled = all.filter((value) => !/\d\)$/.test(`${value}`)).flatMap((
        value,
      ) => [
        `${value}`,
        `${value}`.toLowerCase(),
        `${value}`.toUpperCase(),
      ]);
      return { as: isWhole ? "folded" : "word", all: spelled, spelled };
    }
    case "string":
      return { as: isWhole ? "text" : "word", all };
    default:
      return {
        as: all.length > 0 && all.every((value) => INTERNET.test(`${value}`))
          ? "address"
          : "word",
        all,
      };
  }
}

/** The last word of a key. */
function endOf(key: string): string {
  return key.slice(key.lastIndexOf("_"));
}
