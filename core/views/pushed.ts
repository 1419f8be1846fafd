/**
 * From the tests of a question to what the kernel can choose sockets by. What comes is
 * looked at again, so that a test which it does not know is just left out.
 *
 * @module
 */

import type { Conjunct } from "../query/compile.ts";
import type { Meaning } from "../query/literal.ts";
import type { End, Tree } from "../system/bytecode.ts";
import { type Filter, pushDown, type Pushed } from "../system/diag_filter.ts";

/** Any socket can be meant. */
const ANY: Filter = { is: "and", all: [] };

/**
 * What the kernel is asked for of a family's sockets, among those in the states that are
 * listed. Undefined if none of them can be meant.
 */
export function pushedOf(
  tests: readonly Conjunct[],
  { family, named, listed }: {
    readonly family: number;
    readonly named: Readonly<Record<string, number>>;
    readonly listed: number;
  },
): Pushed | undefined {
  const pushed = pushDown(filterOf(tests, named), family);
  const states = pushed === undefined ? 0 : (pushed.states & listed) >>> 0;
  return states === 0 ? undefined : { ...pushed, states };
}

/** What must be so of every socket that is asked for; `named` are the bits of each state. */
export function filterOf(
  tests: readonly Conjunct[],
  named: Readonly<Record<string, number>> = {},
): Filter {
  return { is: "and", all: tests.map((test) => testOf(test, named)) };
}

/** A test as the kernel knows it; one that it does not know says nothing. */
function testOf(
  { key, op, values }: Conjunct,
  named: Record<string, number>,
): Filter {
  if (op === "in" || op === "not in") {
    const some: Filter[] = [];
    for (const value of values) {
      const one = valueOf(key, value, named);
      if (one === undefined) return ANY;
      some.push(one);
    }
    const any: Filter = { is: "or", all: some };
    return op === "in" ? any : { is: "not", one: any };
  }
  const end = PORTS[key];
  const [value] = values;
  if (end === undefined || value?.is !== "numbers") return ANY;
  const port = Number(value.from);
  switch (op) {
    case ">=":
      return atLeast(end, port);
    case "<=":
      return atMost(end, port);
    case ">":
      return { is: "not", one: atMost(end, port) };
    case "<":
      return { is: "not", one: atLeast(end, port) };
  }
}

const PORTS: Readonly<Record<string, End>> = {
  local_port: "local",
  foreign_port: "foreign",
};

const HOSTS: Readonly<Record<string, End>> = {
  local_address: "local",
  foreign_address: "foreign",
};

const WORD_MOST = 0xffff_ffff;

/** That a column has this value; undefined if that cannot be said. */
function valueOf(
  key: string,
  value: Meaning,
  named: Record<string, number>,
): Filter | undefined {
  const port = PORTS[key];
  const host = HOSTS[key];
  if (port !== undefined && value.is === "numbers") {
    const [from, to] = [Number(value.from), Number(value.to)];
    if (from === to) return { is: "port", end: port, op: "=", port: from };
    return { is: "and", all: [atLeast(port, from), atMost(port, to)] };
  }
  if (host !== undefined && value.is === "addresses") {
    const { from: address, length: prefix } = value;
    if (prefix === undefined) return undefined;
    return { is: "host", end: host, address, prefix };
  }
  if (key === "state" && value.is === "text") {
    const states = Object.hasOwn(named, value.text) ? named[value.text] : 0;
    return { is: "states", states: states! };
  }
  if (value.is !== "numbers" || value.from != value.to) return undefined;
  switch (key) {
    case "ifindex":
      return { is: "interface", index: Number(value.from) };
    case "mark":
      return { is: "mark", mark: Number(value.from), mask: WORD_MOST };
    case "cgroup_id":
      return { is: "cgroup", id: value.from };
    default:
      return undefined;
  }
}

type Ports = Tree<Extract<Filter, { is: "port" }>>;

function atLeast(end: End, port: number): Ports {
  return { is: "port", end, op: ">=", port };
}

function atMost(end: End, port: number): Ports {
  return { is: "port", end, op: "<=", port };
}
