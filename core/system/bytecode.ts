/**
 * Conditions on Internet sockets as programs, which the kernel runs on each socket before
 * it tells of it (`INET_DIAG_REQ_BYTECODE`, linux/inet_diag.h).
 *
 * @module
 */

import type { Long } from "../contract/family.ts";

/** Which end of a connection. */
export type End = "local" | "foreign";

/** A condition that the kernel can test. */
export type Condition =
  /** A port is at least, at most, or just this number. */
  | {
    readonly is: "port";
    readonly end: End;
    readonly op: ">=" | "<=" | "=";
    readonly port: number;
  }
  /**
   * An address begins with the first `prefix` bits of this one, of 4 or 16 bytes; without
   * any byte any address does. One of 4 also is the end of IPv4-mapped IPv6 addresses.
   * And the port is that number, if there is one.
   */
  | {
    readonly is: "host";
    readonly end: End;
    readonly address: Uint8Array;
    readonly prefix: number;
    readonly port?: number;
  }
  /** The socket is bound to the interface with this index; 0 for none. */
  | { readonly is: "interface"; readonly index: number }
  /** The mark, of which only the bits of `mask` count, is `mark`. */
  | { readonly is: "mark"; readonly mark: number; readonly mask: number }
  /** The socket was made in the cgroup with this number. */
  | { readonly is: "cgroup"; readonly id: Long }
  /** The local port was not chosen by the program. */
  | { readonly is: "autobound" };

/** Conditions that are joined. */
export type Tree<Leaf> =
  | Leaf
  | { readonly is: "and" | "or"; readonly all: readonly Tree<Leaf>[] }
  | { readonly is: "not"; readonly one: Tree<Leaf> };

/** `INET_DIAG_BC_JMP` and so on. */
const JMP = 1;
const PORTS = {
  local: { ">=": 2, "<=": 3, "=": 11 },
  foreign: { ">=": 4, "<=": 5, "=": 12 },
} as const;
const AUTO = 6;
const HOSTS = { local: 7, foreign: 8 } as const;
const DEV = 9;
const MARK = 10;
const CGROUP = 13;

const AF_INET = 2;
const AF_INET6 = 10;

/** The longest program: the length of an attribute has 16 bits. */
const PROGRAM_MOST = 65_528;

/** A place that an instruction goes to, known when all instructions are. */
interface Label {
  at: number;
}

/** An instruction: `u8 code, u8 yes, u16 no`, and arguments. */
interface Instruction {
  readonly at: number;
  readonly code: number;
  readonly args: Uint8Array;
  /** Where it goes if it is not true; a jump goes there always. */
  readonly no: Label;
}

/**
 * The program for conditions, or undefined if that would be too long. It is empty if
 * every socket meets them. Ports are 0 to 65535.
 */
export function compile(tree: Tree<Condition>): Uint8Array | undefined {
  const program = new Program();
  const accept = { at: 0 };
  const reject = { at: 0 };
  program.emit(tree, accept, reject, accept);
  // to come to the end accepts, to go four bytes beyond rejects
  accept.at = program.length;
  reject.at = program.length + 4;
  return reject.at > PROGRAM_MOST ? undefined : program.link();
}

class Program {
  length = 0;
  readonly #instructions: Instruction[] = [];

  /**
   * Makes instructions that go to `yes` or `no`. `next` is the place right behind them;
   * who made it says where that is.
   */
  emit(tree: Tree<Condition>, yes: Label, no: Label, next: Label): void {
    switch (tree.is) {
      case "not":
        return this.emit(tree.one, no, yes, next);
      case "and":
      case "or":
        return this.#join(tree.is, tree.all, yes, no, next);
      default:
        // one that is true goes on to the next instruction
        this.#add(codeOf(tree), argumentsOf(tree), no);
        if (yes !== next) this.#add(JMP, NOTHING, yes);
    }
  }

  #join(
    how: "and" | "or",
    all: readonly Tree<Condition>[],
    yes: Label,
    no: Label,
    next: Label,
  ): void {
    const last = all.length - 1;
    for (const [i, one] of all.entries()) {
      if (i === last) return this.emit(one, yes, no, next);
      const after = { at: 0 };
      if (how === "and") this.emit(one, after, no, after);
      else this.emit(one, yes, after, after);
      after.at = this.length;
    }
    // of no conditions all are met, and none is
    const to = how === "and" ? yes : no;
    if (to !== next) this.#add(JMP, NOTHING, to);
  }

  #add(code: number, args: Uint8Array, no: Label): void {
    this.#instructions.push({ at: this.length, code, args, no });
    this.length += 4 + args.length;
  }

  link(): Uint8Array {
    const bytes = new Uint8Array(this.length);
    const words = new DataView(bytes.buffer);
    for (const { at, code, args, no } of this.#instructions) {
      bytes[at] = code;
      bytes[at + 1] = 4 + args.length;
      words.setUint16(at + 2, no.at - at, true);
      bytes.set(args, at + 4);
    }
    return bytes;
  }
}

const NOTHING = new Uint8Array(0);

function codeOf(condition: Condition): number {
  switch (condition.is) {
    case "port":
      return PORTS[condition.end][condition.op];
    case "host":
      return HOSTS[condition.end];
    case "interface":
      return DEV;
    case "mark":
      return MARK;
    case "cgroup":
      return CGROUP;
    case "autobound":
      return AUTO;
  }
}

function argumentsOf(condition: Condition): Uint8Array {
  switch (condition.is) {
    case "port":
      return new Uint8Array(new Uint16Array([0, condition.port]).buffer);
    case "host":
      return hostArguments(condition);
    case "interface":
      return new Uint8Array(new Uint32Array([condition.index]).buffer);
    case "mark":
      return new Uint8Array(
        new Uint32Array([condition.mark, condition.mask]).buffer,
      );
    case "cgroup":
      return new Uint8Array(new BigUint64Array([BigInt(condition.id)]).buffer);
    case "autobound":
      return NOTHING;
  }
}

/** `struct inet_diag_hostcond`: family, length of the prefix, port, all of the address. */
function hostArguments(
  { address, prefix, port = -1 }: Condition & { is: "host" },
): Uint8Array {
  const bytes = new Uint8Array(8 + address.length);
  bytes[0] = familyOf(address);
  bytes[1] = prefix;
  new DataView(bytes.buffer).setInt32(4, port, true);
  bytes.set(address, 8);
  return bytes;
}

function familyOf({ length }: Uint8Array): number {
  return length === 0 ? 0 : length === 4 ? AF_INET : AF_INET6;
}
