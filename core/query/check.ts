/**
 * Whether an expression can be asked: each key is one of a column, and each value
 * fits it, as `literal.ts` says. All of it is known before any file is opened.
 *
 * @module
 */

import { isNumeric } from "../contract/column.ts";
import { fromUtf8 } from "../contract/line.ts";
import type { Kind } from "../contract/family.ts";
import { QuestionError, quoted, type Written } from "./error.ts";
import type {
  Comparison,
  Expression,
  Item,
  Key,
  Literal,
  Test,
} from "./expression.ts";
import {
  equalFolded,
  type Fitting,
  meaningOf,
  Misfit,
  objectsAdvice,
} from "./literal.ts";
import {
  type AnyColumn,
  type Found,
  type Path,
  type Schemas,
} from "./schema.ts";

/** How two values are put in order. */
export type Order = Exclude<Comparison, "=" | "!=">;

/** A test that can be asked. */
export type BoundTest =
  & {
    /** What is tested. */
    readonly path: Path;
  }
  & (
    | {
      readonly is: "in";
      readonly not: boolean;
      readonly items: readonly Item[];
      readonly fitting: Fitting;
    }
    | {
      readonly is: "order";
      readonly op: Order;
      readonly literal: Literal;
      readonly fitting: Fitting;
    }
    | { readonly is: "match"; readonly not: boolean; readonly pattern: RegExp }
    | { readonly is: "keys"; readonly op: Comparison; readonly other: Path }
    | { readonly is: "null"; readonly not: boolean }
    | { readonly is: "true" }
  );

/** An expression that can be asked. */
export type Bound =
  | { readonly is: "all" | "any"; readonly terms: readonly Bound[] }
  | { readonly is: "not"; readonly term: Bound }
  | BoundTest;

/** What an expression is checked against. */
export interface Checking {
  /** What the user wrote. */
  readonly written: Written;
  /** The relations that are asked. */
  readonly schemas: Schemas;
  /** The port of a service; undefined if there is none of this name. */
  services(name: string): number | undefined;
}

/** Says what an expression means. Throws {@linkcode QuestionError}. */
export function check(expression: Expression, checking: Checking): Bound {
  switch (expression.is) {
    case "all":
    case "any":
      return {
        is: expression.is,
        terms: expression.terms.map((term) => check(term, checking)),
      };
    case "not":
      return { is: "not", term: check(expression.term, checking) };
    default:
      return new TestCheck(expression, checking).bound();
  }
}

/** The column that a key means. Throws {@linkcode QuestionError}. */
export function findKey(
  { name, at }: Key,
  { written, schemas }: Pick<Checking, "written" | "schemas">,
): Found {
  const found = schemas.find(name);
  if (found !== undefined) return found;
  const near = schemas.near(name).map((one) => `'${one}'`);
  const meant = near.length > OFFERED_MOST
    ? `${near.slice(0, OFFERED_MOST).join(", ")}, or one like them`
    : near.join(" or ");
  throw new QuestionError(written, at, noColumn(name, meant));
}

/** So many names are offered in place of one that there is not. */
const OFFERED_MOST = 3;

function noColumn(name: string, meant: string): string {
  const hint = meant === "" ? "" : `; did you mean ${meant}?`;
  return `no column ${quoted(name)}${hint} (--columns help lists them)`;
}

class TestCheck {
  readonly #test: Test;
  readonly #checking: Checking;
  readonly #found: Found;
  /** The column in each relation that has it; one key has one kind. */
  readonly #columns: readonly [AnyColumn, ...AnyColumn[]];
  readonly #kind: Kind;
  readonly #fitting: Fitting;

  constructor(test: Test, checking: Checking) {
    this.#test = test;
    this.#checking = checking;
    if (test.is === "true") this.#refuseValue(test.key);
    this.#found = findKey(test.key, checking);
    this.#columns = checking.schemas.columnsAt(this.#found.path);
    this.#kind = this.#columns[0].kind;
    this.#fitting = {
      name: test.key.name,
      short: this.#found.short,
      words: this.#kind === "name"
        ? checking.schemas.wordsOf(this.#found.path)
        : undefined,
      services: checking.services,
    };
  }

  bound(): BoundTest {
    const test = this.#test;
    const { path } = this.#found;
    if (test.is === "null") return { is: "null", path, not: test.not };
    if (this.#kind === "objects") {
      this.#fail(
        test.key.at,
        objectsAdvice(this.#columns[0], test.key.name),
      );
    }
    switch (test.is) {
      case "true":
        if (this.#kind !== "boolean") {
          this.#fail(
            test.at,
            `${test.key.name} is not true or false: write what it must be, as ` +
              `${test.key.name} = ${this.#example()}, and quotes around it all`,
          );
        }
        return { is: "true", path };
      case "match":
        return {
          is: "match",
          path,
          not: test.not,
          pattern: this.#pattern(test),
        };
      case "in":
        return this.#in(test.items, test.not);
      case "compare":
        return this.#compare(test);
    }
  }

  /** Fails if a word of a closed list stands where a column must. */
  #refuseValue({ name, at }: Key): void {
    const { schemas } = this.#checking;
    if (schemas.find(name) !== undefined) return;
    const value = schemas.nameOf(name);
    if (value === undefined) return;
    this.#fail(at, noColumn(name, `${value.key} = ${value.word}`));
  }

  #compare(
    { op, right, at }: Extract<Test, { is: "compare" }>,
  ): BoundTest {
    const isOrder = op !== "=" && op !== "!=";
    if (isOrder && (this.#kind === "name" || this.#kind === "boolean")) {
      const what = this.#kind === "name" ? "is a name" : "is true or false";
      this.#fail(at, `${this.#name} ${what}: only = and != compare it`);
    }
    const other = this.#otherKey(right);
    if (other !== undefined) {
      return { is: "keys", path: this.#found.path, op, other };
    }
    const item = right as Item;
    if (!isOrder) return this.#in([item], op === "!=");
    const literal = item as Literal;
    this.#fit(literal);
    for (const column of this.#columns) {
      const meaning = meaningOf(column, literal, this.#fitting);
      if (
        meaning instanceof Misfit || meaning.is !== "addresses" ||
        meaning.length === 8 * meaning.from.length
      ) continue;
      this.#fail(literal.at, "a network is compared by = or in");
    }
    return {
      is: "order",
      path: this.#found.path,
      op,
      literal,
      fitting: this.#fitting,
    };
  }

  #in(items: readonly Item[], not: boolean): BoundTest {
    for (const item of items) this.#fit(item);
    return {
      is: "in",
      path: this.#found.path,
      not,
      items,
      fitting: this.#fitting,
    };
  }

  /** Fails if a value fits the column of no relation. */
  #fit(item: Item): void {
    const misfit = this.#misfit(item);
    if (misfit !== undefined) this.#fail(misfit.at, misfit.advice);
  }

  /** Why a value fits the column of no relation, if that is so. */
  #misfit(item: Item): Misfit | undefined {
    let misfit: Misfit | undefined;
    for (const column of this.#columns) {
      const meaning = meaningOf(column, item, this.#fitting);
      if (!(meaning instanceof Misfit)) return undefined;
      misfit ??= meaning;
    }
    return misfit;
  }

  get #name(): string {
    return this.#test.key.name;
  }

  /** The other column, if a key stands at the right. */
  #otherKey(right: Item | Key): Path | undefined {
    if ("from" in right) return undefined;
    if ("name" in right) return this.#comparable(right).path;
    if (right.quoted) return undefined;
    const found = this.#checking.schemas.find(right.text);
    if (found === undefined) return undefined;
    if (this.#kind === "name") {
      const { words = [] } = this.#fitting;
      if (words.some((word) => equalFolded(word, right.text))) return undefined;
    }
    const isText = this.#kind === "port"
      ? this.#fitting.services(right.text) !== undefined
      : classOf(this.#kind) === "string" && this.#fitting.words === undefined;
    if (isText) {
      this.#fail(
        right.at,
        `there is a column of this name, too: write '${right.text}' for the ` +
          `text, \`${right.text}\` for the column`,
      );
    }
    if (
      !this.#isComparable(found.path) && this.#misfit(right) === undefined
    ) return undefined;
    return this.#comparable({ name: right.text, at: right.at }).path;
  }

  /** The column of a key that this one is compared with. */
  #comparable(key: Key): Found {
    const found = findKey(key, this.#checking);
    const [column] = this.#checking.schemas.columnsAt(found.path);
    if (found.path.length > 1 || isList(column.kind)) {
      this.#fail(
        key.at,
        `${key.name} is a list: it must stand at the left, and one value here`,
      );
    }
    if (this.#isComparable(found.path)) return found;
    this.#fail(
      key.at,
      `${this.#name} is ${KINDS[this.#kind]} and ${key.name} is ${
        KINDS[column.kind]
      }: they cannot be compared`,
    );
  }

  #isComparable(path: Path): boolean {
    const [column] = this.#checking.schemas.columnsAt(path);
    return areComparable(this.#kind, column.kind);
  }

  #pattern({ pattern, at }: Extract<Test, { is: "match" }>): RegExp {
    if (isNumeric(this.#kind) || this.#kind === "boolean") {
      this.#fail(
        at,
        `${this.#name} is ${
          KINDS[this.#kind]
        }: only texts are matched; write = ` +
          "or in",
      );
    }
    try {
      return patternOf(fromUtf8(pattern.text));
    } catch (error) {
      const [, reason = ""] = /: ([^:]*)$/.exec((error as Error).message) ?? [];
      this.#fail(
        pattern.at,
        `this is no regular expression of ECMAScript: ${reason.toLowerCase()}`,
      );
    }
  }

  #example(): string {
    switch (this.#kind) {
      case "integer":
        return "42";
      case "ratio":
        return "5%";
      case "duration":
        return "10ms";
      case "port":
        return "443";
      case "address":
        return "10.0.0.1";
      case "name":
        return this.#fitting.words?.[0] ?? "word";
      default:
        return "'text'";
    }
  }

  #fail(at: number, advice: string): never {
    throw new QuestionError(this.#checking.written, at, advice);
  }
}

/** What only a pattern of whole characters can mean. */
const BEYOND_BMP = /\\[pPu]\{|\\u[dD][89a-fA-F]|[\u{10000}-\u{10ffff}]/u;

/**
 * A pattern, of whole characters if it must be. V8 cannot match such a one in linear
 * time, and others control the texts: see `--v8-flags` in the build.
 */
function patternOf(source: string): RegExp {
  const pattern = new RegExp(source, "u");
  return BEYOND_BMP.test(source) ? pattern : new RegExp(source);
}

/** Kinds as they are called in messages. */
const KINDS: Readonly<Record<Kind, string>> = {
  integer: "a number",
  ratio: "a ratio",
  duration: "a duration",
  boolean: "true or false",
  string: "a text",
  name: "a name",
  address: "an address",
  port: "a port",
  strings: "a list of texts",
  objects: "a list of objects",
};

function isList(kind: Kind): boolean {
  return kind === "strings" || kind === "objects";
}

/** Whether values of one kind can be compared with those of another one. */
export function areComparable(a: Kind, b: Kind): boolean {
  const [left, right] = [classOf(a), classOf(b)];
  return left === right && right !== "objects";
}

/** Kinds that are compared with one another share a class. */
function classOf(kind: Kind): Kind {
  if (kind === "port") return "integer";
  return kind === "name" || kind === "strings" ? "string" : kind;
}
