/** Keys: what terminals send for them, in one piece or in several. */

import assert from "node:assert/strict";
import { type Key, Keys } from "../core/system/keys.ts";

/** Keys as text: a name in parentheses, anything else as it is. */
function spelled(keys: readonly Key[]): string {
  return keys.map((key) => "text" in key ? key.text : `(${key.name})`).join("");
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

const CASES = [
  { input: "qs/ ", want: "qs/ " },
  { input: "\x1b[A\x1bOA\x1b[B\x1bOB", want: "(up)(up)(down)(down)" },
  { input: "\x1b[5~\x1b[6~", want: "(page up)(page down)" },
  { input: "\x1b[H\x1b[1~\x1bOH\x1b[7~", want: "(home)(home)(home)(home)" },
  { input: "\x1b[F\x1b[4~\x1bOF\x1b[8~", want: "(end)(end)(end)(end)" },
  {
    input: "\r\n\x7f\b\x15",
    want: "(enter)(enter)(backspace)(backspace)(clear)",
  },
  // keys that mean nothing here, and control bytes
  { input: "a\x1b[1;5Cb\x1b[200~c\x01\x09\x0cd", want: "abcd" },
  // a key behind ESC is one of its own
  { input: "\x1bx", want: "(escape)x" },
  { input: "\x1b\x1b[A", want: "(escape)(up)" },
  {
    input: "\xc3\xb1\xe2\x82\xac\xf0\x9f\x98\x80",
    want: "\xc3\xb1\xe2\x82\xac\xf0\x9f\x98\x80",
  },
  // no sequence is that long
  { input: `\x1b[${"0".repeat(31)}`, want: `(escape)[${"0".repeat(31)}` },
];

Deno.test("keys are read", () => {
  for (const { input, want } of CASES) {
    assert.equal(spelled(new Keys().read(bytes(input))), want);
  }
});

Deno.test("keys that come byte by byte are the same", () => {
  for (const { input, want } of CASES) {
    const keys = new Keys();
    const got = [...bytes(input)].flatMap((byte) =>
      keys.read(Uint8Array.of(byte))
    );
    assert.equal(spelled(got), want);
    assert.equal(keys.waits, false);
  }
});

Deno.test("one character is one text", () => {
  const keys = new Keys().read(bytes("\xc3\xb1x"));
  assert.deepEqual(keys, [{ text: "\xc3\xb1" }, { text: "x" }]);
});

Deno.test("ESC is a key if nothing follows", () => {
  const keys = new Keys();
  assert.deepEqual(keys.read(bytes("\x1b")), []);
  assert.equal(keys.waits, true);
  assert.deepEqual(keys.settle(), [{ name: "escape" }]);
  assert.equal(keys.waits, false);
  // what was begun and not ended is none
  assert.deepEqual(keys.read(bytes("\x1b[")), []);
  assert.deepEqual(keys.settle(), []);
  assert.deepEqual(keys.read(bytes("A")), [{ text: "A" }]);
});
