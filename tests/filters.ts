/**
 * Filters of sockets: what they mean, and many of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { End } from "../core/system/bytecode.ts";
import type { Filter, Pushed } from "../core/system/diag_filter.ts";

/** A socket, as the kernel's program sees it. */
export interface Socket {
  readonly family: 2 | 10;
  readonly state: number;
  readonly ports: Readonly<Record<End, number>>;
  readonly addresses: Readonly<Record<End, Uint8Array>>;
  readonly index: number;
  readonly mark: number;
  readonly cgroup: bigint;
  readonly autobound: boolean;
}

/** Whether an address begins with that prefix. */
function begins(address: Uint8Array, prefix: Uint8Array, bits: number) {
  for (let i = 0; i < bits; i++) {
    const bit = 7 - i % 8;
    if ((address[i >> 3]! ^ prefix[i >> 3]!) >> bit & 1) return false;
  }
  return true;
}

const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255);

/** Whether an address of the socket is in a prefix, be it a mapped one. */
export function isIn(
  { family, addresses }: Socket,
  end: End,
  prefix: Uint8Array,
  bits: number,
): boolean {
  const address = addresses[end];
  if (prefix.length === 0) return true;
  if (prefix.length === (family === 2 ? 4 : 16)) {
    return begins(address, prefix, bits);
  }
  return family === 10 && prefix.length === 4 && begins(address, MAPPED, 96) &&
    begins(address.subarray(12), prefix, bits);
}

/** Whether a filter is true of a socket; what is unknown may be, or not. */
export function holds(filter: Filter, socket: Socket): boolean {
  switch (filter.is) {
    case "and":
      return filter.all.every((one) => holds(one, socket));
    case "or":
      return filter.all.some((one) => holds(one, socket));
    case "not":
      return !holds(filter.one, socket);
    case "unknown":
      return below(2) === 0;
    case "states":
      return (filter.states >> socket.state & 1) === 1;
    case "port": {
      const port = socket.ports[filter.end];
      return filter.op === "="
        ? port === filter.port
        : filter.op === ">="
        ? port >= filter.port
        : port <= filter.port;
    }
    case "host":
      return isIn(socket, filter.end, filter.address, filter.prefix) &&
        (filter.port ?? socket.ports[filter.end]) === socket.ports[filter.end];
    case "interface":
      return socket.index === filter.index;
    case "mark":
      return (socket.mark & filter.mask) >>> 0 === filter.mark;
    case "cgroup":
      return socket.cgroup === BigInt(filter.id);
    case "autobound":
      return socket.autobound;
  }
}

/** What an instruction tests; undefined for one that goes on in any case. */
function test(program: DataView, at: number, socket: Socket): boolean {
  const code = program.getUint8(at);
  const end: End = [2, 3, 7, 11].includes(code) ? "local" : "foreign";
  const port = socket.ports[end];
  switch (code) {
    case 2:
    case 4:
      return port >= program.getUint16(at + 6, true);
    case 3:
    case 5:
      return port <= program.getUint16(at + 6, true);
    case 11:
    case 12:
      return port === program.getUint16(at + 6, true);
    case 6:
      return socket.autobound;
    case 7:
    case 8: {
      const wanted = program.getInt32(at + 8, true);
      if (wanted >= 0 && wanted !== port) return false;
      const length = program.getUint8(at + 1) - 12;
      const prefix = new Uint8Array(program.buffer, at + 12, length);
      const bits = program.getUint8(at + 5);
      return isIn(socket, end, prefix, bits);
    }
    case 9:
      return socket.index === program.getUint32(at + 4, true);
    case 10: {
      const mask = program.getUint32(at + 8, true);
      return (socket.mark & mask) >>> 0 === program.getUint32(at + 4, true);
    }
    case 13:
      return socket.cgroup === program.getBigUint64(at + 4, true);
    default:
      return assert.fail(`no such code: ${code}`);
  }
}

/** Runs a program as the kernel does. Returns whether it accepts the socket. */
export function run(bytes: Uint8Array, socket: Socket): boolean {
  const program = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  for (let steps = 0; at < bytes.length; steps++) {
    assert.ok(steps < 10_000, "it does not end");
    const yes = program.getUint8(at) !== 1 && test(program, at, socket);
    at += yes ? program.getUint8(at + 1) : program.getUint16(at + 2, true);
  }
  return at === bytes.length;
}

/** Whether the kernel tells of a socket that is asked for so. */
export function comes(pushed: Pushed | undefined, socket: Socket): boolean {
  return pushed !== undefined && (pushed.states >>> socket.state & 1) === 1 &&
    (pushed.program === undefined || run(pushed.program, socket));
}

/** Numbers that are the same in each run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed;;) {
    state = Math.imul(state ^ state >>> 15, state | 1) + 0x6d2b79f5 | 0;
    yield (state ^ state >>> 14) >>> 0;
  }
}

const random = numbers(7);
const below = (most: number) => random.next().value % most;
const one = <T>(list: readonly T[]): T => list[below(list.length)]!;
const ENDS: readonly End[] = ["local", "foreign"];
const PORT_NUMBERS = [0, 22, 80, 443, 8080, 65535];
const IPV4 = ["7f000001", "c0000201", "c0000202", "00000000"];
const IPV6 = [
  "00000000000000000000000000000001",
  "20010db8000000000000000000000001",
  "00000000000000000000ffffc0000201",
  "00000000000000000000000000000000",
];

/** A socket of some kind. */
export function randomSocket(): Socket {
  const family = one([2, 10] as const);
  const address = () => Uint8Array.fromHex(one(family === 2 ? IPV4 : IPV6));
  return {
    family,
    state: 1 + below(13),
    ports: { local: one(PORT_NUMBERS), foreign: one(PORT_NUMBERS) },
    addresses: { local: address(), foreign: address() },
    index: below(3),
    mark: one([0, 42, 0xff00_0001]),
    cgroup: one([1n, 101n, 2n ** 63n]),
    autobound: below(2) === 0,
  };
}

function randomLeaf(states: boolean): Filter {
  const end = one(ENDS);
  switch (below(states ? 10 : 8)) {
    case 0:
    case 1:
    case 2: {
      const ports = states ? [...PORT_NUMBERS, -1, 70_000, 80.5] : PORT_NUMBERS;
      return {
        is: "port",
        end,
        op: one([">=", "<=", "="] as const),
        port: one(ports),
      };
    }
    case 3:
    case 4: {
      const address = Uint8Array.fromHex(one(["", ...IPV4, ...IPV6]));
      const prefix = below(8 * address.length + (states ? 3 : 1));
      const port = one([undefined, ...PORT_NUMBERS]);
      const rest = port === undefined ? {} : { port };
      return { is: "host", end, address, prefix, ...rest };
    }
    case 5:
      return { is: "interface", index: below(3) };
    case 6:
      return one<Filter>([
        { is: "mark", mark: 42, mask: 0xff },
        { is: "mark", mark: 0xff00_0001, mask: 0xffff_ffff },
      ]);
    case 7:
      return one<Filter>([
        { is: "cgroup", id: 101 },
        { is: "cgroup", id: 2n ** 63n },
        { is: "cgroup", id: 1 },
        ...(states ? [] : [{ is: "autobound" } as const]),
      ]);
    case 8:
      return { is: "unknown" };
    default:
      return { is: "states", states: below(1 << 14) };
  }
}

/**
 * A filter: one of conditions only, or one with states, what is unknown, numbers that
 * nothing has, and no condition that cannot be looked at from outside the kernel.
 */
export function randomTree(depth: number, states: boolean): Filter {
  if (depth === 0 || below(3) === 0) return randomLeaf(states);
  if (below(4) === 0) return { is: "not", one: randomTree(depth - 1, states) };
  const all = Array.from(
    { length: below(states ? 4 : 3) + (states ? 0 : 1) },
    () => randomTree(depth - 1, states),
  );
  return { is: one(["and", "or"] as const), all };
}
