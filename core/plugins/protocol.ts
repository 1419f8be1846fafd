/**
 * What the program and the thread of a family file say to each other.
 *
 * @module
 */

import type { Flags, Table, Tone } from "../contract/family.ts";
import type { Wanted } from "./described.ts";

/** The first message to a thread: the two directions of the conversation. */
export interface Begin {
  /** To the thread. */
  readonly requests: SharedArrayBuffer;
  /** From it. */
  readonly replies: SharedArrayBuffer;
}

/** What a record is. */
export const FRAME = {
  /** To the thread: first the text of the file, then {@linkcode Request}s. */
  request: 1,
  /** To the thread: the answer to what it asked, or more lines. */
  answer: 2,
  /** What ends a request. */
  reply: 3,
  /** What ends it too: something is wrong with the file. */
  fault: 4,
  /** What the file itself says. */
  said: 5,
  /** It wants to know something: an {@linkcode Ask}. */
  ask: 6,
  /** It wants more lines of the file with this number. */
  more: 7,
  /** Rows. */
  batch: 8,
  /** A line that is no row. */
  malformed: 9,
} as const;

/** What is asked of a thread. */
export type Request =
  /** To call a function. */
  | { readonly call: number; readonly args: readonly unknown[] }
  /** What its tables are in a view. */
  | { readonly facts: Flags }
  | OpenRequest
  /** To make rows of a file that it has opened. */
  | { readonly rows: number };

/** To look at the first line of a file. */
export interface OpenRequest {
  /** A number for it. */
  readonly open: number;
  /** A number for the row that lines are read into. */
  readonly row: number;
  /** The table. */
  readonly table: number;
  /** Which of its sources it is. */
  readonly source: number;
  /** Where the file is. */
  readonly path: string;
  /** Whether it is the file that rows refer to. */
  readonly reference: boolean;
  /** Whether a line with a newline in it is one. */
  readonly joins: boolean;
  /** The options that the view goes by. */
  readonly view: Flags;
  /** What is wanted of each row. */
  readonly wanted: Wanted;
}

/** What a thread wants to know. */
export type Ask =
  | { readonly host: string }
  | { readonly network: string }
  | { readonly service: number; readonly protocol: "tcp" | "udp" | "raw" }
  | { readonly user: number }
  | { readonly interface: number }
  | { readonly owner: string }
  | { readonly holders: string };

/** So long a file may wait for something when it is loaded, in milliseconds. */
export const LOAD_PATIENCE = 4000;

/** A thread that shows no sign of life for so long hangs, in milliseconds. */
export const PATIENCE = 5000;

/** The tones, by the numbers that stand for them. */
export const TONES: readonly Tone[] = [
  "listening",
  "connected",
  "pending",
  "closing",
  "default",
  "off",
  "trouble",
];

/** A family whose parts are loaded. */
interface Parts {
  // deno-lint-ignore no-explicit-any
  readonly tables: readonly Table<any>[];
  // deno-lint-ignore no-explicit-any
  readonly groups?: readonly Table<any>[];
  // deno-lint-ignore no-explicit-any
  readonly routes?: { readonly tables: readonly Table<any>[] };
  // deno-lint-ignore no-explicit-any
  readonly masquerade?: readonly Table<any>[];
}

/** All tables of a family. */
// deno-lint-ignore no-explicit-any
export function tablesOf(parts: object): Table<any>[] {
  const { tables, groups = [], routes, masquerade = [] } = parts as Parts;
  const all = [...tables, ...groups, ...routes?.tables ?? [], ...masquerade];
  for (let i = 0; i < all.length; i++) {
    const { instead } = all[i]!;
    if (instead !== undefined) all.push(instead);
  }
  return all;
}
