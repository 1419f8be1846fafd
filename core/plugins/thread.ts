/**
 * The conversation with the thread of a family file. It goes over a channel that the
 * file's own code cannot reach, a reply is looked at before it is believed, and a
 * thread that is faster than the program waits for it.
 *
 * @module
 */

import { PLUGIN_WORKER } from "embedded";
import type { Fixture, Verdict } from "./check_family.ts";
import type { Family } from "../contract/family.ts";
import { byteString, toUtf8 } from "../contract/line.ts";
import type { Asked } from "../args/options.ts";

/** A thread that shows no sign of life for so long hangs, in milliseconds. */
export const PATIENCE = 5000;

/** So many replies a thread sends before the first of them is dealt with. */
export const AHEAD = 16;

/** So many bytes of a text that a file makes up are shown. */
const TEXT_MOST = 300;

/** The first message to a thread: what the conversation goes over. */
export interface Begin {
  /** The channel. */
  readonly port: MessagePort;
  /** One number, which both see: how many replies were dealt with. */
  readonly taken: Int32Array<SharedArrayBuffer>;
}

/** What the main thread asks of a plugin's thread. */
export type Request =
  | { readonly load: string; readonly typescript: boolean }
  | { readonly list: Asked }
  | { readonly check: Fixture; readonly asked: Asked };

/** What a plugin's thread says. */
export type Reply =
  | { readonly loaded: Described }
  | { readonly alive: true }
  | { readonly reads: string }
  | { readonly rows: Uint8Array }
  | { readonly warning: string }
  | { readonly said: string }
  | { readonly status: number }
  | { readonly verdict: Verdict }
  | { readonly fault: Fault };

/** What the options and the help need to know of a family. */
export type Described = Pick<Family, "name" | "words" | "hidden" | "about">;

/** What is wrong with a family file, and where in it. */
export interface Fault {
  /** What, and what to do. */
  readonly cause: string;
  /** The line, from 1. */
  readonly line?: number;
  /** The column in it, from 1. */
  readonly column?: number;
}

/** Something is wrong with a family file; the message names it. */
export class FamilyFileError extends Error {
  /** The message, a byte string, is `family file FILE:LINE:COLUMN: CAUSE`. */
  constructor(readonly file: string, fault: string | Fault) {
    const { cause, line, column } = typeof fault === "string"
      ? { cause: fault }
      : fault;
    const place = line === undefined ? "" : `:${line}:${column}`;
    super(toUtf8(`family file ${file}${place}: ${cause}`));
  }
}

/** Receives what a plugin lists. */
export interface Listener {
  /** Rows, in the format that was asked for: lines of text, or of JSON objects. */
  rows(bytes: Uint8Array): void;
  /** A message for the user. */
  warning(text: string): void;
}

/** What a reply that ends a question is waited for by. */
interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
  readonly listener: Listener | undefined;
}

/** The thread of one family file. */
export class Thread {
  readonly #file: string;
  readonly #say: (text: string) => void;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #taken = new Int32Array(new SharedArrayBuffer(4));
  #waiting: Waiting | undefined;
  #timer: number | undefined;
  /** What the thread reads, if it tells. */
  #reads = "";
  /** Why nothing more comes. */
  #end: unknown;

  /** `say` tells the user what the file itself says, by `console.log`. */
  constructor(file: string, say: (text: string) => void) {
    this.#file = file;
    this.#say = say;
    // a name that is not embedded would be looked for in /tmp
    this.#worker = new Worker(PLUGIN_WORKER, { type: "module" });
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail({ cause: event.message });
    };
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }) => this.#receive(data);
    const begin: Begin = { port: port2, taken: this.#taken };
    this.#worker.postMessage(begin, [port2]);
  }

  /**
   * Asks something of the thread and waits until it has done that. Throws a
   * {@linkcode FamilyFileError}, or what the listener throws.
   */
  ask(request: Request, listener?: Listener): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end);
      this.#waiting = { resolve, reject, listener };
      this.#watch();
      this.#port.postMessage(request);
    });
  }

  /** Ends the thread. */
  close(): void {
    clearTimeout(this.#timer);
    this.#port.close();
    this.#worker.terminate();
  }

  /** Begins anew to wait for a sign of life. */
  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () =>
        this.#fail({
          cause: `hangs: no sign of life for ${
            PATIENCE / 1000
          } s${this.#reads}`,
        }),
      PATIENCE,
    );
  }

  #fail(fault: Fault): void {
    this.#endWith(new FamilyFileError(this.#file, fault));
  }

  /** What comes between two questions is told at the next one. */
  #endWith(error: unknown): void {
    this.#end ??= error;
    this.close();
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  #receive(data: unknown): void {
    if (this.#end !== undefined) return;
    try {
      if (isReply(data)) this.#handle(data);
      else this.#fail({ cause: "sends what is no reply" });
    } catch (error) {
      // stdout cannot be written to
      this.#endWith(error);
    }
    Atomics.add(this.#taken, 0, 1);
    Atomics.notify(this.#taken, 0);
  }

  #handle(reply: Reply): void {
    const listener = this.#waiting?.listener;
    if ("fault" in reply) return this.#fail(reply.fault);
    if ("rows" in reply) listener?.rows(reply.rows);
    else if ("warning" in reply) listener?.warning(reply.warning);
    else if ("said" in reply) {
      const text = toUtf8(reply.said).slice(0, TEXT_MOST);
      this.#say(`netstat: family file ${toUtf8(this.#file)} says: ${text}`);
    } else if ("reads" in reply) {
      this.#reads = `, while it reads ${reply.reads}`;
    } else if (!("alive" in reply)) {
      clearTimeout(this.#timer);
      this.#waiting?.resolve(reply);
      this.#waiting = undefined;
      return;
    }
    // the listener may have waited for who reads the listing
    if (this.#waiting !== undefined) this.#watch();
  }
}

/** Whether a message has the shape of a reply. */
function isReply(data: unknown): data is Reply {
  if (typeof data !== "object" || data === null) return false;
  const [[key, value] = [], ...more] = Object.entries(data);
  if (more.length > 0) return false;
  switch (key) {
    case "loaded":
      return isDescribed(value);
    case "alive":
      return value === true;
    case "rows":
      return value instanceof Uint8Array && value.at(-1) === NEWLINE;
    case "reads":
    case "warning":
    case "said":
      return typeof value === "string";
    case "status":
      return STATUSES.includes(value);
    case "verdict":
      return typeof value?.summary === "string" && isTexts(value.faults);
    case "fault":
      return typeof value?.cause === "string";
  }
  return false;
}

const NEWLINE = 10;

/** What a listing can end with. */
const STATUSES: readonly unknown[] = [0, 1, 255];

function isDescribed(value: unknown): value is Described {
  const { name, words, hidden, about } = (value ?? {}) as Partial<Described>;
  return typeof name === "string" && typeof about === "string" &&
    isTexts(words) &&
    (hidden === undefined || typeof hidden === "boolean");
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((v) => typeof v === "string");
}

/**
 * Why lines are not what a family's rows look like in JSON: objects with its name,
 * one a line. Undefined if they are.
 */
export function wrongRows(
  lines: Uint8Array,
  family: string,
): string | undefined {
  const head = `{"family":"${family}"`;
  for (let at = 0; at < lines.length;) {
    const end = lines.indexOf(NEWLINE, at);
    const line = lines.subarray(at, end);
    at = end + 1;
    try {
      const text = utf8.decode(line);
      if (text.startsWith(head) && isObject(JSON.parse(text))) continue;
    } catch {
      // told below
    }
    const quoted = byteString(line.subarray(0, TEXT_MOST));
    return `writes what is no JSON object of its own: ${quoted}`;
  }
  return undefined;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
