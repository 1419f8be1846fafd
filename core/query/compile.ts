/**
 * An expression becomes a function of a row. What is known of a relation without any
 * row, its head and that it does not have a column, is worked out here, so that a
 * file need not be opened for it.
 *
 * Tests of numbers, names of closed lists and addresses make neither strings nor
 * objects, as long as the column's `value` makes none or it has a `span`.
 *
 * A test of null is false, whatever the operator: `not` makes it true.
 *
 * @module
 */

import { isNumeric } from "../contract/column.ts";
import type { Long, Span, Value, View } from "../contract/family.ts";
import { Address, spanOf } from "../contract/ip.ts";
import { fromUtf8 } from "../contract/line.ts";
import type { Shown } from "../contract/sink.ts";
import { areComparable, type Bound, type BoundTest } from "./check.ts";
import type { Comparison } from "./expression.ts";
import {
  compareInternet,
  compareStretches,
  emptySpan,
  ipv4Of,
  parseInternet,
  word,
} from "./internet.ts";
import {
  equalFolded,
  type Meaning,
  meaningOf,
  microsecondsOf,
  Misfit,
} from "./literal.ts";
import { type AnyColumn, columnOf, type Path, type Schema } from "./schema.ts";

/** Whether a row is one of those that were asked for. */
// deno-lint-ignore no-explicit-any
export type Keep = (row: any, view: View) => boolean;

/** What an expression comes to for one relation. */
export interface Compiled {
  /** Tells rows apart; true keeps all of them, false none. */
  readonly keep: Keep | boolean;
  /** The columns that it looks at; none if no row has to be looked at. */
  readonly used: readonly Shown[];
  /** What it asks of a row, for whoever can choose among rows sooner. */
  readonly tests: Tests;
}

/**
 * What an expression asks of a row: tests of single columns, joined. `unknown` stands for
 * whatever else is asked there.
 */
export type Tests =
  | { readonly is: "all" | "any"; readonly terms: readonly Tests[] }
  | { readonly is: "not"; readonly term: Tests }
  | ColumnTest
  | { readonly is: "unknown" };

/** A test of one column by values. It is false of null, whatever the operator. */
export interface ColumnTest {
  /** How it is compared. A value of `in` is one of these, one of `<` is the only one. */
  readonly is: "in" | "not in" | "<" | "<=" | ">" | ">=";
  /** The key of the column. */
  readonly key: string;
  /** With what: numbers in the unit of the column, both ends of a range included. */
  readonly values: readonly Meaning[];
}

/** Makes the function for the rows of one relation. */
export function compile(bound: Bound, schema: Schema): Compiled {
  switch (bound.is) {
    case "all":
    case "any": {
      const isAll = bound.is === "all";
      const terms: Compiled[] = [];
      for (const term of bound.terms) {
        const compiled = compile(term, schema);
        // one that decides for all; one that does not matter
        if (compiled.keep === !isAll) return compiled;
        if (compiled.keep !== isAll) terms.push(compiled);
      }
      if (terms.length === 0) return decided(isAll);
      const keeps = terms.map(({ keep }) => keep as Keep);
      return {
        keep: isAll ? all(keeps) : any(keeps),
        used: terms.flatMap(({ used }) => used),
        tests: { is: bound.is, terms: terms.map(({ tests }) => tests) },
      };
    }
    case "not": {
      const { keep, used, tests } = compile(bound.term, schema);
      if (typeof keep === "boolean") return decided(!keep);
      return {
        keep: (row, view) => !keep(row, view),
        used,
        tests: { is: "not", term: tests },
      };
    }
    default:
      return compileTest(bound, schema);
  }
}

/** What is known without any row. */
function decided(keep: boolean): Compiled {
  return { keep, used: [], tests: { is: keep ? "all" : "any", terms: [] } };
}

/** The terms that must all be true; one for an expression that is something else. */
export function conjunctsOf(bound: Bound): Bound[] {
  return bound.is === "all" ? bound.terms.flatMap(conjunctsOf) : [bound];
}

/** The function that keeps what all of these keep. */
export function all(keeps: readonly Keep[]): Keep {
  const [a, b, c] = keeps;
  if (b === undefined) return a!;
  if (c === undefined) return (row, view) => a!(row, view) && b(row, view);
  if (keeps.length === 3) {
    return (row, view) => a!(row, view) && b(row, view) && c(row, view);
  }
  return (row, view) => {
    for (const keep of keeps) if (!keep(row, view)) return false;
    return true;
  };
}

function any(keeps: readonly Keep[]): Keep {
  const [a, b, c] = keeps;
  if (b === undefined) return a!;
  if (c === undefined) return (row, view) => a!(row, view) || b(row, view);
  if (keeps.length === 3) {
    return (row, view) => a!(row, view) || b(row, view) || c(row, view);
  }
  return (row, view) => {
    for (const keep of keeps) if (keep(row, view)) return true;
    return false;
  };
}

function compileTest(test: BoundTest, schema: Schema): Compiled {
  const paths = test.is === "keys" ? [test.path, test.other] : [test.path];
  if (paths.some((path) => columnOf(schema, path) === undefined)) {
    return decided(test.is === "null" && !test.not);
  }
  const keep = test.is === "keys"
    ? keysTest(test, schema)
    : test.is === "null"
    ? nullTest(test, schema)
    : valueTest(test, schema);
  if (paths.every(([key]) => isConstant(key, schema))) {
    return decided(keep(undefined, undefined as unknown as View));
  }
  const used = paths.map(([key]) => ({
    key,
    column: columnOf(schema, [key])!,
  }));
  return { keep, used, tests: testsOf(test, schema) };
}

function testsOf(test: BoundTest, schema: Schema): Tests {
  const { path } = test;
  const isOfValues = test.is === "in" || test.is === "order";
  if (!isOfValues || path.length > 1) return { is: "unknown" };
  const is = test.is === "order" ? test.op : test.not ? "not in" : "in";
  const column = columnOf(schema, path)!;
  return { is, key: path[0], values: meaningsOf(test, column) };
}

/** Whether a key has the same value in all rows. */
function isConstant(key: string, { head }: Schema): boolean {
  return (head[key] ?? null) !== null;
}

/** A test of the column that a path leads to: of any of the objects on the way. */
function atPath(
  schema: Schema,
  path: Path,
  make: (column: AnyColumn) => Keep,
): Keep {
  const [key, ...rest] = path;
  const columns = [columnOf(schema, [key])!];
  for (const name of rest) columns.push(columns.at(-1)!.each![name]!);
  let keep = make(columns.pop()!);
  for (const column of columns.reverse()) keep = anyObject(column, keep);
  return keep;
}

function anyObject(column: AnyColumn, keep: Keep): Keep {
  return (row, view) => {
    const objects = column.value(row, view) as readonly object[] | null;
    if (objects === null) return false;
    for (const object of objects) if (keep(object, view)) return true;
    return false;
  };
}

/** A test of texts in a list is true if it is of one of them. */
function anyText(column: AnyColumn, keep: (text: string) => boolean): Keep {
  return (row, view) => {
    const texts = column.value(row, view) as readonly (string | null)[] | null;
    if (texts === null) return false;
    for (const text of texts) if (text !== null && keep(text)) return true;
    return false;
  };
}

/** A list is null if nothing in it is known. */
function nullTest(
  { path, not }: Extract<BoundTest, { is: "null" }>,
  schema: Schema,
): Keep {
  const known = atPath(schema, path, (column) => {
    if (column.kind === "strings") return anyText(column, () => true);
    if (column.kind === "objects") return anyObject(column, () => true);
    if (column.span !== undefined) {
      const span = emptySpan();
      return (row) => column.span!(row, span);
    }
    return (row, view) => column.value(row, view) !== null;
  });
  return not ? known : (row, view) => !known(row, view);
}

/** A test of one column by values, or a bare key. */
type ValueTest = Exclude<BoundTest, { is: "null" | "keys" }>;

/** A test by values that are compared. */
type Compared = Extract<BoundTest, { is: "in" | "order" }>;

function valueTest(test: ValueTest, schema: Schema): Keep {
  return atPath(schema, test.path, (column) => {
    if (test.is === "true") {
      return (row, view) => column.value(row, view) === true;
    }
    if (test.is === "match") return onText(column, matchTest(test));
    if (isNumeric(column.kind)) return numericTest(column, test);
    if (column.kind === "boolean") return booleanTest(column, test);
    if (column.kind === "address" && column.span !== undefined) {
      return spanTest(column, test);
    }
    if (column.kind === "objects") return () => false;
    return textColumnTest(column, test);
  });
}

/** What the values of a test mean to a column; one that does not fit it is no value of it. */
function meaningsOf(test: Compared, column: AnyColumn): Meaning[] {
  const items = test.is === "in" ? test.items : [test.literal];
  return items.map((item) => meaningOf(column, item, test.fitting))
    .filter((meaning): meaning is Meaning => !(meaning instanceof Misfit));
}

/** The meanings of one sort. */
function only<Is extends Meaning["is"]>(
  meanings: readonly Meaning[],
  is: Is,
): Extract<Meaning, { is: Is }>[] {
  return meanings.filter((m) => m.is === is) as Extract<Meaning, { is: Is }>[];
}

/** What a test comes to where none of its values fits the column. */
function misfitTest(test: Compared, column: AnyColumn): Keep {
  if (test.is === "order" || !test.not) return () => false;
  return (row, view) => column.value(row, view) !== null;
}

function numericTest(column: AnyColumn, test: Compared): Keep {
  const ranges = only(meaningsOf(test, column), "numbers");
  if (ranges.length === 0) return misfitTest(test, column);
  const { from, to } = ranges[0]!;
  if (test.is === "order") return numericOrder(column, test.op, from);
  const { not } = test;
  if (ranges.length > 1) return numericSet(column, ranges, not);
  // == compares numbers with bigints, too
  if (from != to) {
    return (row, view) => {
      const value = column.value(row, view) as Long | null;
      return value !== null && (value >= from && value <= to) !== not;
    };
  }
  if (!not) return (row, view) => column.value(row, view) as Long == from;
  return (row, view) => {
    const value = column.value(row, view) as Long | null;
    return value !== null && value != from;
  };
}

function numericSet(
  column: AnyColumn,
  ranges: readonly Extract<Meaning, { is: "numbers" }>[],
  not: boolean,
): Keep {
  // a large number may be a bigint or not, which a set would tell apart
  const isSingle = ({ from, to }: (typeof ranges)[number]) =>
    from == to && Number.isSafeInteger(from);
  const single = new Set(ranges.filter(isSingle).map(({ from }) => from));
  const wide = ranges.filter((range) => !isSingle(range));
  return (row, view) => {
    const value = column.value(row, view) as Long | null;
    if (value === null) return false;
    // a column can have small numbers as bigints, too
    if (single.has(Number(value))) return !not;
    for (const { from, to } of wide) {
      if (value >= from && value <= to) return !not;
    }
    return not;
  };
}

function numericOrder(column: AnyColumn, op: Comparison, than: Long): Keep {
  const value = column.value.bind(column) as (
    row: unknown,
    view: View,
  ) => Long | null;
  switch (op) {
    case "<":
      return (row, view) => {
        const number = value(row, view);
        return number !== null && number < than;
      };
    case "<=":
      return (row, view) => {
        const number = value(row, view);
        return number !== null && number <= than;
      };
    case ">":
      return (row, view) => {
        const number = value(row, view);
        return number !== null && number > than;
      };
    default:
      return (row, view) => {
        const number = value(row, view);
        return number !== null && number >= than;
      };
  }
}

function booleanTest(column: AnyColumn, test: Compared): Keep {
  const truths = only(meaningsOf(test, column), "boolean")
    .map(({ value }) => value);
  const not = test.is === "in" && test.not;
  return (row, view) => {
    const value = column.value(row, view) as boolean | null;
    return value !== null && truths.includes(value) !== not;
  };
}

/** A test of the bytes of an Internet address. */
function spanTest(column: AnyColumn, test: Compared): Keep {
  const ranges = only(meaningsOf(test, column), "addresses");
  if (ranges.length === 0) return misfitTest(test, column);
  const span = emptySpan();
  if (test.is === "order") {
    const than = {
      bytes: ranges[0]!.from,
      from: 0,
      to: ranges[0]!.from.length,
    };
    const holds = relation(test.op);
    return (row) =>
      column.span!(row, span) && holds(compareInternet(span, than), 0);
  }
  const { not } = test;
  const isIn = inRanges(ranges);
  return (row) => column.span!(row, span) && isIn(span) !== not;
}

type Ranges = readonly Extract<Meaning, { is: "addresses" }>[];

/**
 * Tells whether an address is in one of these ranges. Those of IPv4 have the
 * addresses that are mapped from it as well; those of IPv6 have no IPv4 address.
 */
function inRanges(ranges: Ranges): (span: Span) => boolean {
  const four = ranges.filter(({ from }) => from.length === 4)
    .map(({ from, to }) => ({ from: word(from, 0), to: word(to, 0) }));
  const six = ranges.filter(({ from }) => from.length === 16);
  if (four.length === 1 && six.length === 0) {
    const { from, to } = four[0]!;
    return (span) => {
      const address = ipv4Of(span);
      return address >= from && address <= to;
    };
  }
  return (span) => {
    const address = four.length > 0 ? ipv4Of(span) : -1;
    if (address >= 0) {
      for (const { from, to } of four) {
        if (address >= from && address <= to) return true;
      }
    }
    if (span.to - span.from !== 16) return false;
    for (const { from, to } of six) {
      if (isBetween(span, from, to)) return true;
    }
    return false;
  };
}

function isBetween(span: Span, from: Uint8Array, to: Uint8Array): boolean {
  return compareStretches(span.bytes, span.from, span.to, from, 0, 16) >= 0 &&
    compareStretches(span.bytes, span.from, span.to, to, 0, 16) <= 0;
}

/** A test of a column whose values are texts, or addresses as they are spelled. */
function textColumnTest(column: AnyColumn, test: Compared): Keep {
  const meanings = meaningsOf(test, column);
  if (meanings.length === 0) return misfitTest(test, column);
  if (test.is === "order") {
    const [meaning] = meanings;
    const text = (meaning as Extract<Meaning, { is: "text" }>).text;
    const holds = relation(test.op);
    return onText(
      column,
      meaning!.is === "addresses" || column.kind === "address"
        ? (value) => holds(compareSpelled(value, text), 0)
        : (value) => holds(value, text),
    );
  }
  const texts = only(meanings, "text");
  const exact = texts.filter(({ folded }) => !folded).map(({ text }) => text);
  const folded = texts.filter(({ folded }) => folded).map(({ text }) => text);
  const ranges = only(meanings, "addresses");
  const { not } = test;
  if (
    meanings.length === 1 && exact.length === 1 && column.span !== undefined
  ) {
    return bytesTest(column, exact[0]!, not);
  }
  if (meanings.length === 1 && folded.length === 1) {
    const [text] = folded;
    return onText(column, (value) => equalFolded(value, text!) !== not);
  }
  const among = new Set(exact);
  const isIn = ranges.length > 0 ? spelledIn(ranges) : () => false;
  return onText(
    column,
    (value) =>
      (among.has(value) || folded.some((text) => equalFolded(value, text)) ||
        isIn(value)) !== not,
  );
}

/** A test of the bytes of a text. */
function bytesTest(column: AnyColumn, text: string, not: boolean): Keep {
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  const { length } = bytes;
  const span = emptySpan();
  return (row) => {
    if (!column.span!(row, span)) return false;
    const { from, to } = span;
    const isEqual = to - from === length &&
      compareStretches(span.bytes, from, to, bytes, 0, length) === 0;
    return isEqual !== not;
  };
}

/** {@linkcode inRanges} of an address as it is spelled, with or without a length. */
function spelledIn(ranges: Ranges): (text: string) => boolean {
  const isIn = inRanges(ranges);
  const address = new Address();
  const span = emptySpan();
  return (text) => {
    const slash = text.indexOf("/");
    const host = slash < 0 ? text : text.slice(0, slash);
    return parseInternet(host, address) && spanOf(address, span) && isIn(span);
  };
}

const LEFT = { address: new Address(), span: emptySpan() };
const RIGHT = { address: new Address(), span: emptySpan() };

/**
 * Less than, equal to, or greater than 0, as two addresses follow one another: those
 * of the Internet first, others as they are spelled.
 */
function compareSpelled(a: string, b: string): number {
  const left = parseInternet(a, LEFT.address);
  const right = parseInternet(b, RIGHT.address);
  if (left && right) {
    spanOf(LEFT.address, LEFT.span);
    spanOf(RIGHT.address, RIGHT.span);
    return compareInternet(LEFT.span, RIGHT.span);
  }
  if (left || right) return left ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function matchTest(
  { pattern, not }: Extract<BoundTest, { is: "match" }>,
): (text: string) => boolean {
  return (text) => pattern.test(charactersOf(text, pattern)) !== not;
}

/** The characters of a byte string, each of them one to the pattern. */
function charactersOf(text: string, { unicode }: RegExp): string {
  if (!NOT_ASCII.test(text)) return text;
  const characters = fromUtf8(text);
  return unicode ? characters : characters.replaceAll(PAIR, ANY);
}

const NOT_ASCII = /[\x80-\xff]/;
/** What takes two places; a pattern that tells such apart is of whole characters. */
const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;
const ANY = "\ufffd";

/** A test of a column's text, or of any text of a list. */
function onText(column: AnyColumn, keep: (text: string) => boolean): Keep {
  if (column.kind === "strings") return anyText(column, keep);
  return (row, view) => {
    const text = column.value(row, view) as string | null;
    return text !== null && keep(text);
  };
}

/** How two values that are not null are compared. */
// deno-lint-ignore no-explicit-any
type Relation = (a: any, b: any) => boolean;

function relation(op: Comparison): Relation {
  switch (op) {
    // == compares numbers with bigints, too
    case "=":
      return (a, b) => a == b;
    case "!=":
      return (a, b) => a != b;
    case "<":
      return (a, b) => a < b;
    case "<=":
      return (a, b) => a <= b;
    case ">":
      return (a, b) => a > b;
    case ">=":
      return (a, b) => a >= b;
  }
}

/** A test of two columns of a row. */
function keysTest(
  { path, op, other }: Extract<BoundTest, { is: "keys" }>,
  schema: Schema,
): Keep {
  const right = columnOf(schema, other)!;
  const holds = relation(op);
  if (path.length === 1) {
    const left = columnOf(schema, path)!;
    if (left.kind === "address" && left.span && right.span) {
      const [a, b] = [emptySpan(), emptySpan()];
      return (row) =>
        left.span!(row, a) && right.span!(row, b) &&
        holds(compareInternet(a, b), 0);
    }
    if (left.kind !== "strings") {
      const compares = comparing(left, right, holds);
      return (row, view) => {
        const a = left.value(row, view);
        const b = right.value(row, view);
        return a !== null && b !== null && compares(a, b);
      };
    }
  }
  // the value at the right is the same for all that the list at the left has
  let value: Value = null;
  const keep = atPath(schema, path, (column) => {
    const compares = comparing(column, right, holds);
    if (column.kind === "strings") {
      return anyText(column, (text) => compares(text, value));
    }
    return (row, view) => {
      const left = column.value(row, view);
      return left !== null && compares(left, value);
    };
  });
  return (row, view) => {
    value = right.value(row, view);
    return value !== null && keep(row, view);
  };
}

/** How values of two columns are compared. */
function comparing(
  left: AnyColumn,
  right: AnyColumn,
  holds: Relation,
): Relation {
  if (!areComparable(left.kind, right.kind)) return () => false;
  if (left.kind === "address") return (a, b) => holds(compareSpelled(a, b), 0);
  if (left.kind !== "duration" || left.unit === right.unit) return holds;
  const a = microsecondsOf(left);
  const b = microsecondsOf(right);
  return (x: Long, y: Long) => holds(Number(x) * a, Number(y) * b);
}
