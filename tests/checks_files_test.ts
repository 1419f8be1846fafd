/** Every file of `checks/` keeps to what a check is. */

import assert from "node:assert/strict";
import { readOptions } from "../core/args/options.ts";
import type { Check, FoundRow, Numbers } from "../core/contract/check.ts";
import type { Kind, Value } from "../core/contract/family.ts";
import { fact, needsOf } from "../core/contract/column.ts";
import type { Shown } from "../core/contract/sink.ts";
import { planOf } from "../core/query/plan.ts";
import { groupAsked, questionOf } from "../core/run/looks.ts";
import { Judge } from "../core/run/judge.ts";
import { surroundingsOf, viewingOf } from "../core/run/surroundings.ts";
import { circumstancesOf } from "../core/run/taking.ts";
import { Tree } from "../core/system/scan.ts";
import { findFamilies } from "../core/views/registry.ts";
import type { Io } from "../main.ts";
import { collector } from "./program.ts";
import { namesIn } from "./trees.ts";

const FOLDER = new URL("../checks/", import.meta.url);

/** The numbers of settings that have several. */
const SETTINGS: Readonly<Record<string, readonly number[]>> = {
  ip_local_port_range: [32768, 60999],
  tcp_mem: [100, 200, 300],
};

/** A value of each kind. */
const VALUES: Readonly<Record<Kind, Value>> = {
  integer: 1234567,
  ratio: 0.5,
  duration: 2500,
  boolean: true,
  string: "text",
  name: "NAME",
  address: "2001:db8::1",
  port: 1234,
  strings: ["a", "b"],
  objects: [],
} as const;

function numbersOf({ limits = {}, settings = {} }: Check): Numbers {
  return {
    limits: Object.fromEntries(
      Object.entries(limits).map(([name, { value }]) => [name, value]),
    ),
    settings: Object.fromEntries(
      Object.keys(settings).map((name) => [name, SETTINGS[name] ?? [100]]),
    ),
  };
}

/** Numbers that note which of them are used. */
function watched(
  { limits, settings }: Numbers,
): { numbers: Numbers; used: Set<string> } {
  const used = new Set<string>();
  const noting = <T extends object>(all: T): T =>
    new Proxy(all, {
      get(target, key) {
        assert.ok(Object.hasOwn(target, key), `there is no ${String(key)}`);
        used.add(String(key));
        return Reflect.get(target, key);
      },
    });
  return {
    numbers: {
      limits: noting({ ...limits }),
      settings: noting({ ...settings }),
    },
    used,
  };
}

/** What a check is given of rows, in the relations that there are. */
async function shownIn(check: Check): Promise<(readonly Shown[])[]> {
  const asked = readOptions([], {
    posix: false,
    family: () => undefined,
    selinux: () => false,
    warn: (message) => assert.fail(message),
  });
  assert.ok(!("stop" in asked));
  const { out } = collector();
  const numbers = numbersOf(check);
  const from = await surroundingsOf(
    groupAsked([{ check, numbers }], asked),
    new Tree("/nowhere"),
    {
      registry: await findFamilies(),
      plugins: [],
      io: { stdout: out, stderr: out } as Io,
    },
  );
  const viewing = await viewingOf(from);
  const { relations } = planOf(
    questionOf(check, numbers),
    viewing.relations(),
    {
      ...circumstancesOf(from),
      text: false,
      lost: (message) => assert.fail(message),
    },
  );
  const change = {
    key: "change",
    column: fact("name?", () => null, "How it differs.", {
      words: ["added", "removed", "changed"],
    }),
  };
  // where rows are counted, there is their number besides
  const count = {
    key: "count",
    column: fact("integer", () => 7, "How many there are."),
  };
  return relations.filter(({ none }) => !none).map(({ shown }) => [
    ...shown,
    ...(check.count === undefined ? [] : [count]),
    ...(check.bySource ? [change] : []),
  ]);
}

/** Rows that a check can be given: all is known, or only what is in every row. */
function rowsOf(shown: readonly Shown[], { growth = [] }: Check): FoundRow[] {
  const known = Object.fromEntries([
    ...shown.map(({ key, column: { kind, words } }) => [
      key,
      kind === "name" ? words?.[0] ?? VALUES.name : VALUES[kind],
    ]),
    ...growth.map((key) => [`${key}_growth`, 12]),
  ]);
  const unknown = {
    ...known,
    ...Object.fromEntries(
      shown.filter(({ column }) => needsOf(column).length > 0)
        .map(({ key }) => [key, null]),
    ),
  };
  return [known, unknown];
}

/** Whether it can stand in a line, as a part of it. */
function assertSentence(text: string, what: string): void {
  assert.match(text, /^[\x20-\x7e]+[^.\s]$/, `${what}: ${text}`);
  assert.doesNotMatch(
    text,
    /undefined|NaN|\[object| {2}|null/,
    `${what}: ${text}`,
  );
}

/** The tests of checks by the executable. */
const TESTS = namesIn(new URL("e2e/", import.meta.url))
  .filter((name) => /^checks\w*_test\.ts$/.test(name))
  .map((name) => Deno.readTextFileSync(new URL(`e2e/${name}`, import.meta.url)))
  .join("\n");

const files = namesIn(FOLDER);

Deno.test("checks: there are some", () => assert.ok(files.length >= 24));

for (const file of files) {
  Deno.test(`checks/${file}`, async () => {
    const module = await import(new URL(file, FOLDER).href);
    const check: Check = module.default;
    const { name, about, limits = {}, settings = {}, growth = [] } = check;
    assert.match(file, /^[a-z]+(_[a-z]+)*\.ts$/);
    assert.equal(name, file.replace(/\.ts$/, "").replaceAll("_", "-"));
    assert.match(about, /^[A-Z][^.]*\.$/);
    assert.ok(TESTS.includes(name), "no test of the executable has its name");
    for (const [key, { value, about }] of Object.entries(limits)) {
      assert.match(key, /^[a-z_]+$/);
      assert.ok(value >= 0);
      assert.match(about, /^[a-z].*[^.]$/, key);
    }
    for (const path of Object.values(settings)) {
      assert.match(path, /^\/proc\/sys\/net\/[\w/]+$/);
    }

    // what is used is there, and what is there is used
    const { numbers, used } = watched(numbersOf(check));
    check.where?.(numbers);
    const when = check.when(numbers);
    check.pick?.([{ state: "SYN_RECV", local_port: 1, count: 1 }], numbers);
    assert.ok(Object.values(when).length > 0);
    const all = [...Object.keys(limits), ...Object.keys(settings)];
    assert.deepEqual([...used].sort(), all.sort());

    // the question, and how bad a row is, can be asked of what there is
    const relations = await shownIn(check);
    assert.ok(relations.length > 0, "no relation has such rows");
    for (const shown of relations) {
      const view = {} as ConstructorParameters<typeof Judge>[2];
      const judge = new Judge(check, numbersOf(check), view, undefined);
      judge.begin({}, shown);
      for (const key of growth) {
        assert.ok(shown.some((one) => one.key === key), key);
      }
      const [known, unknown] = rowsOf(shown, check) as [FoundRow, FoundRow];
      for (
        const rows of [[known], [unknown], [known, known], [known, unknown]]
      ) {
        for (const seconds of [undefined, 1.04, 86400]) {
          const found = {
            ...numbersOf(check),
            rows: check.absent ? [] : rows,
            count: check.absent ? 0 : rows.length,
            seconds,
          };
          assertSentence(check.say(found), "say");
          assertSentence(check.advice(found), "advice");
        }
      }
    }
  });
}
