/**
 * What a run gets from outside.
 *
 * @module
 */

import type { Registry } from "../views/registry.ts";
import type { Lender } from "../system/privilege.ts";
import type { Terminal } from "../system/terminal.ts";
import type { Output } from "../../render/out.ts";

/** The surroundings of a run. */
export interface Io {
  /** Where listings go. */
  readonly stdout: Output;
  /** Where messages go. */
  readonly stderr: Output;
  /** Finds the families that are built in. */
  families(): Promise<Registry>;
  /** The name that the program was called by. */
  programName(): Promise<string>;
  /** Whether the first operand ends the options (`POSIXLY_CORRECT`). */
  posix(): boolean;
  /** Whether standard output shows colours to people, who do not mind them. */
  readonly colours: boolean;
  /** How many characters fit into a line of standard output, if it is a terminal. */
  width?(): number | undefined;
  /** Whether a person reads stderr, and wants advice; a program has no use for it. */
  advises(): boolean;
  /** Whether nobody reads standard output any more. */
  isAbandoned?(): boolean;
  /** Who lends the rights of this run, if they are not the caller's own. */
  lender(): Promise<Lender | undefined>;
  /** The terminal of standard output, if it can be painted on. */
  terminal?(): Promise<Terminal | undefined>;
  /** Waits between the rounds of `-c`. */
  sleep(milliseconds: number): Promise<void>;
}

/** Prints a message on stderr, after what stands before it on a terminal. */
export function warnOn({ stdout, stderr }: Io, message: string): void {
  if (stdout.eager) stdout.flush();
  stderr.foreign(message);
  stderr.endRow();
}

/** The status of diff(1) when it could not compare. */
export const TROUBLE: number = 2;

/** The status of plugins for monitoring that could not ask. */
export const UNKNOWN: number = 3;
