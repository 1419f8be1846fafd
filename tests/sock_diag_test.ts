/** What the kernel can answer over netlink beside sockets. */

import assert from "node:assert/strict";
import { Failure } from "../core/system/failures.ts";
import { Line } from "../core/contract/line.ts";
import { INET_ASKING } from "../core/contract/diag.ts";
import {
  askDiag,
  askSockets,
  BothFamilies,
  isUnknown,
} from "../core/system/sock_diag.ts";
import { ALONE, type Channel } from "../core/system/netlink.ts";
import { PIECE, PIECES, type Pieces } from "../core/system/pieces.ts";
import type { LineSource } from "../core/system/scan.ts";
import "./program.ts";

const TCP = { family: 2, protocol: 6 };

const NOOP = 1;
const ERROR = 2;
const DONE = 3;
const OVERRUN = 4;
const SOCKET = 20;
const EAGAIN = 11;
const ENOBUFS = 105;
const INTERRUPTED = 0x10;

/** A message: `struct nlmsghdr`, and zeros. */
function message(
  type: number,
  { size = 72, flags = 2, length, error = 0 }: {
    size?: number;
    flags?: number;
    length?: number;
    error?: number;
  } = {},
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16 + size + 3 & ~3);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length ?? 16 + size, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  if (size >= 4) view.setInt32(16, error, true);
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
  {
    name: "messages that say nothing",
    answers: [[message(SOCKET), message(NOOP, { size: 0 })], [
      message(NOOP, { size: 5 }),
      message(SOCKET),
      done,
    ]],
    sockets: 2,
  },
  {
    name: "messages that were lost",
    answers: [[message(SOCKET), message(OVERRUN)]],
    sockets: 1,
    failure: /were lost/,
  },
  {
    name: "an end without an error's number",
    answers: [[message(SOCKET), message(DONE, { size: 0 })]],
    sockets: 1,
  },
  {
    name: "an error without a number",
    answers: [[message(SOCKET), message(ERROR, { size: 0 })]],
    sockets: 1,
    failure: /cut short/,
  },
  {
    name: "an error at the end",
    answers: [[message(SOCKET), message(DONE, { size: 4, error: -ENOBUFS })]],
    sockets: 1,
    failure: /buffer space/,
  },
  {
    name: "an acknowledgement",
    answers: [[message(SOCKET), message(ERROR, { size: 20 })]],
    sockets: 1,
  },
  ...[1, 5000, -5000, -(2 ** 31)].map((error) => ({
    name: `a number that is no error's: ${error}`,
    answers: [[message(SOCKET), message(ERROR, { size: 20, error })]],
    sockets: 1,
    failure: /an error without a number/,
  })),
  {
    name: "an answer behind the end",
    answers: [[message(SOCKET), done, message(SOCKET)]],
    sockets: 1,
  },
  {
    name: "an answer whose padding is missing",
    answers: [
      [message(SOCKET), message(SOCKET, { size: 73 }).subarray(0, 89)],
      [done],
    ],
    sockets: 2,
  },
];

/** A channel with these answers, which counts how often it was closed. */
class Answering implements Channel {
  closed = 0;
  /** How many answers were received, and how many of them aside. */
  asked = 0;
  aside = 0;

  /** Of the answers `most` are received aside at once, as if a signal came between. */
  constructor(readonly answers: readonly Answer[], readonly most = PIECES) {}

  send({ length }: Uint8Array): number {
    return length;
  }

  receive(bytes: Uint8Array, waits = true): number {
    const answer = this.answers[this.asked++];
    if (answer === undefined && !waits) return -EAGAIN;
    assert.ok(answer !== undefined, "asked after the end");
    return this.#put(answer, bytes);
  }

  async receiveAside({ bytes, lengths }: Pieces): Promise<number> {
    await rest();
    assert.equal(this.closed, 0);
    for (let i = 0; i < this.most; i++) {
      const answer = this.answers[this.asked];
      if (answer === undefined) return i;
      if ((answer as number) < 0) {
        // behind a message the kernel keeps it for the next call; else it is gone
        if (i === 0) this.asked++;
        return i;
      }
      this.asked++;
      this.aside++;
      lengths[i] = this.#put(answer, bytes.subarray(i * PIECE));
    }
    return this.most;
  }

  close(): void {
    this.closed++;
  }

  #put(answer: Answer, bytes: Uint8Array): number {
    if (typeof answer === "number") return answer;
    let at = 0;
    for (const one of answer) {
      bytes.set(one, at);
      at += one.length;
    }
    return at;
  }
}

/** What is received before others are received ahead: a socket, then nothing of use. */
const FIRST: readonly Answer[] = [
  [message(SOCKET)],
  ...Array(ALONE).fill([message(NOOP, { size: 0 })]),
];

/** Waits for what was begun and is not awaited. */
function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

/** Goes through sockets; where they are read ahead, waits for those that come. */
async function eachOf(
  lines: LineSource,
  { ahead, each }: { ahead: boolean; each: (line: Line) => void },
): Promise<void> {
  const line = new Line();
  const more = ahead ? lines.readAhead!() : undefined;
  do {
    while (lines.next(line)) each(line);
  } while (await more?.());
}

for (const { name, answers, sockets, failure } of CASES) {
  for (const ahead of [false, true]) {
    Deno.test(`sock_diag: ${name}${ahead ? ", ahead" : ""}`, async () => {
      const first = ahead ? FIRST : [];
      const channel = new Answering([...first, ...answers]);
      const lines = askDiag(TCP, {}, () => channel);
      assert.ok(!(lines instanceof Failure), `${lines}`);
      let count = ahead ? -1 : 0;
      await eachOf(lines, { ahead, each: () => count++ });
      lines.close();
      await rest();
      assert.equal(count, sockets);
      assert.equal(channel.closed, 1);
      if (failure === undefined) assert.equal(lines.failure, undefined);
      else assert.match(`${lines.failure}`, failure);
    });
  }
}

/** Reads a dump ahead, whose every two answers have a port of their own, from 0 on. */
async function readInTurn(channel: Answering, count: number): Promise<void> {
  const lines = askDiag(TCP, {}, () => channel);
  assert.ok(!(lines instanceof Failure));
  const ports: number[] = [];
  await eachOf(lines, {
    ahead: true,
    each: ({ bytes, start }) => ports.push(bytes[start + 5]!),
  });
  assert.deepEqual(ports, numbersTo(count).flatMap((n) => [n, n]));
  assert.equal(lines.failure, undefined);
  assert.equal(channel.closed, 1);
}

const numbersTo = (count: number) => Array.from({ length: count }, (_, i) => i);

Deno.test("sock_diag: of a long dump each answer comes in its turn", async () => {
  const count = 3 * PIECES + 5;
  const answers = numbersTo(count)
    .map((n) => [socketOf(2, n), socketOf(2, n)]);
  const channel = new Answering([...answers, [done]]);
  await readInTurn(channel, count);
  assert.equal(channel.aside, count + 1 - (1 + ALONE));
});

Deno.test("sock_diag: behind part of a batch answers come one by one", async () => {
  const count = 2 * PIECES;
  // each is longer than the one before
  const answers = numbersTo(count)
    .map((n) => [socketOf(2, n, n), socketOf(2, n, n)]);
  const channel = new Answering([...answers, [done]], 3);
  await readInTurn(channel, count);
  assert.equal(channel.aside, 3);
});

Deno.test("sock_diag: an error that is told to nobody ends the dump all the same", async () => {
  const batch = Array(PIECES).fill([message(SOCKET)]);
  const channel = new Answering([...FIRST, ...batch, -ENOBUFS]);
  const lines = askDiag(TCP, {}, () => channel);
  assert.ok(!(lines instanceof Failure));
  let count = 0;
  await eachOf(lines, { ahead: true, each: () => count++ });
  assert.equal(count, 1 + PIECES);
  assert.match(`${lines.failure}`, /messages were lost/);
  assert.equal(channel.closed, 1);
});

Deno.test("sock_diag: a dump that is left ends when what was begun has", async () => {
  const channel = new Answering(Array(100).fill([message(SOCKET)]));
  const lines = askDiag(TCP, {}, () => channel);
  assert.ok(!(lines instanceof Failure));
  const line = new Line();
  const more = lines.readAhead!();
  for (let i = 0; i < 1 + ALONE; i++) assert.ok(lines.next(line));
  assert.equal(lines.next(line), false);
  const waiting = more();
  lines.close();
  // its number must stay taken as long as it is received from
  assert.equal(channel.closed, 0);
  assert.equal(await waiting, false);
  await rest();
  assert.equal(channel.closed, 1);
  assert.equal(channel.aside, PIECES);
});

const REFUSALS = [
  { name: "the family", type: ERROR, size: 20, error: -2, unknown: true },
  { name: "the protocol", type: DONE, size: 4, error: -2, unknown: true },
  { name: "the request", type: ERROR, size: 20, error: -22, unknown: true },
  { name: "rights", type: ERROR, size: 20, error: -1, unknown: false },
];

for (const { name, type, unknown, ...how } of REFUSALS) {
  Deno.test(`sock_diag: refused for ${name}`, () => {
    const answer = message(type, how);
    let closed = 0;
    const refused = askDiag(TCP, {}, () => ({
      send: (bytes) => bytes.length,
      receive(bytes) {
        bytes.set(answer);
        return answer.length;
      },
      close: () => closed++,
    }));
    assert.ok(refused instanceof Failure);
    assert.equal(isUnknown(refused), unknown);
    assert.equal(closed, 1);
  });
}

Deno.test("sock_diag: a program that the kernel does not take is left out", () => {
  const asking = { ...INET_ASKING, family: 2, protocol: 6 };
  const program = Uint8Array.of(1, 4, 4, 0);
  for (const error of [-22, -1]) {
    const requests: Uint8Array[] = [];
    let open = 0;
    const lines = askSockets(asking, { program, states: 1 << 10 }, () => {
      open++;
      const answers = [message(SOCKET), done];
      return {
        send(bytes) {
          requests.push(bytes);
          return bytes.length;
        },
        receive(bytes) {
          const answer = requests.length === 1
            ? message(ERROR, { size: 20, error })
            : answers.shift()!;
          bytes.set(answer);
          return answer.length;
        },
        close: () => open--,
      };
    });
    assert.ok(!(lines instanceof Failure));
    const line = new Line();
    assert.equal(lines.next(line), true);
    assert.equal(lines.next(line), false);
    assert.equal(lines.failure, undefined);
    assert.equal(open, 0);
    const [filtered, all] = requests;
    assert.equal(filtered!.length, all!.length + 8);
    assert.deepEqual(
      filtered!.subarray(-8),
      Uint8Array.of(8, 0, 1, 0, 1, 4, 4, 0),
    );
    assert.deepEqual(filtered!.subarray(4, 72), all!.subarray(4));
  }
});

Deno.test("sock_diag: no answer at all", () => {
  const lines = askDiag(TCP, {}, () => ({
    send: () => -ENOBUFS,
    receive: () => assert.fail("nothing was sent"),
    close() {},
  }));
  assert.ok(lines instanceof Failure);
});

/** A socket of a family, with a port, and so many words of attributes. */
function socketOf(
  family: number,
  port: number,
  words = 0,
): Uint8Array<ArrayBuffer> {
  const bytes = message(SOCKET, { size: 72 + 4 * words });
  bytes[16] = family;
  bytes[21] = port;
  return bytes;
}

/** The ports of some sockets, of so many at most, and why there are no more. */
function portsIn(
  lines: ReturnType<BothFamilies["open"]>,
  most = Infinity,
): [number[], string | undefined] | undefined {
  if (lines === undefined || lines instanceof Failure) return undefined;
  const line = new Line();
  const ports: number[] = [];
  while (ports.length < most && lines.next(line)) {
    ports.push(line.bytes[line.start + 5]!);
  }
  lines.close();
  return [ports, lines.failure?.reason];
}

/** TCP sockets of both families, and what was sent to ask for them. */
function bothOf(
  answers: readonly (readonly Uint8Array[])[],
): { both: BothFamilies; sent: Uint8Array[] } {
  const left = [...answers];
  const sent: Uint8Array[] = [];
  const both = new BothFamilies({ states: 0x402, show: 2 }, () => ({
    send: (bytes) => sent.push(bytes.slice()),
    receive(buffer) {
      let at = 0;
      for (const bytes of left.shift() ?? []) {
        buffer.set(bytes, at);
        at += bytes.length;
      }
      return at;
    },
    close() {},
  }));
  return { both, sent };
}

const BOTH = [
  [socketOf(10, 1), socketOf(2, 2)],
  [socketOf(2, 3), socketOf(10, 4), done],
];

Deno.test("both families: one question tells of both, each in its order", () => {
  const { both, sent } = bothOf(BOTH);
  assert.deepEqual(portsIn(both.open(2)), [[2, 3], undefined]);
  assert.deepEqual(portsIn(both.open(10)), [[1, 4], undefined]);
  // struct nlmsghdr, and struct inet_diag_req
  assert.deepEqual(sent.map((bytes) => bytes.length), [16 + 60]);
  const words = new DataView(sent[0]!.buffer);
  assert.deepEqual(
    [
      words.getUint16(4, true),
      sent[0]![16 + 3],
      words.getUint32(16 + 52, true),
    ],
    [18, 2, 0x402],
  );
});

Deno.test("both families: one is asked for by itself if not all of it is there", () => {
  const { both } = bothOf(BOTH);
  assert.deepEqual(portsIn(both.open(2), 1), [[2], undefined]);
  assert.equal(both.open(10), undefined, "the first was not read to its end");
  const again = bothOf(BOTH).both;
  assert.deepEqual(portsIn(again.open(2)), [[2, 3], undefined]);
  assert.equal(again.open(2), undefined, "the same one again");
  assert.deepEqual(portsIn(again.open(10)), [[1, 4], undefined]);
  assert.equal(again.open(10), undefined, "and the other");
});

Deno.test("both families: where the first ends early, the second is asked for by itself", () => {
  const { both } = bothOf([[socketOf(2, 1), socketOf(10, 2)], []]);
  assert.deepEqual(portsIn(both.open(2)), [[1], "a message is cut short"]);
  assert.equal(both.open(10), undefined);
});

Deno.test("both families: of more than is kept, the second is asked for by itself", () => {
  const many = Array.from({ length: 1000 }, () => socketOf(10, 1));
  const pieces = Array.from({ length: 250 }, () => many);
  const { both } = bothOf([[socketOf(2, 7)], ...pieces, [
    socketOf(2, 8),
    done,
  ]]);
  assert.deepEqual(portsIn(both.open(2)), [[7, 8], undefined]);
  assert.equal(both.open(10), undefined);
});
