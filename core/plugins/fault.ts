/**
 * What went wrong in a family file, and where: its own line and column, whatever
 * fell over.
 *
 * @module
 */

import { columnIn } from "./scope.ts";
import { PluginError } from "./must.ts";
import type { Fault } from "./thread.ts";

/** So long a message may be. */
const MESSAGE_MOST = 300;

/** A place in the file: line and column from 1. */
type Place = Pick<Fault, "line" | "column">;

/** What an error says of the file that has this text. */
export function faultOf(error: unknown, text: string): Fault {
  if (error instanceof PluginError) {
    const place = error.word === undefined ? {} : placeOf(error.word, text);
    return { cause: error.message, ...place };
  }
  try {
    if (error instanceof Error) return thrown(error, text);
    if (isRefused(error)) return refused(error);
    const value = typeof error === "object" && error !== null
      ? "an object that is no Error"
      : String(error).slice(0, MESSAGE_MOST);
    return { cause: `throws ${value}: throw an Error, which has a place` };
  } catch {
    return { cause: "throws something that cannot be told" };
  }
}

/** The frames of code that was imported from memory, and what the engine says of it. */
const FRAME = /\bdata:text\/javascript[^\s):]*:(\d+):(\d+)/;

function thrown(error: Error, text: string): Fault {
  const stack = String(error.stack);
  const message = String(error.message).slice(0, MESSAGE_MOST);
  const name = String(error.name);
  const what = message.split("\n", 1)[0]!
    .replace(/ at data:.*$/, "")
    .replace(/^The module's source code could not be parsed: /, "");
  const [, line, column] = FRAME.exec(error.message) ?? FRAME.exec(stack) ?? [];
  const place = line === undefined
    ? {}
    : inFile(Number(line), Number(column), text);
  if (/contain escaped characters/.test(what)) {
    return {
      cause:
        "it imports another file: a family file is a whole, and only types " +
        "can be imported, by `import type`",
      ...place,
    };
  }
  return { cause: name === "Error" ? what : `${name}: ${what}`, ...place };
}

/** A place in what was run as one in the file. */
function inFile(line: number, column: number, text: string): Place {
  const own = text.split("\n")[line - 1] ?? "";
  return { line, column: columnIn(own, column) };
}

/** What takes out the types says of what is more than a type; the column is from 0. */
interface Refused {
  readonly message: string;
  readonly code: string;
  readonly startLine: number;
  readonly startColumn: number;
}

function isRefused(error: unknown): error is Refused {
  return typeof error === "object" && error !== null && "startLine" in error &&
    "startColumn" in error;
}

function refused(error: Refused): Fault {
  const what = error.message.split("\n", 1)[0]!.slice(0, MESSAGE_MOST);
  const [, thing] =
    /^(.*?),? is not supported in (?:strip-only|type strip) mode/
      .exec(what) ?? [];
  return {
    cause: thing === undefined
      ? `SyntaxError: ${what}`
      : `${thing} is more than a type, and types are only taken out: ` +
        "say it in JavaScript",
    line: error.startLine,
    column: error.startColumn + 1,
  };
}

/**
 * Where the file says a word, if it says it only once: as the key of a column, as
 * another key, or otherwise.
 */
function placeOf(word: string, text: string): Place {
  const quoted = RegExp.escape(word);
  const alone = `(?<![\\w$.-])${quoted}(?![\\w$-])`;
  const column = `${alone}(?=["']?\\s*:\\s*(?:\\w+\\(|{))`;
  for (const pattern of [column, `${alone}(?=["']?\\s*[:(])`, alone]) {
    const [found, another] = text.matchAll(new RegExp(pattern, "g"));
    if (found === undefined || another !== undefined) continue;
    const before = text.slice(0, found.index).split("\n");
    return { line: before.length, column: before.at(-1)!.length + 1 };
  }
  return {};
}
