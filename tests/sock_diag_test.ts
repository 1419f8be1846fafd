/** What the kernel can answer over netlink beside sockets. */

import assert from "node:assert/strict";
import { Failure } from "../core/system/failures.ts";
import { Line } from "../core/contract/line.ts";
import { askDiag } from "../core/system/sock_diag.ts";
import "./program.ts";

const TCP = {
  family: 2,
  protocol: 6,
  counted: { path: "/proc/net/sockstat", protocol: "TCP" },
  states: () => -1,
};

const DONE = 3;
const SOCKET = 20;
const ENOBUFS = 105;
const INTERRUPTED = 0x10;

/** A message: `struct nlmsghdr`, and zeros. */
function message(
  type: number,
  { size = 72, flags = 2, length }: {
    size?: number;
    flags?: number;
    length?: number;
  } = {},
): Uint8Array {
  const bytes = new Uint8Array(16 + size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length ?? bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  return bytes;
}

const done = message(DONE, { size: 4 });

/** What is received, one after the other: messages, or a length. */
type Answer = readonly Uint8Array[] | number;

const CASES: {
  readonly name: string;
  readonly answers: readonly Answer[];
  readonly sockets: number;
  readonly failure?: RegExp;
}[] = [
  {
    name: "sockets and an end",
    answers: [[message(SOCKET), message(SOCKET)], [message(SOCKET), done]],
    sockets: 3,
  },
  {
    name: "an error in the middle",
    answers: [[message(SOCKET)], -ENOBUFS],
    sockets: 1,
    failure: /buffer space/,
  },
  {
    name: "messages that do not fit",
    answers: [[message(SOCKET)], 1 << 20],
    sockets: 1,
    failure: /cut short/,
  },
  {
    name: "no end",
    answers: [[message(SOCKET)], 0],
    sockets: 1,
    failure: /cut short/,
  },
  {
    name: "a message longer than what was received",
    answers: [[message(SOCKET), message(SOCKET, { length: 1000 })]],
    sockets: 1,
    failure: /cut short/,
  },
  {
    name: "a message of no length",
    answers: [[message(SOCKET), message(SOCKET, { length: 0 })]],
    sockets: 1,
    failure: /cut short/,
  },
  {
    name: "a message too short for a socket",
    answers: [[message(SOCKET), message(SOCKET, { size: 8 })]],
    sockets: 1,
    failure: /cut short/,
  },
  {
    name: "half a header",
    answers: [[message(SOCKET), new Uint8Array(8).fill(1)]],
    sockets: 1,
    failure: /cut short/,
  },
  {
    name: "a listing that was interrupted",
    answers: [[message(SOCKET), message(SOCKET, { flags: INTERRUPTED }), done]],
    sockets: 2,
    failure: /changed while/,
  },
];

for (const { name, answers, sockets, failure } of CASES) {
  Deno.test(`sock_diag: ${name}`, () => {
    let asked = 0;
    let closed = 0;
    const lines = askDiag(TCP, -1, {
      send: (bytes) => bytes.length,
      receive(bytes) {
        const answer = answers[asked++];
        assert.ok(answer !== undefined, "asked after the end");
        if (typeof answer === "number") return answer;
        let at = 0;
        for (const one of answer) {
          bytes.set(one, at);
          at += one.length;
        }
        return at;
      },
      close: () => closed++,
    });
    assert.ok(!(lines instanceof Failure), `${lines}`);
    const line = new Line();
    let count = 0;
    while (lines.next(line)) count++;
    lines.close();
    assert.equal(count, sockets);
    assert.equal(closed, 1);
    if (failure === undefined) assert.equal(lines.failure, undefined);
    else assert.match(`${lines.failure}`, failure);
  });
}

Deno.test("sock_diag: no answer at all", () => {
  const lines = askDiag(TCP, -1, {
    send: () => -ENOBUFS,
    receive: () => assert.fail("nothing was sent"),
    close() {},
  });
  assert.ok(lines instanceof Failure);
});
