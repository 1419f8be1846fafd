/**
 * A family as data: what its own thread tells the program of it. Functions stay where
 * they are; what stands for one can be called from there.
 *
 * @module
 */

import type { Cell, Column, Said } from "../contract/family.ts";

/** Stands for a function of the thread's. */
export interface FunctionMark {
  /** Its number. */
  readonly function: number;
}

/** A value in which each object has a number, so that two that are one stay so. */
export interface Description {
  /** The objects; the first one is the family. */
  readonly objects: readonly unknown[];
}

/** Stands for an object. */
interface ObjectMark {
  readonly object: number;
}

/**
 * Describes an object, and collects the functions in it. What `replace` knows better is
 * described by what it gives.
 */
export function describeAll(
  root: object,
  functions: unknown[],
  replace: (value: object) => object | undefined,
): Description {
  const objects: unknown[] = [];
  const numbers = new Map<unknown, number>();
  const mark = (value: unknown): unknown => {
    if (typeof value === "function") {
      return { function: functions.push(value) - 1 };
    }
    if (typeof value !== "object" || value === null) return value;
    let number = numbers.get(value);
    if (number === undefined) {
      number = objects.push(undefined) - 1;
      numbers.set(value, number);
      const told = replace(value) ?? value;
      objects[number] = Array.isArray(told)
        ? told.map(mark)
        : Object.fromEntries(
          Object.entries(told).map(([key, item]) => [key, mark(item)]),
        );
    }
    return { object: number };
  };
  mark(root);
  return { objects };
}

/** The object that was described. */
export function revived(description: Description): unknown {
  const made: unknown[] = [];
  const revive = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (!("object" in value)) return value;
    const { object } = value as ObjectMark;
    if (object in made) return made[object];
    const given = description.objects[object];
    if (Array.isArray(given)) {
      const items: unknown[] = made[object] = [];
      items.push(...given.map(revive));
      return items;
    }
    const copy: Record<string, unknown> = made[object] = {};
    for (const [key, item] of Object.entries(given as object)) {
      copy[key] = revive(item);
    }
    return copy;
  };
  return revive({ object: 0 });
}

/** A type whose functions are marks. */
export type Marked<T> = T extends (...args: never[]) => unknown ? FunctionMark
  : T extends readonly (infer Item)[] ? readonly Marked<Item>[]
  : T extends object ? { readonly [Key in keyof T]: Marked<T[Key]> }
  : T;

/** A cell of a layout. */
export interface CellFacts
  extends Pick<Cell<unknown>, "header" | "width" | "gap" | "headerWidth"> {
  /** The column's key, if it is one of the table's. */
  readonly key?: string;
  /** Whether names of hosts or networks are in it. */
  readonly named?: true;
}

/** What a table is in a view. */
export interface TableFacts {
  /** The text of its title, if it has one. */
  readonly title: string | undefined;
  /** Which of its sources are read. */
  readonly when: readonly boolean[];
  /** The cells of a row. */
  readonly cells: readonly CellFacts[];
  /** Those of the header line, if it has its own. */
  readonly header: readonly CellFacts[] | undefined;
}

/** What the program wants to know of each row. */
export interface Wanted {
  /** What net-tools' text is made of. */
  readonly cells: boolean;
  /** What the cells mean. */
  readonly tones: boolean;
  /** Values, by their columns' keys. */
  readonly values: readonly string[];
  /** Nothing but the names in it: they are asked for. */
  readonly names: boolean;
}

/** What was found when the first line was looked at. */
export interface Opened {
  /** Whether it is a header. */
  readonly header: boolean;
  /** The cells of a row, if they go by that line. */
  readonly cells?: readonly CellFacts[];
  /** What is wrong with the file as a whole. */
  readonly fault?: Said;
}

/** Names of the fields of a row, in their order: cells and values by number and key. */
export type Field =
  | "inode"
  | "ends"
  | "instead"
  | "lead"
  | "tones"
  | { readonly cell: number }
  | { readonly value: string };

/** What a table has besides its columns. */
export interface Having {
  /** Whatever finds the inode. */
  readonly inode?: unknown;
  /** Whatever finds the ends. */
  readonly ends?: unknown;
  /** What net-tools' text has besides cells. */
  readonly frozen: { readonly instead?: unknown; readonly lead?: unknown };
}

/** The fields of a row; both sides come to the same ones. */
export function fieldsOf(
  table: Having,
  wanted: Wanted,
  cells: number,
): Field[] {
  const { instead, lead } = table.frozen;
  return [
    ...(table.inode === undefined ? [] : ["inode" as const]),
    ...(table.ends === undefined ? [] : ["ends" as const]),
    ...(wanted.cells && instead !== undefined ? ["instead" as const] : []),
    ...(wanted.cells && lead !== undefined ? ["lead" as const] : []),
    ...(wanted.cells && wanted.tones ? ["tones" as const] : []),
    ...Array.from({ length: wanted.cells ? cells : 0 }, (_, cell) => ({
      cell,
    })),
    ...wanted.values.map((value) => ({ value })),
  ];
}

/** A column whose values the program finds itself: those of owners. */
export interface Joined {
  /** Its key among `ownerColumns`. */
  readonly joined: string;
}

/** What is told of a column. */
export type ColumnFacts = Marked<Column<unknown>> & Partial<Joined>;
