/** What the build changes in the engine, on images of a few hundred bytes. */

import assert from "node:assert/strict";
import { Image } from "../tools/engine/elf.ts";
import { adapt, EngineError } from "../tools/engine/engine.ts";
import { START } from "../tools/engine/start.ts";

/** The parts of an image, each mapped as far behind its place in the file. */
const AHEAD = 0x1000;
const HEADERS = 0x40;
const DYNAMIC = 0x100;
const SYMBOLS = 0x180;
const VERSIONS = 0x2a0;
const NAMES = 0x2c0;
const RELOCATIONS = 0x340;
const STRINGS = 0x400;
const FLAG = 0x500;
const TABLE = 0x540;
const CODE = 0x600;
const ROOM = 0x1000;
const SIZE = CODE + ROOM;

/** The last one is the function whose place is taken. */
const FUNCTION = "napi_create_typedarray";

/** By what the engine hears of variables. */
const HEARD = ["getenv", "tzset"];

const NAMES_OF_ALL = [
  ...["signal", "getpid", "pkey_alloc", ...HEARD, "backtrace"],
  FUNCTION,
];

/** What may be wrong with an image. */
interface Wrong {
  readonly names?: readonly string[];
  /** The symbol whose version is another one. */
  readonly newer?: string;
  readonly magic?: readonly number[];
  readonly machine?: number;
  /** How many bytes the function has. */
  readonly room?: number;
  readonly flag?: string;
  readonly value?: number;
  /** What V8 puts over a stack trace. */
  readonly heading?: string;
}

/** An image for AMD64 with these symbols, and a table of one flag. */
function image({
  names = NAMES_OF_ALL,
  newer = "",
  magic = [0x7f, 0x45, 0x4c, 0x46, 2, 1],
  machine = 62,
  room = ROOM,
  flag = "jitless",
  value = 0,
  heading = "\n==== C stack trace ===\n",
}: Wrong = {}): Uint8Array {
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  const quads = (at: number, ...values: number[]) =>
    values.forEach((value, i) =>
      view.setBigUint64(at + 8 * i, BigInt(value), true)
    );
  bytes.set(magic);
  view.setUint16(18, machine, true);
  quads(24, CODE + AHEAD, HEADERS);
  view.setUint16(56, 2, true);
  view.setUint32(HEADERS, 1, true);
  quads(HEADERS + 8, 0, AHEAD, AHEAD, SIZE, SIZE);
  view.setUint32(HEADERS + 56, 2, true);
  quads(HEADERS + 64, DYNAMIC, DYNAMIC + AHEAD, 0, 0x60, 0x60);
  const rows = [8, 16, 24].map((next, i) => [
    TABLE + next + AHEAD,
    8,
    [FLAG, FLAG + 8, STRINGS + 0x40][i]! + AHEAD,
  ]);
  const relocations = [[TABLE + AHEAD, 8, STRINGS + 1 + AHEAD], ...rows];
  quads(
    DYNAMIC,
    ...[5, NAMES + AHEAD, 10, 0x80, 6, SYMBOLS + AHEAD],
    ...[0x6ffffff0, VERSIONS + AHEAD, 7, RELOCATIONS + AHEAD],
    ...[8, 24 * relocations.length],
  );
  relocations.forEach((row, i) => quads(RELOCATIONS + 24 * i, ...row));
  let at = 1;
  const starts: [string, number][] = [];
  const encoder = new TextEncoder();
  names.forEach((name, i) => {
    const symbol = SYMBOLS + 24 * (i + 1);
    // a name that another one ends with is a part of that
    const ends = starts.findIndex(([other]) => other.endsWith(name));
    const [other, start] = starts[ends] ?? [name, at];
    starts.push([name, start + other.length - name.length]);
    view.setUint32(symbol, starts.at(-1)![1], true);
    const own = name.startsWith("napi_");
    quads(symbol + 8, own ? CODE + AHEAD : 0, own ? room : 0);
    view.setUint16(VERSIONS + 2 * (i + 1), name === newer ? 3 : 2, true);
    if (ends >= 0) return;
    bytes.set(encoder.encode(name), NAMES + at);
    at += name.length + 1;
  });
  bytes.set(encoder.encode(`\0${flag}\0`), STRINGS);
  bytes.set(encoder.encode(heading), STRINGS + 0x60);
  bytes[FLAG] = value;
  return bytes;
}

Deno.test("adapt: getenv is atol, and tzset is abs", () => {
  const bytes = image();
  adapt(bytes, "x86_64");
  const adapted = new Image(bytes);
  assert.equal(adapted.symbol("getenv"), undefined);
  assert.equal(adapted.symbol("tzset"), undefined);
  assert.equal(adapted.symbol("atol")!.index, 4);
  assert.equal(adapted.symbol("abs")!.index, 5);
});

Deno.test("adapt: V8 finds no addresses to print, and prints no heading", () => {
  const bytes = image();
  adapt(bytes, "x86_64");
  const adapted = new Image(bytes);
  assert.equal(adapted.symbol("backtrace"), undefined);
  assert.equal(adapted.symbol("isascii")!.index, 6);
  const text = String.fromCharCode(...bytes.subarray(STRINGS + 0x60, FLAG));
  assert.match(text, /^\n\0=== C stack/);
});

Deno.test("adapt: signal is getpid, and there are no protection keys", () => {
  const bytes = image();
  adapt(bytes, "x86_64");
  const adapted = new Image(bytes);
  assert.equal(adapted.symbol("signal"), undefined);
  assert.equal(adapted.symbol("pkey_alloc"), undefined);
  const view = new DataView(bytes.buffer);
  const names = [1, 2, 3, 4].map((i) => view.getUint32(SYMBOLS + 24 * i, true));
  assert.deepEqual(names, [8, 8, 0, 26]);
});

Deno.test("adapt: the code that runs first knows the engine's start and its flag", () => {
  const bytes = image();
  adapt(bytes, "x86_64");
  const view = new DataView(bytes.buffer);
  // behind the function that takes the place of the engine's own
  const places = CODE + 8;
  assert.equal(view.getBigInt64(places, true), BigInt(CODE - places));
  assert.equal(view.getBigInt64(places + 8, true), BigInt(FLAG - places));
  const code = Uint8Array.fromHex(START["x86_64"]!);
  code.set(bytes.subarray(places, places + 16), 8);
  assert.deepEqual(bytes.subarray(CODE, CODE + code.length), code);
  assert.equal(new Image(bytes).entry, CODE + AHEAD + 24);
});

Deno.test("adapt: nothing else is changed", () => {
  const [before, after] = [image(), image()];
  adapt(after, "x86_64");
  const changed = new Set<number>();
  after.forEach((byte, at) => {
    if (byte !== before[at]) changed.add(Math.min(at - at % 0x100, CODE));
  });
  // the entry, symbols and how three are spelled, V8's heading, the code
  assert.deepEqual([...changed].sort((a, b) => a - b), [
    0,
    0x100,
    0x200,
    0x400,
    CODE,
  ]);
});

Deno.test("adapt: an engine that is another one is told", () => {
  const cases: readonly { wrong: Wrong; says: RegExp }[] = [
    { wrong: { magic: [0x7f, 0x45, 0x4c, 0x46, 1, 1] }, says: /64 bits/ },
    { wrong: { magic: [0x23, 0x21] }, says: /no ELF image/ },
    { wrong: { machine: 183 }, says: /another machine than x86_64/ },
    { wrong: { names: ["getpid", "tzset", FUNCTION] }, says: /find getenv/ },
    { wrong: { names: ["getpid", "getenv", FUNCTION] }, says: /find tzset/ },
    { wrong: { names: ["getpid", ...HEARD, FUNCTION] }, says: /find signal/ },
    { wrong: { names: ["signal", ...HEARD, FUNCTION] }, says: /find getpid/ },
    ...["getenv", "tzset", "signal", "backtrace"].map((newer) => ({
      wrong: { newer },
      says: new RegExp(`^${newer} and getpid are of different versions$`),
    })),
    {
      wrong: { names: ["secure_getenv", ...NAMES_OF_ALL] },
      says: /by secure_getenv, too/,
    },
    {
      wrong: { names: ["uv_os_getenv", ...NAMES_OF_ALL] },
      says: /respell getenv: another name ends/,
    },
    {
      wrong: { names: [...NAMES_OF_ALL, "napi_create_dataview"] },
      says: /not alone in its place/,
    },
    {
      wrong: { names: ["signal", "getpid", ...HEARD, "backtrace"] },
      says: /find napi_/,
    },
    {
      wrong: { names: ["signal", "getpid", ...HEARD, FUNCTION] },
      says: /find backtrace/,
    },
    { wrong: { heading: "====" }, says: /find V8's stack trace/ },
    { wrong: { room: 20 }, says: /no room/ },
    { wrong: { flag: "jitful" }, says: /flag --jitless/ },
    { wrong: { value: 1 }, says: /flag --jitless/ },
  ];
  for (const { wrong, says } of cases) {
    assert.throws(
      () => adapt(image(wrong), "x86_64"),
      (error) => error instanceof EngineError && says.test(error.message),
      JSON.stringify(wrong),
    );
  }
});

Deno.test("adapt: an engine that is cut short or damaged is told", () => {
  const told = (bytes: Uint8Array, what: string) => {
    try {
      adapt(bytes, "x86_64");
      return false;
    } catch (error) {
      assert(error instanceof EngineError, `${what}: ${error}`);
      return true;
    }
  };
  const end = CODE + START["x86_64"]!.length / 2;
  for (let length = 0; length < end; length++) {
    assert(told(image().slice(0, length), `cut at ${length}`));
  }
  let faults = 0;
  for (let at = 0; at < CODE; at++) {
    for (const byte of [0, 0x7f, 0xff]) {
      const bytes = image();
      bytes[at] = byte;
      if (told(bytes, `${byte} at ${at}`)) faults++;
    }
  }
  assert(faults > 100, `${faults}`);
});
