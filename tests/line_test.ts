/**
 * The line cursor against the rules of glibc's `sscanf`, and the cutting of files
 * into lines against those of `fgets`.
 */

import assert from "node:assert/strict";
import type { Long } from "../core/contract/family.ts";
import {
  byteString,
  hex2,
  hex4,
  hex8,
  isSpace,
  Line,
  low32,
  signed64,
} from "../core/contract/line.ts";
import { Lines, Tree } from "../core/system/scan.ts";

type Field = "hex" | "decimal" | "hex32" | "decimal32";

const ULONG_MAX = 2n ** 64n - 1n;
const LONG_MIN = 2n ** 63n;
const COLON = 58;

/** `want` is undefined if the field does not fit; `rest` is what is left then. */
const FIELDS: {
  name: string;
  field: Field;
  input: string;
  want: Long | undefined;
  rest?: string;
}[] = [
  { name: "digits", field: "hex", input: "1F90", want: 0x1f90 },
  { name: "both cases", field: "hex", input: "aBcDeF", want: 0xabcdef },
  { name: "leading zeros", field: "hex", input: "00000000000A", want: 10 },
  {
    name: "stops at a colon",
    field: "hex",
    input: "0A:1",
    want: 10,
    rest: ":1",
  },
  {
    name: "stops at a letter",
    field: "hex",
    input: "12g",
    want: 18,
    rest: "g",
  },
  {
    name: "stops at a NUL",
    field: "hex",
    input: "12\x003",
    want: 18,
    rest: "\x003",
  },
  {
    name: "white space in front",
    field: "hex",
    input: " \t\n\v\f\r1 2",
    want: 1,
    rest: " 2",
  },
  {
    name: "a no-break space is none",
    field: "hex",
    input: "\xa01",
    want: undefined,
  },
  {
    name: "a NUL is no white space",
    field: "hex",
    input: "\x001",
    want: undefined,
  },
  { name: "prefix", field: "hex", input: "0xab", want: 0xab },
  { name: "prefix in capitals", field: "hex", input: "0XAB", want: 0xab },
  { name: "prefix after a sign", field: "hex", input: "+0x10", want: 16 },
  { name: "bare prefix", field: "hex", input: "0x", want: 0 },
  {
    name: "bare prefix before a blank",
    field: "hex",
    input: "0x 5",
    want: 0,
    rest: " 5",
  },
  {
    name: "bare prefix before a letter",
    field: "hex",
    input: "0xg",
    want: 0,
    rest: "g",
  },
  { name: "two prefixes", field: "hex", input: "0x0x1", want: 0, rest: "x1" },
  { name: "zero", field: "hex", input: "0", want: 0 },
  {
    name: "zero before a blank",
    field: "hex",
    input: "0 x",
    want: 0,
    rest: " x",
  },
  { name: "x without a zero", field: "hex", input: "x1", want: undefined },
  { name: "plus", field: "hex", input: "+1", want: 1 },
  { name: "minus wraps", field: "hex", input: "-1", want: ULONG_MAX },
  { name: "minus zero", field: "hex", input: "-0", want: 0 },
  { name: "minus the most", field: "hex", input: "-FFFFFFFFFFFFFFFF", want: 1 },
  { name: "plus alone", field: "hex", input: "+", want: undefined },
  { name: "minus alone", field: "hex", input: "- 1", want: undefined },
  { name: "two signs", field: "hex", input: "+-1", want: undefined },
  {
    name: "2^53 - 1",
    field: "hex",
    input: "1FFFFFFFFFFFFF",
    want: 2 ** 53 - 1,
  },
  { name: "2^53", field: "hex", input: "20000000000000", want: 2n ** 53n },
  {
    name: "2^53 + 1",
    field: "hex",
    input: "20000000000001",
    want: 2n ** 53n + 1n,
  },
  { name: "2^63", field: "hex", input: "8000000000000000", want: 2n ** 63n },
  {
    name: "2^64 - 1",
    field: "hex",
    input: "FFFFFFFFFFFFFFFF",
    want: ULONG_MAX,
  },
  {
    name: "2^64 saturates",
    field: "hex",
    input: "10000000000000000",
    want: ULONG_MAX,
  },
  {
    name: "minus 2^64 saturates",
    field: "hex",
    input: "-10000000000000000",
    want: ULONG_MAX,
  },
  {
    name: "100 digits saturate",
    field: "hex",
    input: "f".repeat(100),
    want: ULONG_MAX,
  },
  {
    name: "400 digits saturate",
    field: "hex",
    input: "f".repeat(400),
    want: ULONG_MAX,
  },
  { name: "nothing", field: "hex", input: "", want: undefined },
  { name: "blanks only", field: "hex", input: "   ", want: undefined },

  {
    name: "digits",
    field: "decimal",
    input: "26711 1",
    want: 26711,
    rest: " 1",
  },
  {
    name: "leading zeros are not octal",
    field: "decimal",
    input: "010",
    want: 10,
  },
  { name: "no prefix", field: "decimal", input: "0x10", want: 0, rest: "x10" },
  {
    name: "no hexadecimal digits",
    field: "decimal",
    input: "1a",
    want: 1,
    rest: "a",
  },
  {
    name: "a hexadecimal digit first",
    field: "decimal",
    input: "a",
    want: undefined,
  },
  { name: "minus wraps", field: "decimal", input: "-1", want: ULONG_MAX },
  {
    name: "2^53 - 1",
    field: "decimal",
    input: "9007199254740991",
    want: 2 ** 53 - 1,
  },
  {
    name: "2^53 + 1",
    field: "decimal",
    input: "9007199254740993",
    want: 2n ** 53n + 1n,
  },
  {
    name: "2^64 - 1",
    field: "decimal",
    input: "18446744073709551615",
    want: ULONG_MAX,
  },
  {
    name: "2^64 saturates",
    field: "decimal",
    input: "18446744073709551616",
    want: ULONG_MAX,
  },
  {
    name: "minus 2^64 saturates",
    field: "decimal",
    input: "-18446744073709551616",
    want: ULONG_MAX,
  },

  { name: "31 bits", field: "hex32", input: "7FFFFFFF", want: 2 ** 31 - 1 },
  { name: "32 bits are signed", field: "hex32", input: "FFFFFFFF", want: -1 },
  { name: "the sign bit", field: "hex32", input: "80000000", want: -(2 ** 31) },
  {
    name: "more bits are cut off",
    field: "hex32",
    input: "10001F90AB",
    want: 0x1f90ab,
  },
  { name: "53 bits", field: "hex32", input: "1FFFFF00000007", want: 7 },
  {
    name: "64 bits",
    field: "hex32",
    input: "1234567880000001",
    want: -0x7fffffff,
  },
  { name: "saturated", field: "hex32", input: "10000000000000000", want: -1 },
  { name: "minus", field: "hex32", input: "-2", want: -2 },
  { name: "no number", field: "hex32", input: ":", want: undefined },

  {
    name: "31 bits",
    field: "decimal32",
    input: "2147483647",
    want: 2 ** 31 - 1,
  },
  {
    name: "32 bits are signed",
    field: "decimal32",
    input: "4294967294",
    want: -2,
  },
  {
    name: "33 bits are cut off",
    field: "decimal32",
    input: "4294967297",
    want: 1,
  },
  { name: "minus", field: "decimal32", input: "-5", want: -5 },
  { name: "plus", field: "decimal32", input: "+5", want: 5 },
  {
    name: "LONG_MAX",
    field: "decimal32",
    input: "9223372036854775807",
    want: -1,
  },
  {
    name: "saturates at LONG_MAX",
    field: "decimal32",
    input: "9223372036854775808",
    want: -1,
  },
  {
    name: "LONG_MIN",
    field: "decimal32",
    input: "-9223372036854775808",
    want: 0,
  },
  {
    name: "below LONG_MIN + 1",
    field: "decimal32",
    input: "-9223372036854775807",
    want: 1,
  },
  {
    name: "saturates at LONG_MIN",
    field: "decimal32",
    input: "-99999999999999999999",
    want: 0,
  },
  { name: "no number", field: "decimal32", input: "-", want: undefined },
];

for (const { name, field, input, want, rest } of FIELDS) {
  Deno.test(`Line.${field}: ${name}`, () => {
    const line = lineOf(input);
    const got = line[field]();
    if (want === undefined) {
      assert.equal(line.failed, true);
      assert.equal(line.fields, 0);
      assert.equal(got, 0);
    } else {
      assert.equal(line.failed, false);
      assert.equal(line.fields, 1);
      assert.equal(got, want);
      assert.equal(line.text(line.at, line.end), rest ?? "");
    }
  });
}

Deno.test("Line: bytes around the line are not read", () => {
  const bytes = bytesOf("99 12 34");
  const line = new Line();
  line.set(bytes, 2, 4);
  assert.equal(line.decimal(), 1);
  assert.equal(line.decimal(), 0);
  assert.equal(line.failed, true);
  line.set(bytesOf("0x1"), 0, 1);
  assert.equal(line.hex(), 0);
  assert.equal(line.at, 1);
  line.set(bytesOf(" 1"), 0, 1);
  line.blanks();
  assert.equal(line.at, 1);
});

Deno.test("Line: a failure sticks until the line is rewound", () => {
  const line = lineOf("1 zz 2 3");
  assert.equal(line.decimal(), 1);
  assert.equal(line.decimal(), 0);
  const at = line.at;
  for (const field of ["hex", "decimal", "hex32", "decimal32"] as const) {
    assert.equal(line[field](), 0);
  }
  assert.equal(line.digits(64), 0);
  line.skip("z".charCodeAt(0));
  assert.equal(line.at, at);
  assert.equal(line.fields, 1);
  assert.equal(line.failed, true);

  line.rewind();
  assert.equal(line.failed, false);
  assert.equal(line.fields, 0);
  assert.equal(line.decimal(), 1);
});

Deno.test("Line.skip: the byte must stand right here", () => {
  const cases = [
    { input: ":5", rest: "5", failed: false },
    { input: "::5", rest: ":5", failed: false },
    { input: " :5", rest: " :5", failed: true },
    { input: "5", rest: "5", failed: true },
    { input: "", rest: "", failed: true },
  ];
  for (const { input, rest, failed } of cases) {
    const line = lineOf(input);
    line.skip(COLON);
    assert.equal(line.failed, failed, input);
    assert.equal(line.text(line.at, line.end), rest, input);
    assert.equal(line.fields, 0, "a literal is no field");
  }
});

Deno.test("Line.digits: neither sign nor prefix, and no more than asked", () => {
  const cases = [
    { input: "0100007F:1F90", want: 8, rest: ":1F90" },
    { input: "  aF", want: 2, rest: "" },
    { input: "0x1", want: 1, rest: "x1" },
    { input: "+1", want: 0, rest: "+1" },
    { input: "-1", want: 0, rest: "-1" },
    { input: ":", want: 0, rest: ":" },
    { input: "", want: 0, rest: "" },
    { input: "f".repeat(63), want: 63, rest: "" },
    { input: "f".repeat(64), want: 64, rest: "" },
    { input: "f".repeat(65), want: 64, rest: "f" },
    { input: ` ${"f".repeat(64)}`, want: 64, rest: "" },
  ];
  for (const { input, want, rest } of cases) {
    const line = lineOf(input);
    assert.equal(line.digits(64), want, input);
    assert.equal(line.failed, want === 0, input);
    assert.equal(line.fields, want === 0 ? 0 : 1, input);
    assert.equal(line.text(line.at, line.end), rest, input);
  }
});

Deno.test("Line: a whole line of tcp", () => {
  const line = lineOf("  12: 0100007F:1F90 00000000:0000 0A 00000001:00000002");
  assert.equal(line.decimal32(), 12);
  line.skip(COLON);
  assert.equal(line.digits(64), 8);
  line.skip(COLON);
  assert.equal(line.hex32(), 8080);
  assert.equal(line.digits(64), 8);
  line.skip(COLON);
  assert.equal(line.hex32(), 0);
  assert.equal(line.hex32(), 10);
  assert.equal(line.hex(), 1);
  line.skip(COLON);
  assert.equal(line.hex(), 2);
  assert.equal(line.fields, 8);
  assert.equal(line.failed, false);
});

Deno.test("isSpace: what isspace takes in the C locale", () => {
  const spaces = Array.from({ length: 256 }, (_, i) => i).filter(isSpace);
  assert.deepEqual(spaces, [9, 10, 11, 12, 13, 32]);
});

Deno.test("low32 and signed64", () => {
  const cases: { input: Long; low: number; signed: Long }[] = [
    { input: 0, low: 0, signed: 0 },
    { input: 2 ** 31, low: -(2 ** 31), signed: 2 ** 31 },
    { input: 2 ** 32 - 1, low: -1, signed: 2 ** 32 - 1 },
    { input: 2 ** 53 - 1, low: -1, signed: 2 ** 53 - 1 },
    { input: 2n ** 63n - 1n, low: -1, signed: 2n ** 63n - 1n },
    { input: LONG_MIN, low: 0, signed: -(2n ** 63n) },
    { input: ULONG_MAX, low: -1, signed: -1n },
  ];
  for (const { input, low, signed } of cases) {
    assert.equal(low32(input), low, `low32(${input})`);
    assert.equal(signed64(input), signed, `signed64(${input})`);
  }
});

/** What `fgets` with a buffer of `limit` + 1 bytes makes of a text. */
const LINES: { name: string; input: string; limit?: number; want: string[] }[] =
  [
    { name: "nothing", input: "", want: [] },
    { name: "one empty line", input: "\n", want: [""] },
    { name: "empty lines", input: "\n\n\n", want: ["", "", ""] },
    { name: "last line without newline", input: "a\nb", want: ["a", "b"] },
    { name: "only line without newline", input: "a", want: ["a"] },
    { name: "last line with newline", input: "a\nb\n", want: ["a", "b"] },
    { name: "NULs", input: "\0\n\0a\0\n", want: ["\0", "\0a\0"] },
    {
      name: "carriage returns stay",
      input: "a\r\nb\r\n",
      want: ["a\r", "b\r"],
    },
    {
      name: "bytes that resemble a newline",
      input: "\x0b\x8a\x09\x0a\x8a\x0a\x0b\x0b\xff\x00\x8b\x0a",
      want: ["\x0b\x8a\x09", "\x8a", "\x0b\x0b\xff\x00\x8b"],
    },
    {
      name: "one less than the limit",
      input: "abc\nd\n",
      limit: 4,
      want: ["abc", "d"],
    },
    {
      name: "the limit: the newline is a line of its own",
      input: "abcd\ne\n",
      limit: 4,
      want: ["abcd", "", "e"],
    },
    {
      name: "one more than the limit",
      input: "abcde\nf\n",
      limit: 4,
      want: ["abcd", "e", "f"],
    },
    { name: "the limit at the end", input: "abcd", limit: 4, want: ["abcd"] },
    {
      name: "cut more than once",
      input: "abcdefghi\n",
      limit: 4,
      want: ["abcd", "efgh", "i"],
    },
    {
      name: "8190 bytes",
      input: `${"x".repeat(8190)}\ny\n`,
      want: ["x".repeat(8190), "y"],
    },
    {
      name: "8191 bytes",
      input: `${"x".repeat(8191)}\ny\n`,
      want: ["x".repeat(8191), "", "y"],
    },
    {
      name: "8192 bytes",
      input: `${"x".repeat(8192)}\ny\n`,
      want: ["x".repeat(8191), "x", "y"],
    },
  ];

for (const { name, input, limit = 8191, want } of LINES) {
  Deno.test(`Lines: ${name}`, () => {
    assert.deepEqual(linesOf(bytesOf(input), limit), want);
  });
}

Deno.test("Lines: newlines are found at every alignment and length", () => {
  for (const filler of ["x", "\x0b", "\x8a", "\xff", "\0"]) {
    for (let offset = 0; offset < 10; offset++) {
      for (let length = 0; length <= 20; length++) {
        const parts = ["o".repeat(offset), filler.repeat(length), "end"];
        for (const tail of ["", "\n"]) {
          const text = parts.join("\n") + tail;
          const what = `${JSON.stringify(filler)} ${offset} ${length}`;
          assert.deepEqual(linesOf(bytesOf(text), 8191), parts, what);
        }
      }
    }
  }
});

Deno.test("Lines: runs of lines of growing and shrinking length", () => {
  const up = Array.from({ length: 21 }, (_, i) => "abc".repeat(7).slice(0, i));
  const all = [...up, ...up.toReversed()];
  assert.deepEqual(linesOf(bytesOf(all.join("\n") + "\n"), 8191), all);
});

Deno.test("Lines: a file of many reads is cut like its bytes", () => {
  const root = Deno.makeTempDirSync({ prefix: "netstat-test-" });
  try {
    Deno.mkdirSync(`${root}/proc`);
    // lines of lengths that never meet the end of a read twice at one place
    const all = Array.from({ length: 9000 }, (_, i) => `${i}:`.padEnd(i % 97));
    for (const tail of ["", "\n"]) {
      Deno.writeTextFileSync(`${root}/proc/table`, all.join("\n") + tail);
      const lines = new Tree(root).open("/proc/table", 8191);
      assert.ok(lines instanceof Lines);
      assert.deepEqual(drain(lines), all);
      assert.equal(lines.failure, undefined);
    }
    Deno.writeTextFileSync(`${root}/proc/table`, "y".repeat(600_000));
    const long = new Tree(root).open("/proc/table", 8191);
    assert.ok(long instanceof Lines);
    const lengths = drain(long).map((text) => text.length);
    assert.deepEqual(lengths, [...Array(73).fill(8191), 600_000 - 73 * 8191]);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

Deno.test("Lines: files that are open share no memory, closed once or twice", () => {
  const text = (name: string) =>
    Array.from({ length: 3 }, (_, i) => `${name} ${i}`);
  const open = (name: string) => {
    const left = [bytesOf(text(name).join("\n"))];
    return new Lines(name, {
      readSync(bytes) {
        const next = left.shift();
        if (next === undefined) return null;
        bytes.set(next);
        return next.length;
      },
      close() {},
    }, 100);
  };
  const line = new Line();
  const first = open("first");
  assert.ok(first.next(line));
  first.close();
  first.close();
  assert.equal(first.next(line), false);
  const all = ["a", "b", "c"].map((name) => ({ name, lines: open(name) }));
  for (let i = 0; i < 3; i++) {
    for (const { name, lines } of all) {
      assert.ok(lines.next(line));
      assert.equal(line.text(), text(name)[i]);
    }
  }
  for (const { lines } of all) assert.deepEqual(drain(lines), []);
});

function lineOf(text: string): Line {
  const line = new Line();
  line.set(bytesOf(text), 0, text.length);
  return line;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

function linesOf(bytes: Uint8Array<ArrayBuffer>, limit: number): string[] {
  return drain(new Lines("/proc/table", bytes, limit));
}

function drain(lines: Lines): string[] {
  const found: string[] = [];
  const line = new Line();
  while (lines.next(line)) {
    found.push(byteString(line.bytes, line.start, line.end));
  }
  assert.equal(lines.next(line), false, "the end stays the end");
  lines.close();
  return found;
}

Deno.test("hex2: any two bytes", () => {
  const bytes = new Uint8Array(2);
  const words = new DataView(bytes.buffer);
  for (let both = 0; both < 0x10000; both++) {
    words.setUint16(0, both);
    const text = byteString(bytes);
    const want = /^[0-9a-f]{2}$/i.test(text) ? parseInt(text, 16) : undefined;
    const got = hex2(words, 0);
    if (want === undefined) assert.ok(got < 0, JSON.stringify(text));
    else assert.equal(got, want, text);
  }
});

Deno.test("hex4, hex8: numbers up to the largest, and any digit that is none", () => {
  const wordsOf = (text: string) =>
    new DataView(new TextEncoder().encode(`..${text}`).buffer);
  for (
    const want of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xa0b0_0c0d]
  ) {
    const text = want.toString(16).padStart(8, "0");
    for (const digits of [text, text.toUpperCase()]) {
      assert.equal(hex8(wordsOf(digits), 2), want, digits);
      assert.equal(hex4(wordsOf(digits), 6), want % 0x10000, digits);
      for (let at = 0; at < 8; at++) {
        const odd = `${digits.slice(0, at)}g${digits.slice(at + 1)}`;
        assert.ok(hex8(wordsOf(odd), 2) < 0, odd);
        assert.equal(hex4(wordsOf(odd), 2) < 0, at < 4, odd);
      }
    }
  }
});

Deno.test("until: few digits and what ends them, or nothing", () => {
  for (
    const [input, want] of [
      ["0\t", 0],
      ["42\t7\t", 42],
      ["0042\t", 42],
      ["999999999\t", 999999999],
      ["1000000000\t", undefined],
      ["\t", undefined],
      ["", undefined],
      ["42", undefined],
      ["42 \t", undefined],
      [" 42\t", undefined],
      ["-1\t", undefined],
    ] as const
  ) {
    const line = new Line();
    const bytes = new TextEncoder().encode(`${input}|\t`);
    line.set(bytes, 0, input.length);
    const got = line.until(9);
    if (want === undefined) assert.ok(got < 0, JSON.stringify(input));
    else {
      assert.equal(got, want);
      assert.equal(line.at, input.indexOf("\t") + 1);
    }
  }
});
