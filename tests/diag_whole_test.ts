/**
 * Answers that have each attribute that is known: in another order, among unknown ones, cut
 * at each byte, and with lengths that lie. The kernels that were recorded lack some
 * protocols; here is each table.
 */

import assert from "node:assert/strict";
import { Answer } from "../core/contract/diag.ts";
import type { Value, View } from "../core/contract/family.ts";
import { isOfKind } from "../core/plugins/checked.ts";
import {
  type Attribute,
  bytes,
  inet,
  joined,
  nest,
  packed,
  text,
} from "./diag_answers.ts";
import { PROTOCOLS } from "./diag_samples.ts";
import "./program.ts";

const VIEW = { names: { interface: () => "eth0" } } as unknown as View;

/** So many bytes, no two numbers of which are the same. */
function filler(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => at % 4 < 2 ? 1 + at % 120 : 0);
}

function infoOf(state: number, length: number): Uint8Array {
  const info = filler(length);
  info[0] = state;
  return info;
}

/** `struct sockaddr_storage` of an address of IPv4. */
function sockaddr(): Uint8Array {
  const address = new Uint8Array(128);
  address.set([2, 0, 0, 80, 192, 0, 2, 1]);
  return address;
}

/** `struct sctp_info` */
function sctpInfo(): Uint8Array {
  const info = filler(368);
  info.set(sockaddr(), 168);
  info.set(packed([32, 2]), 296);
  return info;
}

const u32s = (count: number) => filler(4 * count);

/** What every Internet socket is told of. */
const INET: readonly Attribute[] = [
  [5, bytes(16)],
  [6, bytes(16)],
  [7, u32s(9)],
  [8, bytes(1)],
  [11, bytes(1)],
  [15, u32s(1)],
  [17, u32s(1)],
  [21, u32s(2)],
  [22, bytes(0x52, 0x07)],
];

const TCP: readonly Attribute[] = [
  ...INET,
  [3, packed([32, 1], [32, 2], [32, 3], [32, 4])],
  [4, text("cubic", 6)],
  [9, packed([16, 1], [16, 1], [32, 2], [32, 3], [32, 4])],
  [16, u32s(5)],
  [18, bytes(2, 32, 9, 0, ...new Array(96).fill(7))],
  [
    19,
    nest(
      [1, text("tls", 4)],
      [
        2,
        nest(
          ...[0x0304, 52, 2, 3]
            .map((n, i): Attribute => [1 + i, packed([16, n])]),
        ),
      ],
      [
        3,
        nest(
          [1, u32s(1)],
          [2, u32s(1)],
          [4, u32s(2)],
          [5, u32s(1)],
          [6, u32s(1)],
          [7, bytes(1, 1)],
          [8, u32s(1)],
          [9, bytes(1)],
          [10, bytes(1)],
        ),
      ],
    ),
  ],
];

/** `struct inet_diag_msg` of a socket that is bound to an interface. */
function socket(state: number, timer = 1): Uint8Array {
  const made = inet(state, { timer, count: 3 });
  made.set(packed([32, 7]), 40);
  return made;
}

/** A structure that starts with a family, and is followed by what is made up. */
function structure(family: number, length: number): Uint8Array {
  const made = filler(length);
  made.set([family, 1, 1, 1]);
  return made;
}

/** Answers of each protocol, with all that each state can have. */
const WHOLE: Readonly<
  Record<string, readonly (readonly [Uint8Array, readonly Attribute[]])[]>
> = {
  tcp: [
    [socket(1), [...TCP, [2, infoOf(1, 280)]]],
    [socket(10), [...TCP, [2, infoOf(10, 280)]]],
    [socket(2, 4), [...TCP, [2, infoOf(2, 280)]]],
  ],
  udp: [[socket(1), INET], [socket(7, 2), INET]],
  mptcp: [
    [socket(1), [...INET, [2, u32s(24)]]],
    [socket(10, 2), [...INET, [2, u32s(24)]]],
    [socket(2), [...INET, [2, u32s(24)]]],
  ],
  sctp: [
    [socket(3), [...INET, [2, sctpInfo()], [13, sockaddr()]]],
    [socket(10), INET],
  ],
  unix: [
    [packed([8, 1], [8, 1], [8, 1], [8, 0], [32, 9], [64, 1]), [
      [0, text("/name", 6)],
      [1, u32s(2)],
      [2, u32s(1)],
      [4, u32s(2)],
      [5, u32s(9)],
      [6, bytes(1)],
      [7, u32s(1)],
    ]],
    [packed([8, 1], [8, 1], [8, 10], [8, 0], [32, 9], [64, 1]), [
      [0, text("/name", 6)],
      [3, u32s(3)],
      [4, u32s(2)],
    ]],
  ],
  packet: [
    [packed([8, 17], [8, 3], [16, 3], [32, 9], [64, 1]), [
      [0, u32s(6)],
      [1, filler(88)],
      [2, u32s(7)],
      [3, u32s(7)],
      [4, u32s(1)],
      [5, u32s(1)],
      [6, u32s(9)],
      [7, filler(16)],
    ]],
  ],
  netlink: [[structure(16, 28), [[0, u32s(9)], [1, u32s(2)], [4, u32s(1)]]]],
  vsock: [[structure(40, 32), []]],
  smc: [[structure(43, 64), [
    [1, filler(76)],
    [2, Uint8Array.from(filler(147), (byte, at) => at === 146 ? 0 : byte)],
    [3, bytes(1)],
    [4, filler(56)],
    [5, u32s(2)],
  ]]],
  tipc: [[new Uint8Array(0), [[
    2,
    nest(
      [1, u32s(1)],
      [2, u32s(1)],
      [
        3,
        nest([1, bytes()], [2, u32s(1)], [3, u32s(1)], [4, u32s(1)], [
          5,
          u32s(1),
        ]),
      ],
      [4, bytes()],
      [5, nest([0, u32s(1)], [1, u32s(1)], [2, bytes()], [4, u32s(1)])],
      [6, packed([32, 5])],
      [7, u32s(1)],
      [8, u32s(1)],
      [9, packed([32, 1])],
      [10, u32s(2)],
    ),
  ]]]],
  xdp: [[structure(44, 16), [
    [1, u32s(2)],
    [2, u32s(1)],
    [3, u32s(1)],
    [4, u32s(1)],
    [5, filler(44)],
    [6, u32s(1)],
    [7, u32s(1)],
    [8, u32s(9)],
    [9, filler(48)],
  ]]],
};

const UNKNOWN: readonly Attribute[] = [
  [30, bytes(1, 2, 3)],
  [0x3ff0, bytes()],
  [61, filler(200)],
];

function valuesIn(
  name: string,
  from: Uint8Array,
  attributes: readonly Attribute[],
): Record<string, Value> {
  const { asking, fields } = PROTOCOLS[name]!;
  const whole = joined(from, attributes);
  const answer = new Answer();
  answer.set(whole, 0, whole.length, asking.answer);
  return Object.fromEntries(
    Object.entries(fields)
      .map(([key, field]) => [key, field.value(answer, VIEW)]),
  );
}

/** Fails if a value is not of its field's kind. */
function check(name: string, answer: Answer): void {
  for (const [key, field] of Object.entries(PROTOCOLS[name]!.fields)) {
    const value = field.value(answer, VIEW);
    const good = value === null
      ? field.nullable === true
      : isOfKind(value, field);
    assert.ok(good, `${key} is ${value}`);
  }
}

Deno.test("diag: there is a whole answer for each table", () => {
  assert.deepEqual(
    Object.keys(WHOLE).sort(),
    Object.keys(PROTOCOLS).sort(),
  );
});

for (const [name, answers] of Object.entries(WHOLE)) {
  const { asking, fields } = PROTOCOLS[name]!;

  Deno.test(`diag: whole: ${name}: each field has a value`, () => {
    const all = answers.map(([from, attributes]) =>
      valuesIn(name, from, attributes)
    );
    for (const [from] of answers) assert.equal(from.length, asking.answer);
    const without = Object.keys(fields)
      .filter((key) => all.every((values) => values[key] === null));
    assert.deepEqual(without, []);
  });

  Deno.test(`diag: whole: ${name}: in any order, among unknown attributes`, () => {
    for (const [from, attributes] of answers) {
      const want = valuesIn(name, from, attributes);
      const turned = [...UNKNOWN, ...attributes.toReversed(), ...UNKNOWN];
      assert.deepEqual(valuesIn(name, from, turned), want);
      for (let at = 1; at < attributes.length; at++) {
        const mixed = [
          ...attributes.slice(at),
          ...UNKNOWN,
          ...attributes.slice(0, at),
        ];
        assert.deepEqual(valuesIn(name, from, mixed), want, `${at}`);
      }
    }
  });

  Deno.test(`diag: whole: ${name}: cut at each byte`, () => {
    const answer = new Answer();
    for (const [from, attributes] of answers) {
      const whole = joined(from, attributes);
      // what stands behind the end belongs to others
      const buffer = new Uint8Array([...whole, ...new Array(400).fill(0xff)]);
      for (let end = asking.answer; end <= whole.length; end++) {
        answer.set(buffer, 0, end, asking.answer);
        check(name, answer);
      }
      // one attribute alone that is shorter than its structure
      for (const [type, data] of attributes) {
        for (let length = 0; length < data.length; length++) {
          const short = joined(from, [[type, data.subarray(0, length)]]);
          answer.set(short, 0, short.length, asking.answer);
          check(name, answer);
        }
      }
    }
  });

  Deno.test(`diag: whole: ${name}: lengths and types that lie`, () => {
    const answer = new Answer();
    for (const [from, attributes] of answers) {
      const whole = joined(from, attributes);
      for (let at = from.length; at < whole.length; at++) {
        const before = whole[at]!;
        for (const value of [0, 1, 3, before + 4, before ^ 0x80, 0xff]) {
          whole[at] = value;
          answer.set(whole, 0, whole.length, asking.answer);
          check(name, answer);
        }
        whole[at] = before;
      }
    }
  });
}
