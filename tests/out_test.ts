/**
 * The output buffer: writes that fail or fall short, numbers, and bytes that must
 * not reach a terminal.
 */

import assert from "node:assert/strict";
import type { Long } from "../core/contract/family.ts";
import { byteString } from "../core/contract/line.ts";
import { neutralise, sequence } from "../core/contract/out.ts";
import { Output, WriteError } from "../render/out.ts";
import { collector } from "./program.ts";

/** What a sink does at each call: how much it takes, or what it throws. */
type Turn = number | Error;

function outputOf(
  turns: Turn[],
  eager = false,
): { out: Output; got: string[] } {
  const got: string[] = [];
  const out = new Output((bytes) => {
    const turn = turns.shift() ?? bytes.length;
    if (turn instanceof Error) throw turn;
    const taken = Math.min(turn, bytes.length);
    got.push(byteString(bytes, 0, taken));
    return taken;
  }, eager);
  return { out, got };
}

Deno.test("Output.flush: writes that fall short are gone on with", () => {
  const { out, got } = outputOf([1, 2, 3]);
  out.ascii("abcdefghij");
  out.flush();
  assert.deepEqual(got, ["a", "bc", "def", "ghij"]);
  assert.equal(out.at, 0);
  out.flush();
  assert.equal(got.length, 4, "nothing is left to write");
});

Deno.test("Output.whole: bytes stay what they are, and go by one write", () => {
  const { out, got } = outputOf([], true);
  out.ascii("a");
  const frame = "\x1b[H\n" + "b".repeat(200_000);
  out.whole(Uint8Array.from(frame, (char) => char.charCodeAt(0)));
  assert.deepEqual(got, ["a" + frame]);
});

Deno.test("Output.divert: somebody else takes what is written meanwhile", () => {
  const { out, got } = outputOf([]);
  const other: string[] = [];
  out.ascii("a");
  const giveBack = out.divert((bytes) => {
    other.push(byteString(bytes));
    return bytes.length;
  });
  out.ascii("b");
  giveBack();
  out.ascii("c");
  out.flush();
  assert.deepEqual([got, other], [["a", "c"], ["b"]]);
});

Deno.test("Output.flush: a write that a signal interrupts is tried again", () => {
  const { out, got } = outputOf([
    2,
    new Deno.errors.Interrupted("signal"),
  ]);
  out.ascii("abcd");
  out.flush();
  assert.deepEqual(got, ["ab", "cd"]);
});

Deno.test("Output.flush: what goes wrong is a WriteError", () => {
  const cases = [
    {
      error: new Error("No space left on device (os error 28)"),
      message: "No space left on device",
    },
    {
      error: new Error("Input/output error (os error 5): write"),
      message: "Input/output error",
    },
    {
      error: new Deno.errors.BadResource("Bad resource ID"),
      message: "Bad resource ID",
    },
  ];
  for (const { error, message } of cases) {
    const { out, got } = outputOf([3, error]);
    out.ascii("abcdef");
    assert.throws(() => out.flush(), (thrown: unknown) => {
      assert.ok(thrown instanceof WriteError);
      assert.equal(thrown.message, message);
      return true;
    });
    assert.deepEqual(got, ["abc"]);
  }
});

Deno.test("Output.flush: once the reader has gone away, all is forgotten", () => {
  const { out, got } = outputOf([
    3,
    new Deno.errors.BrokenPipe("Broken pipe (os error 32)"),
  ]);
  out.ascii("abcdef");
  out.flush();
  out.ascii("gh");
  out.flush();
  assert.deepEqual(got, ["abc"]);
  assert.equal(out.at, 0);
});

Deno.test("Output.endRow: writes rows together, or each at once", () => {
  const lazy = outputOf([]);
  lazy.out.ascii("a");
  lazy.out.endRow();
  assert.deepEqual(lazy.got, []);
  lazy.out.flush();
  assert.deepEqual(lazy.got, ["a\n"]);

  const eager = outputOf([], true);
  eager.out.ascii("a");
  eager.out.endRow();
  eager.out.endRow();
  assert.deepEqual(eager.got, ["a\n", "\n"]);
});

Deno.test("Output: many rows come out in large writes, whole", () => {
  const { out, got } = outputOf([]);
  let want = "";
  for (let i = 0; i < 50_000; i++) {
    out.integer(i);
    out.endRow();
    want += `${i}\n`;
  }
  out.flush();
  assert.ok(got.join("") === want);
  assert.ok(got.length < 10, `${got.length} writes`);
});

const NUMBERS: Long[] = [0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
for (let power = 1; power <= 1e15; power *= 10) {
  NUMBERS.push(power - 1, power, power + 1);
}
NUMBERS.push(
  2 ** 53 - 1,
  -1,
  -9,
  -10,
  -2147483648,
  -1e15,
  0n,
  -1n,
  2n ** 53n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 64n - 1n,
);

Deno.test("Output.integer and integerRight: numbers of every length", () => {
  for (const value of NUMBERS) {
    const { out, text } = collector();
    out.integer(value);
    for (const width of [0, 1, 6, 12, 30]) {
      out.byte(124);
      out.integerRight(value, width);
    }
    const digits = `${value}`;
    const want = [0, 1, 6, 12, 30].map((width) => digits.padStart(width));
    assert.equal(text(), [digits, ...want].join("|"));
  }
});

Deno.test("Output.integer: every number of up to four digits", () => {
  const { out, text } = collector();
  const all = Array.from({ length: 10_001 }, (_, i) => i);
  for (const value of all) {
    out.integer(value);
    out.endRow();
  }
  assert.ok(text() === all.join("\n") + "\n");
});

Deno.test("Output.room: growing keeps what is there", () => {
  const { out, text } = collector();
  out.ascii("kept");
  const before = out.bytes;
  out.room(10);
  assert.equal(out.bytes, before, "there is room");
  out.room(1_000_000);
  assert.notEqual(out.bytes, before);
  assert.ok(out.bytes.length - out.at >= 1_000_000);
  assert.equal(byteString(out.bytes, 0, out.at), "kept");
  out.bytes.fill(120, out.at, out.at + 1_000_000);
  out.at += 1_000_000;
  out.byte(46);
  assert.ok(text() === `kept${"x".repeat(1_000_000)}.`);
});

Deno.test("Output: texts longer than the buffer", () => {
  const long = "y".repeat(300_000);
  const bytes = new Uint8Array(300_000).fill(1);
  const { out, text } = collector();
  out.ascii("a");
  out.ascii(long);
  out.foreign(long);
  out.foreignBytes(bytes, 0, bytes.length);
  out.ascii("z");
  assert.ok(text() === `a${long}${long}${".".repeat(300_000)}z`);
});

Deno.test("Output.pad and padLeft: at least so wide, never cut", () => {
  const padded = (cell: string, width: number, left: boolean) => {
    const { out, text } = collector();
    out.byte(91);
    const start = out.at;
    out.ascii(cell);
    if (left) out.padLeft(start, width);
    else out.pad(start, width);
    out.byte(93);
    return text();
  };
  assert.equal(padded("ab", 5, false), "[ab   ]");
  assert.equal(padded("ab", 5, true), "[   ab]");
  assert.equal(padded("abcdef", 5, false), "[abcdef]");
  assert.equal(padded("abcdef", 5, true), "[abcdef]");
  assert.equal(padded("abcde", 5, false), "[abcde]");
  assert.equal(padded("abcde", 5, true), "[abcde]");
  assert.equal(padded("", 3, false), "[   ]");
  assert.equal(padded("", 3, true), "[   ]");
  assert.equal(padded("a", 0, false), "[a]");
  assert.equal(padded("a", 0, true), "[a]");
});

/** Byte strings and what may be printed of them. */
const FOREIGN: { name: string; input: string; want: string }[] = [
  { name: "nothing", input: "", want: "" },
  { name: "printable", input: " azAZ09~\\\"'", want: " azAZ09~\\\"'" },
  {
    name: "C0",
    input: String.fromCharCode(...Array(33).keys()),
    want: ".".repeat(32) + " ",
  },
  { name: "DEL", input: "~\x7f", want: "~." },
  { name: "a terminal's escape", input: "\x1b[2Ja", want: ".[2Ja" },
  { name: "lone C1", input: "\x80a\x9b2J\x9f\xa0", want: ".a.2J.\xa0" },
  {
    name: "C1 in UTF-8",
    input: "a\xc2\x80\xc2\x9b\xc2\x9fz",
    want: "a......z",
  },
  { name: "U+00A0 follows C1", input: "\xc2\xa0", want: "\xc2\xa0" },
  { name: "é", input: utf8("é"), want: utf8("é") },
  { name: "À, whose last byte is C1's", input: utf8("À"), want: "\xc3\x80" },
  { name: "漢", input: utf8("漢字"), want: utf8("漢字") },
  { name: "一, whose bytes are C1's", input: utf8("一"), want: "\xe4\xb8\x80" },
  { name: "😀", input: utf8("a😀b"), want: utf8("a😀b") },
  { name: "U+10FFFF", input: utf8("\u{10ffff}"), want: "\xf4\x8f\xbf\xbf" },
  { name: "Latin-1", input: "caf\xe9", want: "caf\xe9" },
  {
    name: "bytes that are never UTF-8",
    input: "\xfe\xff\xf5\xc0\xc1",
    want: "\xfe\xff\xf5\xc0\xc1",
  },
  { name: "truncated in two", input: "\xc3", want: "\xc3" },
  { name: "truncated in three", input: "\xe6\xbc", want: "\xe6\xbc" },
  { name: "truncated before a C1 byte", input: "\xe4\x80", want: "\xe4." },
  { name: "truncated in four", input: "\xf0\x9f\x98", want: "\xf0.." },
  { name: "broken off by a letter", input: "\xc3(\x9b", want: "\xc3(." },
  {
    name: "broken off by another",
    input: "\xe6\xc3\xa9\x9b",
    want: "\xe6\xc3\xa9.",
  },
  { name: "overlong in two", input: "\xc0\x9b\xc1\x81", want: "\xc0.\xc1." },
  { name: "overlong in three", input: "\xe0\x80\x9b", want: "\xe0.." },
  { name: "overlong C1 in three", input: "\xe0\x82\x9b", want: "\xe0.." },
  { name: "overlong in four", input: "\xf0\x80\x82\x9b", want: "\xf0..." },
  { name: "a surrogate", input: "\xed\xa0\x80", want: "\xed\xa0." },
  { name: "beyond U+10FFFF", input: "\xf4\x90\x80\x80", want: "\xf4..." },
  { name: "lone continuations", input: "\xa9\xbf\x85", want: "\xa9\xbf." },
];

for (const { name, input, want } of FOREIGN) {
  Deno.test(`neutralise: ${name}`, () => {
    const bytes = bytesOf(`\x01${input}\x01`);
    neutralise(bytes, 1, bytes.length - 1);
    assert.equal(byteString(bytes), `\x01${want}\x01`);

    const one = collector();
    one.out.byte(1);
    one.out.foreign(input);
    assert.equal(one.text(), `\x01${want}`);

    const two = collector();
    two.out.byte(1);
    two.out.foreignBytes(bytesOf(`\x02${input}\x02`), 1, input.length + 1);
    assert.equal(two.text(), `\x01${want}`);
  });
}

Deno.test("neutralise: does nothing more the second time", () => {
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second++) {
      const bytes = Uint8Array.of(first, second, 0x9b, 0x1b);
      neutralise(bytes, 0, 4);
      const once = byteString(bytes);
      neutralise(bytes, 0, 4);
      assert.equal(byteString(bytes), once);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(once, /[\x00-\x1f\x7f]/);
    }
  }
});

Deno.test("sequence: as TextDecoder sees it, for every character", () => {
  const encoder = new TextEncoder();
  for (let code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 251) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const bytes = encoder.encode(String.fromCodePoint(code));
    assert.equal(sequence(bytes, 0, bytes.length), bytes.length);
    if (bytes.length > 1) {
      assert.equal(sequence(bytes, 0, bytes.length - 1), 1, "truncated");
    }
  }
});

function utf8(text: string): string {
  return byteString(new TextEncoder().encode(text));
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

Deno.test("Output: more than there is room for is an error, and no endless loop", () => {
  const out = new Output((bytes) => bytes.length);
  for (let i = 0; i < 90_000; i++) out.byte(120);
  assert.throws(() => out.flush(), /longer than the room/);
});
