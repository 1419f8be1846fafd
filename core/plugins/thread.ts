/**
 * The program's end of the conversation with the thread of a family file. The thread
 * has no permissions, and what it says is looked at before it is believed.
 *
 * @module
 */

import { pluginWorker } from "embedded";
import type { Holder, Long, View } from "../contract/family.ts";
import { byteString, toUtf8 } from "../contract/line.ts";
import { bytesOf, Channel, json } from "./channel.ts";
import {
  type Ask,
  type Begin,
  FRAME,
  PATIENCE,
  type Request,
} from "./protocol.ts";

/** What is said of a thread whose words make no sense. */
export const LIES = "sends what is no reply";

/** So many bytes of a text that a file makes up are shown. */
const TEXT_MOST = 300;

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
  constructor(readonly file: string, readonly fault: string | Fault) {
    super(toUtf8(`family file ${file}${placed(fault)}`));
  }
}

/** What is wrong, behind where it is: `:LINE:COLUMN: CAUSE`. */
export function placed(fault: string | Fault): string {
  if (typeof fault === "string") return `: ${fault}`;
  const { cause, line, column } = fault;
  return line === undefined ? `: ${cause}` : `:${line}:${column}: ${cause}`;
}

/** What happens while a request is dealt with. */
export interface Answering {
  /** What names and owners are found by. */
  readonly view?: View;
  /** Is told the address of a host or a network whose name was asked for. */
  asked?(question: Ask): void;
  /** Gives the next lines; none at the end. */
  more?(): readonly Uint8Array[];
}

/** Rows, or a line that is none. */
export interface Piece {
  /** Which of the two it is. */
  readonly kind: typeof FRAME.batch | typeof FRAME.malformed;
  /** What was sent. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The thread of one family file. */
export class Thread {
  /** What it reads now, if that is told when it hangs. */
  reads = "";
  readonly #file: string;
  readonly #say: (text: string) => void;
  readonly #worker: Worker;
  readonly #requests = new Channel();
  readonly #replies = new Channel();

  /** `say` tells the user what the file itself says, by `console.log`. */
  constructor(file: string, say: (text: string) => void) {
    this.#file = file;
    this.#say = say;
    const permissions = {
      type: "module",
      deno: { permissions: "none" },
    } as WorkerOptions;
    // a name that is not embedded would be looked for in /tmp
    this.#worker = new Worker(pluginWorker(), permissions);
    this.#worker.onerror = (event) => event.preventDefault();
    const begin: Begin = {
      requests: this.#requests.memory,
      replies: this.#replies.memory,
    };
    this.#worker.postMessage(begin);
  }

  /** Begins to run the text of a file. */
  load(source: string): void {
    this.#answer(FRAME.request, [new TextEncoder().encode(source)]);
  }

  /** Begins a request. */
  send(request: Request): void {
    this.#answer(FRAME.request, [bytesOf(json(request))]);
  }

  /**
   * Does what the thread needs until it has something: rows, a malformed line, or
   * the end of the request, which is its reply. Throws a {@linkcode FamilyFileError}.
   */
  next(answering: Answering = {}): Piece | { readonly reply: unknown } {
    for (;;) {
      const frame = this.#replies.receive(PATIENCE);
      if (frame === undefined) {
        throw this.fault(
          `hangs: no sign of life for ${PATIENCE / 1000} s${
            this.reads && `, while it reads ${this.reads}`
          }`,
        );
      }
      const { kind, bytes } = frame;
      switch (kind) {
        case FRAME.batch:
        case FRAME.malformed:
          return { kind, bytes };
        case FRAME.reply:
          return { reply: this.#parse(bytes) };
        case FRAME.fault: {
          const fault = this.#parse(bytes) as Fault;
          throw new FamilyFileError(this.#file, fault);
        }
        case FRAME.said:
          this.#tell(String(this.#parse(bytes)));
          break;
        case FRAME.ask: {
          const found = this.#find(this.#parse(bytes) as Ask, answering);
          this.#answer(FRAME.answer, [bytesOf(json(found ?? null))]);
          break;
        }
        case FRAME.more:
          this.#answer(FRAME.answer, answering.more?.() ?? []);
          break;
        default:
          throw this.fault(LIES);
      }
    }
  }

  /** Asks something that is answered at once. Throws a {@linkcode FamilyFileError}. */
  ask(request: Request): unknown {
    this.send(request);
    const next = this.next();
    if ("reply" in next) return next.reply;
    throw this.fault(LIES);
  }

  /** Whether the reading of a file goes on behind a malformed line. */
  goOn(on: boolean): void {
    this.#answer(FRAME.answer, on ? [Uint8Array.of(1)] : []);
  }

  /** What is wrong with the file. */
  fault(cause: string): FamilyFileError {
    return new FamilyFileError(this.#file, cause);
  }

  /** Ends the thread. */
  close(): void {
    this.#worker.terminate();
  }

  #answer(kind: number, parts: readonly Uint8Array[]): void {
    if (!this.#requests.send(kind, parts, PATIENCE)) {
      throw this.fault("does not listen");
    }
  }

  #parse(bytes: Uint8Array): unknown {
    try {
      return JSON.parse(byteString(bytes));
    } catch {
      throw this.fault(LIES);
    }
  }

  #tell(said: string): void {
    const text = toUtf8(said).slice(0, TEXT_MOST);
    this.#say(`netstat: family file ${toUtf8(this.#file)} says: ${text}`);
  }

  #find(
    question: Ask,
    { view, asked }: Answering,
  ): string | object | undefined {
    if (view === undefined) return undefined;
    const { names } = view;
    if ("host" in question) {
      asked?.(question);
      return names.host(bytesOf(question.host));
    }
    if ("network" in question) {
      asked?.(question);
      return names.network(bytesOf(question.network));
    }
    if ("service" in question) {
      return names.service(question.service, question.protocol);
    }
    if ("user" in question) return names.user(question.user);
    if ("interface" in question) return names.interface(question.interface);
    if ("owner" in question) return view.owner(inodeOf(question.owner));
    return view.holders(inodeOf(question.holders)) as Holder[];
  }
}

function inodeOf(text: string): Long {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
