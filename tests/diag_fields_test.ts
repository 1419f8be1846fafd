/** Tables of fields: what each must say, and what they must bear. */

import assert from "node:assert/strict";
import { Answer } from "../core/contract/diag.ts";
import type { Value } from "../core/contract/family.ts";
import { isOfKind } from "../core/plugins/checked.ts";
import { loadFamilies } from "../core/views/registry.ts";
import { type Field, type Fields, showOf } from "../families/_diag_fields.ts";
import { Output } from "../render/out.ts";
import { usesOf } from "../tools/columns_docs.ts";
import {
  dialoguesOf,
  eachAnswer,
  PROTOCOLS,
  SAMPLES,
  valuesOf,
  VIEW,
} from "./diag_samples.ts";
import "./program.ts";

/** What the end of a key says of its unit, or kind. */
const ENDS: readonly [RegExp, (field: Field) => boolean][] = [
  [/_us$/, ({ unit }) => unit === "microseconds"],
  [/_ms$/, ({ unit }) => unit === "milliseconds"],
  [/_s$/, ({ unit }) => unit === "seconds" || unit === "bytes per second"],
  [/_bytes_per_s$/, ({ unit }) => unit === "bytes per second"],
  [/_bytes$/, ({ unit }) => unit === "bytes"],
  [/_ratio$|_gain$/, ({ kind }) => kind === "ratio"],
  [/_num$/, ({ kind }) => kind === "integer"],
];

function what({ kind, unit, counter }: Partial<Field>): string {
  return [kind, unit, counter].join(" ");
}

for (const [name, { fields }] of Object.entries(PROTOCOLS)) {
  Deno.test(`diag: ${name}: each field says what it is`, () => {
    for (const [key, field] of Object.entries(fields)) {
      assert.match(key, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      assert.match(field.about, /^[A-Z`].*\.$/, key);
      for (const [end, holds] of ENDS) {
        if (end.test(key)) assert.ok(holds(field), `${key}: ${what(field)}`);
      }
      // and what has such a unit says so
      const { unit, kind } = field;
      if (kind === "duration") assert.match(key, /_(us|ms|s)$/);
      if (unit === "microseconds") assert.match(key, /_us$/);
      if (unit === "milliseconds") assert.match(key, /_ms$/);
      if (unit === "bytes per second") assert.match(key, /_bytes_per_s$/);
      if (kind === "name") assert.ok(field.words!.length > 0, key);
      assert.equal(kind === "objects", field.each !== undefined, key);
    }
  });
}

Deno.test("diag: a key is the same in all tables, and elsewhere in the program", async () => {
  const known = new Map<string, string>();
  for (const { key, column } of await usesOf(await loadFamilies())) {
    known.set(key, what(column));
  }
  const before = known.size;
  for (const [name, { fields }] of Object.entries(PROTOCOLS)) {
    for (const [key, field] of Object.entries(fields)) {
      const same = known.get(key) ?? what(field);
      known.set(key, same);
      assert.equal(what(field), same, `${key} of ${name}`);
    }
  }
  // and each is one of a table
  assert.equal(known.size, before);
});

Deno.test("diag: a short name means one field", () => {
  const keys = new Set<string>();
  const meant = new Map<string, string>();
  for (const { fields } of Object.values(PROTOCOLS)) {
    for (const [key, { short }] of Object.entries(fields)) {
      keys.add(key);
      if (short === undefined) continue;
      assert.equal(meant.get(short) ?? key, key, short);
      meant.set(short, key);
    }
  }
  assert.ok(meant.size > 10);
  for (const short of meant.keys()) assert.ok(!keys.has(short), short);
});

Deno.test("diag: the bits that ask for fields", () => {
  const of = (name: string, ...keys: string[]) =>
    showOf(keys.map((key) => PROTOCOLS[name]!.fields[key]!));
  assert.equal(of("tcp"), 0);
  assert.equal(of("tcp", "local_address", "mark", "cgroup_id"), 0);
  assert.equal(of("tcp", "tcp_rtt_us"), 0x02);
  assert.equal(of("tcp", "bbr_min_rtt_us", "congestion"), 0x0c);
  assert.equal(of("tcp", "tos", "class_id", "drops"), 0x70);
  assert.equal(of("tcp", "ulp", "retrans_ratio", "md5_peers"), 0x02);
  assert.equal(of("unix", "path", "peer_inode", "uid"), 0x45);
  assert.equal(of("packet", "uid", "filter_instructions"), 0x21);
  assert.equal(of("smc", "smc_role", "smc_fallback_num"), 0x12);
});

/** Whether a value is what its field says. */
function fits(value: Value, field: Field): boolean {
  if (value === null) return field.nullable === true;
  return isOfKind(value, field);
}

function check(fields: Fields, answer: Answer): void {
  for (const [key, field] of Object.entries(fields)) {
    const value = field.value(answer, VIEW);
    if (!fits(value, field) || (typeof value === "number" && value < 0)) {
      const of = answer.bytes.subarray(answer.start, answer.end).toHex();
      assert.fail(`${key} is ${Deno.inspect(value)} of ${of}`);
    }
  }
}

/** The answers in a sample, each as bytes of its own. */
function messagesOf(name: string): Uint8Array<ArrayBuffer>[] {
  return dialoguesOf(name).flatMap(({ pieces }) =>
    eachAnswer(
      PROTOCOLS[SAMPLES[name]!]!,
      pieces,
      ({ bytes, start, end }) => bytes.slice(start, end),
    ).made
  );
}

/** Of those, one of each state and each length, which goes by what it has. */
function kindsOf(name: string): Uint8Array<ArrayBuffer>[] {
  const kinds = Map.groupBy(
    messagesOf(name),
    (message) => `${message[1]} ${message.length}`,
  );
  return [...kinds.values()].map(([first]) => first!);
}

for (const [name, protocol] of Object.entries(SAMPLES)) {
  const { asking, fields } = PROTOCOLS[protocol]!;

  Deno.test(`diag: ${name}: values are what their fields say`, () => {
    const answer = new Answer();
    for (const message of messagesOf(name)) {
      answer.set(message, 0, message.length, asking.answer);
      check(fields, answer);
    }
  });

  Deno.test(`diag: ${name}: text that is written is the value`, () => {
    const written = Object.values(fields).filter(({ put }) =>
      put !== undefined
    );
    const out = new Output((bytes) => bytes.length);
    const answer = new Answer();
    for (const message of messagesOf(name)) {
      answer.set(message, 0, message.length, asking.answer);
      for (const field of written) {
        out.at = 0;
        field.put!(out, answer, VIEW);
        const text = new TextDecoder().decode(out.bytes.subarray(0, out.at));
        assert.equal(text, field.value(answer, VIEW));
      }
    }
  });

  Deno.test(`diag: ${name}: an answer cut at each byte`, () => {
    const answer = new Answer();
    for (const message of kindsOf(name)) {
      for (let end = asking.answer; end <= message.length; end++) {
        answer.set(message, 0, end, asking.answer);
        check(fields, answer);
      }
    }
  });

  Deno.test(`diag: ${name}: an answer whose bytes are others`, () => {
    const answer = new Answer();
    for (const message of kindsOf(name)) {
      // a length, a type, or a number becomes one that lies
      for (let at = asking.answer; at < message.length; at++) {
        const before = message[at]!;
        for (const value of [0, 3, 0xff, before + 4]) {
          message[at] = value;
          answer.set(message, 0, message.length, asking.answer);
          check(fields, answer);
        }
        message[at] = before;
      }
    }
  });

  Deno.test(`diag: ${name}: what was received cut at each byte`, () => {
    const { pieces } = dialoguesOf(name)[0]!;
    const [first] = pieces;
    const table = { asking, fields };
    const whole = eachAnswer(table, [first!], () => 0).made.length;
    for (let end = 0; end < Math.min(first!.length, 800); end++) {
      const { made, failure } = eachAnswer(
        table,
        [first!.slice(0, end)],
        () => 0,
      );
      assert.ok(made.length <= whole);
      assert.ok(failure !== undefined, `it is not told at ${end}`);
    }
  });
}

/** Numbers that are the same in each run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed;;) {
    state = Math.imul(state ^ state >>> 15, state | 1) + 0x6d2b79f5 | 0;
    yield (state ^ state >>> 14) >>> 0;
  }
}

for (const [name, table] of Object.entries(PROTOCOLS)) {
  Deno.test(`diag: ${name}: noise`, () => {
    const random = numbers(11);
    const below = (most: number) => random.next().value % most;
    const answer = new Answer();
    for (let i = 0; i < 1000; i++) {
      const { answer: least } = table.asking;
      const bytes = new Uint8Array(least + below(600));
      for (let at = 0; at < bytes.length; at++) bytes[at] = below(256);
      // attributes whose lengths are possible, more or less
      const words = new DataView(bytes.buffer);
      for (let at = least; at + 4 <= bytes.length;) {
        const length = below(9) === 0 ? below(65_536) : 4 + below(300);
        words.setUint16(at, length, true);
        words.setUint16(
          at + 2,
          below(7) === 0 ? below(65_536) : below(24),
          true,
        );
        at += length + 3 & ~3;
      }
      const start = below(2) === 0 ? 0 : bytes.length;
      const whole = new Uint8Array(2 * bytes.length);
      whole.fill(0xee);
      whole.set(bytes, start);
      answer.set(whole, start, start + bytes.length, least);
      check(table.fields, answer);
    }
  });

  Deno.test(`diag: ${name}: noise in place of messages`, () => {
    const random = numbers(13);
    const below = (most: number) => random.next().value % most;
    let failed = 0;
    for (let i = 0; i < 500; i++) {
      const pieces = Array.from({ length: below(4) }, () => {
        const piece = new Uint8Array(1 + below(400));
        for (let at = 0; at < piece.length; at++) piece[at] = below(256);
        const words = new DataView(piece.buffer);
        for (let at = 0; at + 16 <= piece.length;) {
          const length = below(4) === 0 ? below(2 ** 32) : 16 + below(200);
          words.setUint32(at, length, true);
          words.setUint16(at + 4, below(24), true);
          at += Math.min(length + 3, 1000) & ~3;
          if (length === 0) break;
        }
        return piece;
      });
      const { failure } = eachAnswer(
        table,
        pieces,
        (answer) => check(table.fields, answer),
      );
      if (failure !== undefined) failed++;
    }
    assert.ok(failed > 300, `${failed}`);
  });
}

Deno.test("diag: an answer that is too short for its structure", () => {
  for (const { asking, fields } of Object.values(PROTOCOLS)) {
    const bytes = new Uint8Array(asking.answer).fill(255);
    const answer = new Answer();
    for (let end = 0; end < bytes.length; end++) {
      answer.set(bytes, 0, end, asking.answer);
      valuesOf(fields, answer); // it does not throw
    }
  }
});
