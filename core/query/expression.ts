/**
 * Expressions of `--where`: from text to a tree. What a word means depends on the
 * column that it is compared with, so that the tree has words as they were written;
 * `check.ts` says whether they fit.
 *
 * ```text
 * expr    = term { "or" term }
 * term    = factor { "and" factor }
 * factor  = "not" factor | "(" expr ")" | test
 * test    = KEY OP item | KEY OP KEY | KEY "~" PATTERN | KEY "!~" PATTERN
 *         | KEY [ "not" ] "in" set | KEY "is" [ "not" ] "null" | KEY
 * OP      = "=" | "!=" | "<" | "<=" | ">" | ">="
 * set     = "(" item { "," item } ")" | value ".." value | ADDRESS "/" LENGTH
 * item    = value | value ".." value
 * value   = WORD | "'" text "'" | '"' text '"'
 * ```
 *
 * A quote inside of quotes is written twice. Behind `~` a pattern ends at a blank, or
 * at a `)` that it does not open; it can be quoted, too. A key can stand in backquotes.
 *
 * @module
 */

import { QuestionError, quoted, type Written } from "./error.ts";

/** A key as it was written. */
export interface Key {
  /** The key, or a short name, or `KEY.KEY` of objects. */
  readonly name: string;
  /** Where it stands, in bytes. */
  readonly at: number;
}

/** A value as it was written. */
export interface Literal {
  /** The text, without its quotes. */
  readonly text: string;
  /** Where it stands, in bytes. */
  readonly at: number;
  /** Whether it stands in quotes, so that it cannot be a key. */
  readonly quoted: boolean;
}

/** All from one value to another, both included. */
export interface Range {
  /** The least. */
  readonly from: Literal;
  /** The greatest. */
  readonly to: Literal;
}

/** One value or a range; an address with a length is one value. */
export type Item = Literal | Range;

/** How two values are compared. */
export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=";

/** A test of a row. */
export type Test =
  & {
    /** What is tested. */
    readonly key: Key;
    /** Where the operator stands, in bytes; of a bare key, the key. */
    readonly at: number;
  }
  & (
    | {
      readonly is: "compare";
      readonly op: Comparison;
      readonly right: Item | Key;
    }
    | {
      readonly is: "in";
      readonly not: boolean;
      readonly items: readonly Item[];
    }
    | { readonly is: "match"; readonly not: boolean; readonly pattern: Literal }
    | { readonly is: "null"; readonly not: boolean }
    | { readonly is: "true" }
  );

/** An expression. */
export type Expression =
  | { readonly is: "all" | "any"; readonly terms: readonly Expression[] }
  | { readonly is: "not"; readonly term: Expression }
  | Test;

/** Reads an expression. Throws {@linkcode QuestionError}. */
export function parseExpression(written: Written): Expression {
  return new Parser(written).whole();
}

/** What an expression is made of. */
interface Token {
  readonly kind:
    | "word"
    /** A text in quotes. */
    | "text"
    /** A key in backquotes. */
    | "key"
    /** An operator or a mark, which `text` has. */
    | "sign"
    | "end";
  readonly text: string;
  readonly at: number;
}

/** So deep may parentheses and `not` be nested. */
const DEPTH_MOST = 100;

const BLANK = /[ \t-\r]/;
const WORD = /[^ \t-\r()=<>!~,'"`]/;
const KEY = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;
const NETWORK = /^[0-9A-Fa-f:.]+\/\d+$/;
const UNIT = /^(us|ms|s|m|h|[KMG](iB)?(\/s)?|%)$/;
const COMPARISONS: readonly string[] = ["=", "!=", "<", "<=", ">", ">="];
const KEYWORDS: readonly string[] = ["and", "or", "not", "in", "is", "null"];

/** Signs of one character and more; the longest that fits is one. */
const SIGNS: readonly string[] = [
  "===",
  "!==",
  "!=",
  "!~",
  "<=",
  ">=",
  "<>",
  "==",
  "=~",
  "~=",
  "=!",
  "=<",
  "=>",
];

/** What other languages write in place of an operator. */
const OTHER_OPERATORS: Readonly<Record<string, string>> = {
  "===": "=",
  "==": "=",
  "!==": "!=",
  "<>": "!=",
  "=!": "!=",
  "!": "!=",
  "=~": "~",
  "~=": "~",
  "like": "~",
  "=<": "<=",
  "=>": ">=",
};

/** What other languages write in place of `and`, `or` and `not`. */
const OTHER_KEYWORDS: Readonly<Record<string, string>> = {
  "&&": "and",
  "&": "and",
  "||": "or",
  "|": "or",
  "!": "not",
};

const EXAMPLE = "as in state = LISTEN";

const TEXT_IN_QUOTES =
  "put quotes around a text that has blanks or signs in it";

class Parser {
  readonly #written: Written;
  readonly #text: string;
  /** Where the next token is looked for. */
  #at = 0;
  /** The token that is looked at. */
  #token: Token;

  constructor(written: Written) {
    this.#written = written;
    this.#text = written.text;
    this.#token = this.#read();
  }

  whole(): Expression {
    if (this.#isEnd()) {
      this.#fail(0, `there is nothing to test: write a column, ${EXAMPLE}`);
    }
    const expression = this.#any(0);
    if (this.#isEnd()) return expression;
    const { at } = this.#token;
    if (this.#isSign(")")) {
      this.#fail(at, "no ( is open that this could close: take it out");
    }
    this.#failKeyword();
    this.#failUnit();
    if (this.#isSign(",")) {
      this.#fail(at, "several values stand behind 'in', as in (22, 80)");
    }
    this.#fail(at, `join two tests by 'and' or 'or'; ${TEXT_IN_QUOTES}`);
  }

  #any(depth: number): Expression {
    return this.#list(
      "any",
      "or",
      () => this.#list("all", "and", () => this.#factor(depth)),
    );
  }

  #list(
    is: "all" | "any",
    keyword: string,
    read: () => Expression,
  ): Expression {
    const terms = [read()];
    while (this.#isWord(keyword)) {
      this.#take();
      terms.push(read());
    }
    return terms.length === 1 ? terms[0]! : { is, terms };
  }

  #factor(depth: number): Expression {
    const { at } = this.#token;
    if (depth > DEPTH_MOST) {
      this.#fail(at, "this is nested too deeply: take some parentheses out");
    }
    if (this.#isWord("not")) {
      this.#take();
      return { is: "not", term: this.#factor(depth + 1) };
    }
    if (!this.#isSign("(")) return this.#test();
    this.#take();
    const expression = this.#any(depth + 1);
    if (this.#isSign(")")) {
      this.#take();
      return expression;
    }
    if (this.#isEnd()) {
      this.#fail(at, "this ( is not closed: write ) where it ends");
    }
    this.#failKeyword();
    this.#failUnit();
    this.#fail(
      this.#token.at,
      `write ) here, or join two tests by 'and' or 'or'; ${TEXT_IN_QUOTES}`,
    );
  }

  #test(): Test {
    const key = this.#key();
    const { kind, text, at } = this.#token;
    if (kind === "sign" && (text === "~" || text === "!~")) {
      const pattern = this.#pattern();
      return { is: "match", key, at, not: text === "!~", pattern };
    }
    if (kind === "sign" && COMPARISONS.includes(text)) {
      this.#take();
      const op = text as Comparison;
      return { is: "compare", key, at, op, right: this.#right(op) };
    }
    const sign = text.toLowerCase();
    if (kind !== "text" && Object.hasOwn(OTHER_OPERATORS, sign)) {
      this.#fail(at, `write '${OTHER_OPERATORS[sign]}' in place of '${text}'`);
    }
    this.#failKeyword();
    if (this.#isWord("is")) {
      this.#take();
      const not = this.#isWord("not");
      if (not) this.#take();
      if (!this.#isWord("null")) {
        this.#fail(
          this.#token.at,
          "only null stands here, as is null or is not null; a value stands " +
            "behind =",
        );
      }
      this.#take();
      return { is: "null", key, at, not };
    }
    const not = this.#isWord("not");
    if (not) this.#take();
    if (this.#isWord("in")) {
      this.#take();
      return { is: "in", key, at, not, items: this.#set() };
    }
    if (not) {
      this.#fail(this.#token.at, "'in' must stand here, as not in (22, 80)");
    }
    if (
      this.#isSign("(") || kind === "text" || kind === "key" ||
      (kind === "word" && !this.#isWord("and") && !this.#isWord("or"))
    ) this.#fail(at, "an operator must stand here, as = or in");
    return { is: "true", key, at: key.at };
  }

  #key(): Key {
    const { kind, text, at } = this.#token;
    if (kind === "key") {
      this.#take();
      return { name: text, at };
    }
    this.#failKeyword();
    if (kind !== "word") {
      this.#fail(
        at,
        kind === "text"
          ? `a column must stand here, not a text: write it without quotes, ${EXAMPLE}`
          : `a column must stand here, ${EXAMPLE}`,
      );
    }
    if (KEYWORDS.includes(text)) {
      this.#fail(at, `a column must stand here, not '${text}', ${EXAMPLE}`);
    }
    if (!KEY.test(text)) {
      this.#fail(
        at,
        `a column must stand here, not ${quoted(text)}: the column comes ` +
          `first, ${EXAMPLE}`,
      );
    }
    this.#take();
    return { name: text, at };
  }

  /** What stands to the right of a comparison. */
  #right(op: Comparison): Item | Key {
    const { kind, text, at } = this.#token;
    if (kind === "key") {
      this.#take();
      return { name: text, at };
    }
    if (this.#isSign("(")) {
      this.#fail(
        at,
        op === "=" || op === "!="
          ? `one value must stand here; several stand behind '${
            op === "=" ? "in" : "not in"
          }'`
          : "one value must stand here",
      );
    }
    if (this.#isWord("null")) {
      this.#fail(
        at,
        `write 'is ${
          op === "!=" ? "not " : ""
        }null' for that; the text null stands in quotes`,
      );
    }
    const item = this.#item();
    if ("from" in item && op !== "=" && op !== "!=") {
      this.#fail(
        at,
        "a range is compared by = or in; here one value must stand",
      );
    }
    return item;
  }

  #set(): Item[] {
    const { at } = this.#token;
    if (!this.#isSign("(")) {
      const item = this.#item();
      if ("from" in item || NETWORK.test(item.text)) return [item];
      this.#fail(
        at,
        "a set must stand here: values in parentheses, as (22, 80), 1..1023 or " +
          "10.0.0.0/8",
      );
    }
    const items: Item[] = [];
    do {
      this.#take();
      items.push(this.#item());
    } while (this.#isSign(","));
    if (this.#isSign(")")) {
      this.#take();
      return items;
    }
    if (this.#isEnd()) {
      this.#fail(at, "this ( is not closed: write ) behind the last value");
    }
    this.#fail(
      this.#token.at,
      `write , or ) here; ${TEXT_IN_QUOTES}`,
    );
  }

  #item(): Item {
    const from = this.#literal();
    if (!this.#isSign("..")) return from;
    this.#take();
    return { from, to: this.#literal() };
  }

  #literal(): Literal {
    const { kind, text, at } = this.#token;
    if (kind === "key") {
      this.#fail(at, "a value must stand here, not a column");
    }
    if (kind === "sign" || kind === "end") {
      this.#fail(
        at,
        kind === "end" || text === ")" || text === ","
          ? "a value must stand here; an empty text is written ''"
          : "a value must stand here; quotes stand around a text that begins " +
            "with a sign",
      );
    }
    if (kind === "word" && KEYWORDS.includes(text)) {
      this.#fail(
        at,
        `a value must stand here; the text ${text} stands in quotes`,
      );
    }
    this.#take();
    return { text, at, quoted: kind === "text" };
  }

  /** The pattern behind `~`, which is the token that is looked at. */
  #pattern(): Literal {
    const text = this.#text;
    this.#skipBlanks();
    const at = this.#at;
    const first = text[at];
    if (first === "'" || first === '"') {
      this.#take();
      return this.#literal();
    }
    if (first === "`") {
      this.#fail(at, "a pattern must stand here, not a column");
    }
    let open = 0;
    let inClass = false;
    let end = at;
    for (; end < text.length && !BLANK.test(text[end]!); end++) {
      const char = text[end]!;
      if (char === "\\") end++;
      else if (inClass) inClass = char !== "]";
      else if (char === "[") inClass = true;
      else if (char === "(") open++;
      else if (char === ")" && open-- === 0) break;
    }
    end = Math.min(end, text.length);
    if (end === at) {
      this.#fail(at, "a pattern must stand here, as in iface ~ ^eth");
    }
    this.#at = end;
    this.#take();
    return { text: text.slice(at, end), at, quoted: false };
  }

  /** Fails if a keyword stands here as other languages write it. */
  #failKeyword(): void {
    const { kind, text, at } = this.#token;
    if (kind !== "word" && kind !== "sign") return;
    const lower = text.toLowerCase();
    if (lower !== text && KEYWORDS.includes(lower)) {
      this.#fail(at, `write '${lower}', in lower case`);
    }
    if (Object.hasOwn(OTHER_KEYWORDS, text)) {
      this.#fail(at, `write '${OTHER_KEYWORDS[text]}' in place of '${text}'`);
    }
  }

  /** Fails if a unit stands here, with a blank between it and its number. */
  #failUnit(): void {
    const { text, at } = this.#token;
    const [, number] = /([\d.]+)[ \t]+$/.exec(this.#text.slice(0, at)) ?? [];
    if (number !== undefined && UNIT.test(text)) {
      this.#fail(at, `write ${number}${text}, without a blank`);
    }
  }

  #isWord(text: string): boolean {
    return this.#token.kind === "word" && this.#token.text === text;
  }

  #isSign(text: string): boolean {
    return this.#token.kind === "sign" && this.#token.text === text;
  }

  #isEnd(): boolean {
    return this.#token.kind === "end";
  }

  #take(): void {
    this.#token = this.#read();
  }

  #skipBlanks(): void {
    while (BLANK.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #read(): Token {
    this.#skipBlanks();
    const text = this.#text;
    const at = this.#at;
    const first = text[at];
    if (first === undefined) return { kind: "end", text: "", at };
    if (first === "'" || first === '"') return this.#quotes(first, "text");
    if (first === "`") return this.#quotes(first, "key");
    if (first === "(" || first === ")" || first === ",") {
      this.#at++;
      return { kind: "sign", text: first, at };
    }
    if (text.startsWith("..", at)) {
      this.#at += 2;
      return { kind: "sign", text: "..", at };
    }
    if (!WORD.test(first)) {
      const sign = SIGNS.find((sign) => text.startsWith(sign, at)) ?? first;
      this.#at += sign.length;
      return { kind: "sign", text: sign, at };
    }
    let end = at;
    while (WORD.test(text[end] ?? "") && !text.startsWith("..", end)) end++;
    this.#at = end;
    return { kind: "word", text: text.slice(at, end), at };
  }

  /** Reads a text in quotes; two of them are one of the text. */
  #quotes(quote: string, kind: "text" | "key"): Token {
    const at = this.#at;
    let text = "";
    for (let from = at + 1;;) {
      const end = this.#text.indexOf(quote, from);
      if (end < 0) {
        const other = quote === "'" ? '"' : "'";
        const inWord = at > 0 && WORD.test(this.#text[at - 1]!);
        this.#fail(
          at,
          inWord
            ? `put the whole text in ${other}, since it has a ${quote} in it`
            : `this ${quote} is not closed: write ${quote} where it ends`,
        );
      }
      text += this.#text.slice(from, end);
      from = end + 1;
      this.#at = from;
      if (this.#text[from] !== quote) return { kind, text, at };
      text += quote;
      from++;
    }
  }

  #fail(at: number, advice: string): never {
    throw new QuestionError(this.#written, at, advice);
  }
}
