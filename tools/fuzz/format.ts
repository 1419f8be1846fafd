/**
 * What the fuzzer knows of the kernel's files: how a line of each looks, and which
 * command lines read it. What is odd in a file is left to `mutate.ts`.
 *
 * @module
 */

import type { Result } from "../../tests/cases.ts";
import type { Random } from "./random.ts";

/** A file of the kernel's. */
export interface Format {
  /** Where it is, such as `/proc/net/tcp`. */
  readonly path: string;
  /** The lines in front of the rows, without their newlines. */
  readonly header: readonly string[];
  /**
   * A line as the kernel writes it, or a pair that belongs together, without the
   * newline at its end: a byte string, with
   * ordinary values and now and then the least and the greatest ones.
   */
  line(random: Random): string;
  /** The most rows that a file has; a million unless given. */
  readonly most?: number;
}

/** A file tree: contents as byte strings, by path. */
export type Tree = ReadonlyMap<string, string>;

/** What a subject reads besides its formats. */
export interface Around {
  /** Files, contents by path. */
  readonly tree: Tree;
  /** Symbolic links, targets by path. */
  readonly links: Tree;
}

/** What both programs are given. */
export interface Input {
  /** The words after `netstat`. */
  readonly args: readonly string[];
  /** The files that there are. */
  readonly tree: Tree;
  /** The symbolic links that there are, targets by path. */
  readonly links?: Tree;
  /**
   * Files and folders that nobody but root may read; both programs are then run by
   * somebody else.
   */
  readonly denied?: readonly string[];
  /** Whether ours reads them as a saved tree, with `--root /`. */
  readonly saved?: boolean;
}

/**
 * Why a result of the reference is not what we print. The narrowest of the three
 * ways to say what we print is the best one.
 */
export interface Deviation {
  /** One sentence, as in `testdata/deviations.txt`. */
  readonly reason: string;
  /**
   * What the reference must be given so that it prints what we print for `input`;
   * undefined if the deviation does not apply.
   */
  instead?(input: Input): Input | undefined;
  /**
   * The input without what the reference reads garbage for: on that, both programs
   * must agree, and on the whole input ours must be orderly. Undefined if the
   * deviation does not apply.
   */
  without?(input: Input): Input | undefined;
  /**
   * What we print, made from what the reference printed; or `"sane"` if the
   * reference's result is good for nothing (garbage, a crash), so that all that
   * counts is that ours is orderly; or undefined if the deviation does not apply.
   */
  expected?(input: Input, reference: Result): Result | "sane" | undefined;
  /**
   * What we print without what we say beyond the reference; undefined if the deviation
   * does not apply.
   */
  forgiven?(input: Input, ours: Result, reference: Result): Result | undefined;
}

/** A view of the program, and what it reads. */
export interface Subject {
  /** Its name, such as `sockets` or `routes`. */
  readonly name: string;
  /** The files that it may read; a tree has some of them. */
  readonly formats: readonly Format[];
  /**
   * A shell script that is run once in the new network namespace, for what files
   * cannot tell.
   */
  readonly setup?: string;
  /** What else there is, such as `/etc/hosts` or the folders of processes. */
  around?(random: Random): Around;
  /** A command line that asks for it: the words after `netstat`. */
  args(random: Random): string[];
  /**
   * Whether all that is shown is in files, so that ours must print the same for a
   * saved tree (`--root`).
   */
  readonly inFiles?: boolean;
  /** Where we differ from the reference on purpose. */
  readonly deviations: readonly Deviation[];
}
