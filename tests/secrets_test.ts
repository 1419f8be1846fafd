/** Keys that the kernel tells root are cleared before an answer is kept. */

import assert from "node:assert/strict";
import { byteString } from "../core/contract/line.ts";
import { clearSecrets } from "../core/system/secrets.ts";
import { UNIX_ASKING } from "../families/_diag_unix.ts";
import { inet, joined, message, packed } from "./diag_answers.ts";
import {
  dialoguesOf,
  eachAnswer,
  PROTOCOLS,
  valuesOf,
} from "./diag_samples.ts";
import "./program.ts";

const { asking, fields } = PROTOCOLS.tcp!;
const SECRET = "secretkey";
const INFO = 2;
const MD5SIG = 18;

/** A key for an address of IPv4: `struct tcp_diag_md5sig`. */
function entry(key: string): Uint8Array {
  const bytes = new Uint8Array(100);
  bytes.set([2, 32, key.length, 0, 192, 0, 2, 1]);
  bytes.set(new TextEncoder().encode(key), 20);
  return bytes;
}

const occurs = (bytes: Uint8Array) => byteString(bytes).includes(SECRET);

Deno.test("secrets: answers that were recorded lose their keys, and nothing else", () => {
  let keys = 0;
  for (const { pieces } of dialoguesOf("tcp_all")) {
    const cleared = pieces.map((piece) => piece.slice());
    for (const piece of cleared) clearSecrets(asking, piece);
    keys += pieces.filter(occurs).length;
    assert.ok(!cleared.some(occurs));
    const [before, after] = [pieces, cleared].map((some) =>
      eachAnswer({ asking, fields }, some, (one) => valuesOf(fields, one))
    );
    assert.deepEqual(after, before);
  }
  assert.ok(keys > 0);
});

const KEY = [MD5SIG, entry(SECRET)] as const;

/** Answers that have a key, and what else they are. */
const ANSWERS: readonly {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** How many bytes must be left as they are. */
  kept: number;
}[] = [
  {
    name: "one key",
    bytes: message(joined(inet(1), [KEY])),
    kept: 16 + 72 + 4 + 20,
  },
  {
    name: "two, in odd order, with flags",
    bytes: message(joined(inet(1), [
      [MD5SIG | 0x8000, new Uint8Array([...entry(SECRET), ...entry(SECRET)])],
      [INFO, packed([8, 1])],
    ])),
    kept: 16 + 72 + 4 + 20,
  },
  {
    name: "behind another message",
    bytes: new Uint8Array([
      ...message(joined(inet(1), [])),
      ...message(joined(inet(1), [KEY])),
    ]),
    kept: 2 * (16 + 72) + 4 + 20,
  },
  {
    name: "an attribute of another size",
    bytes: message(joined(inet(1), [[MD5SIG, entry(SECRET).subarray(0, 99)]])),
    kept: 16 + 72 + 4,
  },
  {
    name: "an attribute whose length lies",
    bytes: message(
      joined(inet(1), [KEY]).map((byte, at) => at === 72 ? 250 : byte),
    ),
    kept: 16 + 72,
  },
  {
    name: "a message whose length lies",
    bytes: message(joined(inet(1), [KEY]), { length: 4000 }),
    kept: 0,
  },
  {
    name: "a message that is shorter than its structure",
    bytes: new Uint8Array([
      ...message(inet(1).subarray(0, 8)),
      ...message(joined(inet(1), [KEY])),
    ]),
    kept: 16 + 8,
  },
];

for (const { name, bytes, kept } of ANSWERS) {
  Deno.test(`secrets: ${name}`, () => {
    assert.ok(occurs(bytes));
    const cleared = bytes.slice();
    clearSecrets(asking, cleared);
    assert.ok(!occurs(cleared));
    assert.deepEqual(cleared.subarray(0, kept), bytes.subarray(0, kept));
  });
}

Deno.test("secrets: no byte of a key is left, wherever an answer is cut", () => {
  const { bytes } = ANSWERS[2]!;
  for (let end = 0; end <= bytes.length; end++) {
    const cleared = bytes.slice(0, end);
    clearSecrets(asking, cleared);
    const text = byteString(cleared.subarray(Math.min(16 + 72 + 16, end)));
    assert.ok(!/[cekrsty]/.test(text), `${end}`);
  }
});

Deno.test("secrets: other families have none", () => {
  const bytes = message(joined(inet(1), [KEY]));
  const before = bytes.slice();
  clearSecrets(UNIX_ASKING, bytes);
  assert.deepEqual(bytes, before);
});
