/**
 * Several questions of the same relations that are answered by one reading.
 *
 * ```ts
 * const { relations, sink } = together(plans, sinks);
 * ```
 *
 * A row goes to the sink of each question that keeps it.
 *
 * @module
 */

import { needsOf } from "../contract/column.ts";
import type { Need, View } from "../contract/family.ts";
import type { Head, Layout, Lost, Shown, Sink } from "../contract/sink.ts";
import type { Tests } from "./compile.ts";
import type { Plan, RelationPlan } from "./plan.ts";

/** What a reading works with that answers all. */
export interface Together {
  /** What is done with each relation. */
  readonly relations: readonly RelationPlan[];
  /** Takes the rows. */
  readonly sink: Sink;
}

/** How they are answered. */
export interface Reading {
  /** What columns see of the command line. */
  readonly view: View;
  /** What is looked for only if rows are kept by it: what needs it is null else. */
  readonly unasked?: readonly Need[] | undefined;
}

/** Makes one reading of several; each plan has its own sink, in the same order. */
export function together(
  plans: readonly Plan[],
  sinks: readonly Sink[],
  { view, unasked = [] }: Reading,
): Together {
  const [first] = plans;
  const parts = new Map<
    readonly Shown[],
    readonly (RelationPlan | undefined)[]
  >();
  const relations = (first?.relations ?? []).map((_, i) => {
    const all = plans.map((plan) => plan.relations[i]!);
    const asked = all.filter(({ none }) => !none);
    const merged = asked.length === 0
      // no row of it is read, so nothing need be looked for
      ? { ...all[0]!, shown: [], used: [], needs: new Set<Need>() }
      : mergedOf(asked, unasked);
    parts.set(merged.shown, all.map((one) => one.none ? undefined : one));
    return merged;
  });
  return { relations, sink: new Tee(sinks, parts, view) };
}

/** What is done with a relation that several questions ask. */
function mergedOf(
  all: readonly RelationPlan[],
  unasked: readonly Need[],
): RelationPlan {
  const keeps = all.map(({ keep }) => keep);
  const tests = all.map(({ tests }) => tests);
  const isKnown = (test: Tests | undefined) => test !== undefined;
  const isAsked = ({ column }: Shown) =>
    !needsOf(column).some((need) => unasked.includes(need));
  const parts = all.map((one) => {
    const shown = [...one.used, ...one.shown];
    return one.later === undefined ? shown.filter(isAsked) : shown;
  });
  const used = parts.flat();
  return {
    none: false,
    keep: keeps.includes(undefined)
      ? undefined
      : (row, view) => keeps.some((keep) => keep!(row, view)),
    // each question tests that by itself
    later: undefined,
    head: {},
    shown: [...used],
    used,
    inText: all.every(({ inText }) => inText),
    needs: new Set<Need>(used.flatMap(({ column }) => needsOf(column))),
    tests: tests.every(isKnown)
      ? { is: "any", terms: tests as Tests[] }
      : undefined,
  };
}

/** Hands each row to those who asked for it. */
class Tee implements Sink {
  readonly #sinks: readonly Sink[];
  readonly #parts: ReadonlyMap<
    readonly Shown[],
    readonly (RelationPlan | undefined)[]
  >;
  readonly #view: View;
  #now: readonly (RelationPlan | undefined)[] = [];
  readonly #begun = new Set<readonly Shown[]>();
  /** Whether a sink still wants rows. */
  #wants: boolean[];

  constructor(
    sinks: readonly Sink[],
    parts: ReadonlyMap<
      readonly Shown[],
      readonly (RelationPlan | undefined)[]
    >,
    view: View,
  ) {
    this.#sinks = sinks;
    this.#parts = parts;
    this.#view = view;
    this.#wants = sinks.map(() => true);
  }

  begin(_head: Head, shown: readonly Shown[], layout: Layout): void {
    this.#begun.add(shown);
    this.#now = this.#parts.get(shown) ?? [];
    for (const [i, part] of this.#now.entries()) {
      if (part !== undefined) {
        this.#sinks[i]!.begin(part.head, part.shown, layout);
      }
    }
  }

  row(row: unknown): boolean {
    const now = this.#now;
    for (let i = 0; i < now.length; i++) {
      const part = now[i];
      if (part === undefined || !this.#wants[i]) continue;
      if (part.keep !== undefined && !part.keep(row, this.#view)) continue;
      if (part.later !== undefined && !part.later(row, this.#view)) continue;
      this.#wants[i] = this.#sinks[i]!.row(row);
    }
    return this.#wants.includes(true);
  }

  unread(reason?: Lost): void {
    this.#lose(this.#now, reason);
  }

  #lose(
    parts: readonly (RelationPlan | undefined)[],
    reason: Lost | undefined,
  ): void {
    for (const [i, part] of parts.entries()) {
      if (part !== undefined) this.#sinks[i]!.unread?.(reason);
    }
  }

  end(): void {
    // what was never begun could not be read, unless nobody wanted more
    if (this.#wants.includes(true)) {
      for (const [shown, parts] of this.#parts) {
        if (!this.#begun.has(shown)) this.#lose(parts, undefined);
      }
    }
    this.#begun.clear();
    for (const sink of this.#sinks) sink.end();
    this.#wants = this.#sinks.map(() => true);
  }
}
