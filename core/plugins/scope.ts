/**
 * What a family file's code finds around it: ECMAScript, `console`, and nothing that
 * opens, sends, prints, imports or ends anything. The program's own modules keep
 * what they need, where a file in their thread cannot reach it. A wall of the language
 * only: what is left is in `docs/security.md`.
 *
 * @module
 */

/** What is left in the global scope. */
const KEPT: ReadonlySet<string> = new Set([
  ...["Infinity", "NaN", "undefined", "globalThis", "console"],
  ...["decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent"],
  ...["escape", "unescape", "isFinite", "isNaN", "parseFloat", "parseInt"],
  ...["Array", "ArrayBuffer", "BigInt", "BigInt64Array", "BigUint64Array"],
  ...["Boolean", "DataView", "Date", "Float16Array", "Float32Array"],
  ...["Float64Array", "Int16Array", "Int32Array", "Int8Array", "Intl"],
  ...["Iterator", "JSON", "Map", "Math", "Number", "Object", "Promise"],
  ...["Proxy", "Reflect", "RegExp", "Set", "String", "Symbol", "Uint16Array"],
  ...["Uint32Array", "Uint8Array", "Uint8ClampedArray", "WeakMap", "WeakRef"],
  ...["AsyncDisposableStack", "Atomics", "DisposableStack", "WeakSet"],
  ...["FinalizationRegistry", "SharedArrayBuffer", "AggregateError", "Error"],
  ...["EvalError", "RangeError"],
  ...["ReferenceError", "SuppressedError", "SyntaxError", "TypeError"],
  ...["URIError", "TextDecoder", "TextEncoder"],
  // what the runtime itself asks for: how it tells of what nobody caught, what a path
  // may be, and the name of the system, which is all that is left of `Deno`
  ...["dispatchEvent", "URL", "Deno"],
]);

/** Kinds of functions whose constructors make code of text. */
const MAKERS: readonly object[] = [
  function () {},
  function* () {},
  async function () {},
  async function* () {},
];

/** Takes away what is not kept; `log` receives what is said by `console.log`. */
export function takeAway(log: (...values: unknown[]) => void): void {
  const noCode = () => {
    throw new TypeError("code cannot be made of text in a family file");
  };
  for (const maker of MAKERS) {
    const prototype = Object.getPrototypeOf(maker);
    Object.defineProperty(prototype, "constructor", { value: noCode });
  }
  const scope: Record<string, unknown> = globalThis as never;
  const made = {
    console: { log, info: log, debug: log, warn: log, error: log },
    Deno: { build: { os: Deno.build.os } },
    dispatchEvent: globalThis.dispatchEvent,
  };
  for (const [key, value] of Object.entries(made)) {
    Object.defineProperty(scope, key, { value, configurable: true });
  }
  for (
    let object: object = scope;
    object !== Object.prototype;
    object = Object.getPrototypeOf(object)
  ) {
    // by symbols the runtime knows its own objects
    for (const key of Object.getOwnPropertyNames(object)) {
      if (!KEPT.has(key)) Reflect.deleteProperty(object, key);
    }
  }
  for (const key of Object.getOwnPropertyNames(scope)) {
    if (!KEPT.has(key)) {
      // one that cannot be deleted
      Reflect.defineProperty(scope, key, { value: undefined });
      continue;
    }
    Reflect.defineProperty(scope, key, {
      value: scope[key],
      writable: false,
      configurable: false,
    });
    fix(scope[key]);
  }
  for (
    const maker of [...MAKERS, [][Symbol.iterator](), ""[Symbol.iterator]()]
  ) {
    fix(Object.getPrototypeOf(maker));
  }
}

const fixed = new Set<unknown>([globalThis]);

/**
 * Objects that must stay as they are: the runtime names errors by assigning to them,
 * and what patterns and bytes are made of would be several times slower.
 */
const LEFT: readonly unknown[] = [
  Error.prototype,
  RegExp,
  RegExp.prototype,
  Uint8Array.prototype,
  Object.getPrototypeOf(Uint8Array.prototype),
];

/**
 * Keeps an object, and all that it leads to, from being changed. Other properties can
 * still be added: without that, arrays would be several times slower.
 */
function fix(value: unknown): void {
  const isObject = typeof value === "object" || typeof value === "function";
  if (!isObject || value === null || fixed.has(value)) return;
  fixed.add(value);
  const properties = Object.getOwnPropertyDescriptors(value);
  for (const key of Reflect.ownKeys(properties)) {
    const property = properties[key as string]!;
    [property.value, property.get, property.set].forEach(fix);
    if (LEFT.includes(value)) continue;
    property.configurable = false;
    if ("writable" in property) property.writable = false;
    Object.defineProperty(value, key, property);
  }
  fix(Object.getPrototypeOf(value));
}

/**
 * The source in which no `import` and no `from` is a keyword any more, since those
 * must not contain escapes; as the name of a property, or in a string, they mean
 * what they meant.
 */
export function withoutImports(source: string): string {
  // behind a backslash, which only a text or a pattern has, it is no keyword
  return source.replace(
    KEYWORDS,
    (word) => `\\u00${word.charCodeAt(0).toString(16)}${word.slice(1)}`,
  );
}

const KEYWORDS = /(?<!\\)\b(import|from)\b/g;

/** How much longer an escaped keyword is. */
const LONGER = 5;

/** Where a column of {@linkcode withoutImports} is in the line itself. */
export function columnIn(line: string, column: number): number {
  let longer = 0;
  for (const { index } of line.matchAll(KEYWORDS)) {
    if (index + longer + 1 < column) longer += LONGER;
  }
  return column - longer;
}
