/**
 * What of a filter the kernel can do before it tells of Internet sockets. What comes is
 * never less than what was asked for, and can be more: each socket must still be looked
 * at.
 *
 * @module
 */

import type { Long } from "../contract/family.ts";
import { compile, type Condition, type Tree } from "./bytecode.ts";

/** The state is one of these, a bit each. Programs do not test it: requests have states. */
export interface States {
  /** What it is. */
  readonly is: "states";
  /** The states. */
  readonly states: number;
}

/** Whether it is so cannot be said to the kernel: of any socket it may be, or not be. */
export interface Unknown {
  /** What it is. */
  readonly is: "unknown";
}

/** What is asked of a socket. */
export type Filter = Tree<Condition | States | Unknown>;

const AF_INET = 2;
/** `TCP_CLOSE` and `TCP_BOUND_INACTIVE`, a bit each. */
const CLOSE = 1 << 7;
const BOUND_INACTIVE = 1 << 13;
const PORT_MOST = 0xffff;
const WORD_MOST = 0xffff_ffff;
const NO_ADDRESS = new Uint8Array(0);

/** What a family is asked for. */
export interface Pushed {
  /** The states that a socket can be in, a bit each. */
  readonly states: number;
  /** The program; without one, all sockets in these states can be meant. */
  readonly program?: Uint8Array;
}

/**
 * What of a filter the kernel can do for the sockets of a family, AF_INET or AF_INET6.
 * Undefined if none of them can be meant, so that it need not be asked.
 */
export function pushDown(filter: Filter, family: number): Pushed | undefined {
  let states = statesOf(filter, true);
  // sockets that are only bound come as closed, and are asked for by a bit of their own
  if ((states & CLOSE) !== 0) states = (states | BOUND_INACTIVE) >>> 0;
  const tree = narrow(filter, family, true);
  if (states === 0 || tree === false) return undefined;
  const program = tree === true ? undefined : compile(tree);
  return program === undefined ? { states } : { states, program };
}

/** The states, a bit each, in which a filter can come out as `truth`. */
function statesOf(filter: Filter, truth: boolean): number {
  switch (filter.is) {
    case "states":
      return (truth ? filter.states : ~filter.states) >>> 0;
    case "not":
      return statesOf(filter.one, !truth);
    case "and":
    case "or": {
      const all = (filter.is === "and") === truth;
      let states = all ? WORD_MOST : 0;
      for (const one of filter.all) {
        const some = statesOf(one, truth);
        states = (all ? states & some : states | some) >>> 0;
      }
      return states;
    }
    default:
      return WORD_MOST; // any state
  }
}

/**
 * Conditions that a socket of the family meets wherever the filter comes out as `truth`,
 * whatever its state: false if it never does, true if nothing can be said.
 */
function narrow(
  filter: Filter,
  family: number,
  truth: boolean,
): Tree<Condition> | boolean {
  switch (filter.is) {
    case "states":
    case "unknown":
      return true;
    case "not":
      return narrow(filter.one, family, !truth);
    case "and":
    case "or": {
      const all = (filter.is === "and") === truth;
      const kept: Tree<Condition>[] = [];
      for (const one of filter.all) {
        const some = narrow(one, family, truth);
        if (some === !all) return some;
        if (typeof some !== "boolean") kept.push(some);
      }
      if (kept.length === 0) return all;
      if (kept.length === 1) return kept[0]!;
      return { is: all ? "and" : "or", all: kept };
    }
    default: {
      const some = conditionFor(filter, family);
      if (some === undefined) return true;
      if (typeof some === "boolean") return some === truth;
      return truth ? some : { is: "not", one: some };
    }
  }
}

/**
 * A condition as the family's sockets can meet it: true if all do, false if none does;
 * undefined if it cannot be said to the kernel.
 */
function conditionFor(
  condition: Condition,
  family: number,
): Condition | boolean | undefined {
  switch (condition.is) {
    case "port":
      return portCondition(condition);
    case "host": {
      const { address: { length }, prefix, port = 0 } = condition;
      if (length === 16 && family === AF_INET) return false;
      const sayable = (length === 0 || length === 4 || length === 16) &&
        isWithin(prefix, 8 * length) && isWithin(port, PORT_MOST);
      return sayable ? condition : undefined;
    }
    case "interface":
      return isWithin(condition.index, WORD_MOST) ? condition : undefined;
    case "mark": {
      const { mark, mask } = condition;
      const sayable = isWithin(mark, WORD_MOST) && isWithin(mask, WORD_MOST);
      return sayable ? condition : undefined;
    }
    case "cgroup":
      return isLong(condition.id) ? condition : undefined;
    case "autobound":
      return condition;
  }
}

/** A comparison of ports; one with a number that no port has is true or false of all. */
function portCondition(
  condition: Condition & { is: "port" },
): Condition | boolean | undefined {
  const { end, op, port } = condition;
  if (!Number.isInteger(port)) return undefined;
  if (op === ">=" && port <= 0) return true;
  if (op === "<=" && port >= PORT_MOST) return true;
  if (port < 0 || port > PORT_MOST) return false;
  // kernels before 5.12 do not know equality, but ports of hosts
  return op === "="
    ? { is: "host", end, address: NO_ADDRESS, prefix: 0, port }
    : condition;
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

/** Whether a number has 64 bits, and is known exactly. */
function isLong(value: Long): boolean {
  return typeof value === "bigint"
    ? value >= 0n && value < 2n ** 64n
    : Number.isSafeInteger(value) && value >= 0;
}
