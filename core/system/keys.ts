/**
 * What keys a terminal sends, from the bytes that it sends for them.
 *
 * @module
 */

import { byteString } from "../contract/line.ts";

/** A key, or a character of text, which is a byte string. */
export type Key = { readonly name: KeyName } | { readonly text: string };

/** Keys that are no text. */
export type KeyName =
  | "up"
  | "down"
  | "page up"
  | "page down"
  | "home"
  | "end"
  | "enter"
  | "backspace"
  | "clear"
  | "escape";

/** What stands behind ESC; terminals differ in some (xterm, rxvt, the Linux console). */
const SEQUENCES: Readonly<Record<string, KeyName>> = {
  "[A": "up",
  "OA": "up",
  "[B": "down",
  "OB": "down",
  "[5~": "page up",
  "[6~": "page down",
  "[H": "home",
  "OH": "home",
  "[1~": "home",
  "[7~": "home",
  "[F": "end",
  "OF": "end",
  "[4~": "end",
  "[8~": "end",
};

/** Single bytes; `clear` is Ctrl-U, as where lines are typed. */
const BYTES: Readonly<Record<string, KeyName>> = {
  "\r": "enter",
  "\n": "enter",
  "\b": "backspace",
  "\x7f": "backspace",
  "\x15": "clear",
};

const ESC = "\x1b";

// deno-lint-ignore no-control-regex
const WHOLE = /^\x1b(\[[0-?]*[ -/]*[@-~]|O[@-~])/;
// deno-lint-ignore no-control-regex
const BEGUN = /^\x1b(\[[0-?]*[ -/]*|O)?$/;

/** A sequence that is longer than this is none. */
const SEQUENCE_MOST = 32;

/** Reads keys; what is not whole yet waits for what follows. */
export class Keys {
  #rest = "";

  /** Whether something waits that can be a key by itself. */
  get waits(): boolean {
    return this.#rest.startsWith(ESC);
  }

  /** The keys of these bytes. */
  read(bytes: Uint8Array): Key[] {
    let text = this.#rest + byteString(bytes);
    const keys: Key[] = [];
    while (text !== "") {
      if (BEGUN.test(text) && text.length < SEQUENCE_MOST) break;
      const length = lengthOf(text);
      if (length > text.length) break;
      const key = keyOf(text.slice(0, length));
      if (key !== undefined) keys.push(key);
      text = text.slice(length);
    }
    this.#rest = text;
    return keys;
  }

  /** Nothing followed: what waited is all of it. */
  settle(): Key[] {
    const isKey = this.#rest === ESC;
    this.#rest = "";
    return isKey ? [{ name: "escape" }] : [];
  }
}

/** How many bytes the first key has. */
function lengthOf(text: string): number {
  const first = text.charCodeAt(0);
  if (text.startsWith(ESC)) return WHOLE.exec(text)?.[0].length ?? 1;
  return first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function keyOf(bytes: string): Key | undefined {
  if (bytes === ESC) return { name: "escape" };
  const name = bytes.startsWith(ESC) ? SEQUENCES[bytes.slice(1)] : BYTES[bytes];
  if (name !== undefined) return { name };
  // no other control byte is a key
  return bytes.charCodeAt(0) < 0x20 ? undefined : { text: bytes };
}
