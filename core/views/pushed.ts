/**
 * From the tests of a question to what the kernel can choose sockets by. What comes is
 * looked at again, so that whatever cannot be said to the kernel is unknown to it.
 *
 * @module
 */

import type { ColumnTest, Tests } from "../query/compile.ts";
import type { Meaning } from "../query/literal.ts";
import type { Condition, End } from "../system/bytecode.ts";
import { type Filter, pushDown, type Pushed } from "../system/diag_filter.ts";

const UNKNOWN: Filter = { is: "unknown" };

/**
 * What the kernel is asked for of a family's sockets, among those in the states that are
 * listed. Undefined if none of them can be meant.
 */
export function pushedOf(
  tests: Tests | undefined,
  { family, named, listed }: {
    readonly family: number;
    readonly named: Readonly<Record<string, number>>;
    readonly listed: number;
  },
): Pushed | undefined {
  const filter = tests === undefined ? UNKNOWN : filterOf(tests, named);
  const pushed = pushDown(filter, family);
  const states = pushed === undefined ? 0 : (pushed.states & listed) >>> 0;
  return states === 0 ? undefined : { ...pushed, states };
}

/** What is asked of a socket; `named` are the bits of each state. */
export function filterOf(
  tests: Tests,
  named: Readonly<Record<string, number>> = {},
): Filter {
  switch (tests.is) {
    case "all":
    case "any": {
      const all = tests.terms.map((term) => filterOf(term, named));
      return { is: tests.is === "all" ? "and" : "or", all };
    }
    case "not":
      return { is: "not", one: filterOf(tests.term, named) };
    case "unknown":
      return UNKNOWN;
    default:
      return testOf(tests, named);
  }
}

/** A test, which is true of what is known only. */
function testOf(
  { is, key, values }: ColumnTest,
  named: Record<string, number>,
): Filter {
  const end = PORTS[key];
  if (is === "in" || is === "not in") {
    const all = values.map((value) => valueOf(key, value, named));
    const any: Filter = { is: "or", all };
    if (is === "in") return any;
    const other: Filter = { is: "not", one: any };
    return end ?? HOSTS[key] ? other : ifKnown(other);
  }
  const [value] = values;
  if (end === undefined || value?.is !== "numbers") return UNKNOWN;
  const port = Number(value.from);
  switch (is) {
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

/** What is true only where we are told a value, which the kernel may not do. */
function ifKnown(filter: Filter): Filter {
  return { is: "and", all: [UNKNOWN, filter] };
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

/** That a column has this value. */
function valueOf(
  key: string,
  value: Meaning,
  named: Record<string, number>,
): Filter {
  const port = PORTS[key];
  const host = HOSTS[key];
  if (port !== undefined && value.is === "numbers") {
    const [from, to] = [Number(value.from), Number(value.to)];
    if (from === to) return { is: "port", end: port, op: "=", port: from };
    return { is: "and", all: [atLeast(port, from), atMost(port, to)] };
  }
  if (host !== undefined && value.is === "addresses") {
    const { from: address, length: prefix } = value;
    if (prefix === undefined) return UNKNOWN;
    return { is: "host", end: host, address, prefix };
  }
  if (key === "state" && value.is === "text") {
    const states = Object.hasOwn(named, value.text) ? named[value.text] : 0;
    return { is: "states", states: states! };
  }
  if (value.is !== "numbers" || value.from != value.to) return UNKNOWN;
  switch (key) {
    case "ifindex":
      return { is: "interface", index: Number(value.from) };
    case "mark": {
      const mark = Number(value.from);
      return ifKnown({ is: "mark", mark, mask: WORD_MOST });
    }
    case "cgroup_id":
      return ifKnown({ is: "cgroup", id: value.from });
    default:
      return UNKNOWN;
  }
}

function atLeast(end: End, port: number): Condition {
  return { is: "port", end, op: ">=", port };
}

function atMost(end: End, port: number): Condition {
  return { is: "port", end, op: "<=", port };
}
