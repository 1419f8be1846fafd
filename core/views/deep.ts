/**
 * Rows of which the kernel tells more over netlink than in its files. Where an answer has
 * all of a line that is asked for, answers take the place of lines: a row and what is told
 * of it besides are then of one moment, and belong together without doubt. Else the rows
 * are those of the file, and answers are found for them by their inodes.
 *
 * @module
 */

import type { Asked } from "../args/options.ts";
import { Answer, type Asking } from "../contract/diag.ts";
import {
  type AskMore,
  type Depth,
  depthOf,
  type Finder,
  type Finding,
  type Told,
} from "../contract/depth.ts";
import type { Source, Table, View } from "../contract/family.ts";
import { Line } from "../contract/line.ts";
import { Answers, type LookUp } from "../joins/answers.ts";
import { Failure } from "../system/failures.ts";
import { addNumbered } from "../system/numbered.ts";
import { answerPath, SavedAnswers } from "../system/saved_diag.ts";
import type { LineSource } from "../system/scan.ts";
import {
  BothFamilies,
  channelsIn,
  isUnknown,
  LookUps,
  NO_SOCKETS,
  openSockets,
  type Wanted,
} from "../system/sock_diag.ts";
import type { Around } from "./around.ts";
import { pushedOf } from "./pushed.ts";
import { type Form, plainForm, Rows } from "./rows.ts";
import type { Shape, Step } from "./shape.ts";
import type { ShownView } from "./view.ts";

/** What is shown of each step. */
export type Shapes = ReadonlyMap<Step, Shape>;

/** How a step is asked for. */
export interface Deep {
  /** What its answers mean. */
  // deno-lint-ignore no-explicit-any
  readonly depth: Depth<any>;
  /** How they are asked for. */
  readonly asking: Asking;
  /** All that is asked: `asking`, and what else is about the same file. */
  readonly askings: readonly Asking[];
  /** The bits that are asked for. */
  readonly show: number;
  /** Whether lines of the file are not simply believed. */
  readonly doubted: boolean;
  /** Whether the rows are those of the file, each with its answer. */
  readonly joined: boolean;
}

/** There are no such sockets here, or nobody who tells of them. */
const NOT_ASKED = new Failure(NO_SOCKETS.path, "ENOENT", "Not known");

/** What answers come from. */
type From = Pick<Around, "tree" | "view" | "messages"> & {
  readonly asked: Pick<Asked, "source">;
};

/**
 * So many sockets of a saved tree, two million, are kept to find others by, and so many
 * bytes of an answer about lines, 256 MiB; it may have any number.
 */
const GATHERED_MOST = 1 << 21;
const ANSWERS_MOST = 1 << 28;

/** What netlink tells in one round of a listing. */
export class Depths {
  readonly #from: From;
  /** How other ends are found, of the steps that show them. */
  readonly #findings = new Map<Step, Finding<Told>>();
  readonly #finders = new Map<Finding<Told>, Finder<Told>>();
  /** The steps that netlink is asked for. */
  readonly #deep = new Map<Step, Deep>();
  /** Answers for lines; undefined if the kernel does not tell of such sockets. */
  readonly #answers = new Map<Step, Answers | undefined>();
  readonly #lookUps: LookUps[] = [];
  /** What netlink told, if files of a saved tree are read. */
  readonly #saved: SavedAnswers | undefined;
  /** The files of which it was told that lines are left out. */
  readonly #told = new Set<Source>();

  /** TCP sockets, if those of both families are asked for alike. */
  readonly #both: BothFamilies | undefined;

  /** Nothing is asked yet. */
  constructor(shapes: Shapes, from: From) {
    this.#from = from;
    const { tree, view } = from;
    addNumbered(view.names, tree);
    this.#saved = tree.live ? undefined : new SavedAnswers(tree);
    // net-tools' text believes what it reads
    const { frozen } = from.messages;
    for (const [step, shape] of shapes) {
      const finding = depthOf(step.table)?.finding;
      if (finding !== undefined && shape.needs.has("peer")) {
        this.#findings.set(step, finding);
      }
      const deep = deepOf(step, shape, frozen);
      if (deep?.askings.some((one) => this.#isTold(step.source, one))) {
        this.#deep.set(step, deep);
      }
    }
    this.#both = this.#saved === undefined ? this.#askBoth() : undefined;
  }

  #askBoth(): BothFamilies | undefined {
    const { view, tree } = this.#from;
    const all = [...this.#deep]
      .filter(([, deep]) => isTcp(deep))
      .map(([step, deep]) => ({ ...wantedOf(step, deep, view), deep }));
    const [one, other] = all;
    const isAlike = one !== undefined && other !== undefined &&
      one.states !== undefined && one.states === other.states &&
      one.deep.show === other.deep.show &&
      (one.program ?? other.program) === undefined;
    if (!isAlike) return undefined;
    const { states, deep: { show } } = one;
    return new BothFamilies({ states: states!, show }, channelsIn(tree));
  }

  /**
   * Whether the kernel is asked, and not a file that somebody has put in its place; of a
   * saved tree, whether it was asked when the file was saved.
   */
  #isTold({ path }: Source, asking: Asking): boolean {
    const { tree, asked } = this.#from;
    if (asked.source === "procfs") return false;
    if (this.#saved === undefined) return tree.isProcfs(path);
    return !tree.isGone(path) && this.#saved.has(asking);
  }

  /** Reads all sockets among which other ends are looked for. */
  async gather(): Promise<void> {
    for (const finding of new Set(this.#findings.values())) {
      const finder = finding.start();
      for (const table of await finding.tables()) {
        for (const source of table.sources) {
          this.#gather(finder, finding, { table, source });
        }
      }
      this.#finders.set(finding, finder);
    }
  }

  #gather(
    finder: Finder<Told>,
    { show }: Finding<Told>,
    { table, source }: Pick<Step, "table" | "source">,
  ): void {
    const { tree } = this.#from;
    const depth = depthOf(table);
    const asking = depth?.asking(source);
    const told = asking !== undefined && this.#isTold(source, asking)
      ? this.#joined(asking, show) ?? this.#ask(asking, { show })
      : undefined;
    const lines = told ?? tree.openEither(source, table.lineLimit);
    if (lines instanceof Failure) return;
    const row = table.row(source, lines.path);
    const form = told === undefined ? table : answerForm(
      { depth: depth!, asking: asking! },
      this.#askMore,
      this.#from.view,
    );
    const rows = new Rows(lines, form, row, () => true);
    let room = told === undefined ? Infinity : this.#room;
    while (rows.next() && room-- > 0) finder.add(row);
    lines.close();
    if (lines.failure) tree.failures.add(lines.failure);
    if (room < 0) this.#tooMany(lines);
  }

  /**
   * The answers that are found for lines, if they are about all of these sockets: the
   * kernel is asked once for both.
   */
  #joined(asking: Asking, show: number): LineSource | undefined {
    if (this.#saved !== undefined) return undefined;
    for (const [step, deep] of this.#deep) {
      if (!deep.joined || deep.asking !== asking) continue;
      const answers = this.#answersFor({ ...deep, show: deep.show | show });
      this.#answers.set(step, answers);
      return answers?.lines();
    }
    return undefined;
  }

  /**
   * Asks the kernel for the sockets of a step. Undefined if its file is to be read; there
   * may be answers for its lines then.
   */
  lines(step: Step): LineSource | Failure | undefined {
    const deep = this.#deep.get(step);
    if (deep === undefined) {
      return depthOf(step.table)?.alone ? NOT_ASKED : undefined;
    }
    if (!deep.joined) {
      const wanted = wantedOf(step, deep, this.#from.view);
      if (wanted === undefined) return NO_SOCKETS;
      const asked = { ...wanted, show: deep.show };
      const both = isTcp(deep)
        ? this.#both?.open(deep.asking.family)
        : undefined;
      if (both !== undefined && !(both instanceof Failure)) return both;
      return deep.depth.alone
        ? this.#askAlone(deep.asking, asked)
        : this.#ask(deep.asking, asked);
    }
    if (!this.#answers.has(step)) {
      this.#answers.set(step, this.#answersFor(deep));
    }
    return undefined;
  }

  #ask(asking: Asking, wanted: Wanted): LineSource | undefined {
    const lines = this.#open(asking, wanted);
    if (!(lines instanceof Failure)) return lines;
    if (!isUnknown(lines)) this.#from.tree.failures.add(lines);
    return undefined;
  }

  /** How many sockets are kept of one answer. */
  get #room(): number {
    return this.#saved === undefined ? Infinity : GATHERED_MOST;
  }

  #tooMany({ path }: LineSource): void {
    const reason = `Only the first ${GATHERED_MOST} sockets are kept to find ` +
      "others by";
    this.#from.tree.failures.add(new Failure(path, "ENOMEM", reason));
  }

  #open(asking: Asking, wanted: Wanted): LineSource | Failure {
    return this.#saved?.open(asking, wanted) ??
      openSockets(asking, wanted, this.#from.tree);
  }

  /** Asks for sockets that no file tells of. */
  #askAlone(asking: Asking, wanted: Wanted): LineSource | Failure {
    const lines = this.#open(asking, wanted);
    if (!(lines instanceof Failure)) return lines;
    return isUnknown(lines) ? NOT_ASKED : this.#from.tree.failures.add(lines);
  }

  readonly #askMore: AskMore = (asking, states, each) => {
    const lines = this.#ask(asking, { states });
    if (lines === undefined) return;
    const line = new Line();
    const answer = new Answer();
    let room = this.#room;
    while (lines.next(line) && room-- > 0) {
      answer.set(line.bytes, line.start, line.end, asking.answer);
      each(answer);
    }
    lines.close();
    if (lines.failure) this.#from.tree.failures.add(lines.failure);
    if (room < 0) this.#tooMany(lines);
  };

  #answersFor({ asking, askings, show, depth }: Deep): Answers | undefined {
    const all = askings.flatMap((one) => this.#ask(one, { show }) ?? []);
    if (all.length === 0) return undefined;
    const answers = new Answers(
      all.length === 1 ? all[0]! : oneAfterAnother(all),
      asking,
      {
        keysOf: depth.keys?.of,
        ...(this.#saved === undefined
          ? { lookUp: this.#lookUp(asking, show) }
          : { most: ANSWERS_MOST }),
      },
    );
    if (answers.failure) this.#from.tree.failures.add(answers.failure);
    return answers;
  }

  #lookUp(asking: Asking, show: number): LookUp {
    const lookUps = new LookUps(
      asking,
      show,
      channelsIn(this.#from.tree),
    );
    this.#lookUps.push(lookUps);
    return (inode) => lookUps.find(inode);
  }

  /** Whether lines of a step's file are believed only if an answer says the same. */
  doubts(step: Step): boolean {
    const answers = this.#answers.get(step);
    if (answers === undefined || !this.#deep.get(step)!.doubted) return false;
    // what a saved answer lacks cannot be asked for
    return this.#saved === undefined || answers.failure === undefined;
  }

  /** Tells, once, that sockets of a file are not in the answer that was saved. */
  #leftOut({ source }: Step, { asking }: Deep): (() => void) | undefined {
    if (this.#saved === undefined) return undefined;
    return () => {
      if (this.#told.has(source)) return;
      this.#told.add(source);
      this.#from.messages.warn(
        `netstat: ${source.path}: lines of sockets that are not in ` +
          `${answerPath(asking)} are left out`,
      );
    };
  }

  /** How the rows of a step are made of its lines, or of answers in their place. */
  form(step: Step, { messages = false }: Pick<LineSource, "messages">): Form {
    const form = this.#formOf(step, messages);
    const finder = this.#finders.get(this.#findings.get(step)!);
    if (finder === undefined) return form;
    return {
      ...form,
      first: form.first?.bind(form) ?? (() => true),
      parse(line, row) {
        if (!form.parse(line, row)) return false;
        (row as Told).peer = finder.find(row as Told);
        return true;
      },
    };
  }

  #formOf(step: Step, messages: boolean): Form {
    const { table } = step;
    const deep = this.#deep.get(step);
    const answers = this.#answers.get(step);
    if (messages && deep !== undefined) {
      return answerForm(deep, this.#askMore, this.#from.view);
    }
    if (answers === undefined) return plainForm(step, { messages });
    return joinedForm(table, {
      answers,
      depth: deep!.depth,
      doubted: this.doubts(step),
      leftOut: this.#leftOut(step, deep!),
      ask: this.#askMore,
    });
  }

  /** Ends the asking. */
  close(): void {
    for (const lookUps of this.#lookUps) lookUps.close();
  }
}

/** How a step is asked for, if what is shown of it needs that. */
function deepOf(
  { table, source, plan }: Step,
  { needs, show, shown }: Shape,
  frozen: boolean,
): Deep | undefined {
  const depth = depthOf(table);
  const asking = depth?.asking(source);
  if (depth === undefined || asking === undefined) return undefined;
  const doubted = !frozen && depth.doubts !== undefined;
  if (!needs.has("diag") && !doubted && !depth.alone) return undefined;
  const bits = doubted ? show | depth.doubts!.show : show;
  const { parse, lacks } = depth;
  const keys = [...(frozen ? [] : shown), ...plan?.used ?? []];
  const joined = parse === undefined || keys.some(({ key }) => lacks?.has(key));
  const askings = [asking, ...depth.more ?? []];
  return { depth, asking, askings, show: bits >>> 0, doubted, joined };
}

/** `IPPROTO_TCP` */
const TCP = 6;

/** Whether TCP sockets are asked for, of which each answer is a row. */
function isTcp({ asking, joined }: Deep): boolean {
  return asking.protocol === TCP && asking.rtnetlink === undefined && !joined;
}

/** The answers to several questions as if it were one. */
function oneAfterAnother(all: readonly LineSource[]): LineSource {
  const [{ path }] = all as [LineSource];
  let at = 0;
  return {
    path,
    messages: true,
    get number() {
      return all.reduce((sum, { number }) => sum + number, 0);
    },
    get failure() {
      return all.find(({ failure }) => failure !== undefined)?.failure;
    },
    next(line) {
      while (at < all.length) {
        if (all[at]!.next(line)) return true;
        at++;
      }
      return false;
    },
    close() {
      for (const lines of all) lines.close();
    },
  };
}

/** What of a question the kernel can choose by; undefined if it has no such sockets. */
function wantedOf(
  { plan }: Step,
  { depth: { states, named }, asking: { family } }: Deep,
  view: ShownView,
): Wanted | undefined {
  const listed = states?.(view) ?? ALL;
  if (named === undefined) return { states: listed };
  return pushedOf(plan?.tests, { family, named, listed });
}

const ALL = 0xffff_ffff;

/** Rows that are made of answers; of all that come, unless bits are given. */
export function answerForm(
  { depth, asking, show }:
    & Pick<Deep, "depth" | "asking">
    & Partial<Pick<Deep, "show">>,
  ask: AskMore,
  view: View,
): Form {
  const answer = new Answer();
  answer.isRow = true;
  let begun: Told | undefined;
  const lists = show === undefined ? undefined : depth.lists;
  return {
    ...(lists && { believes: () => lists(begun!, show!) }),
    first: () => false,
    parse({ bytes, start, end }: Line, row: unknown) {
      const told = row as Told;
      answer.set(bytes, start, end, asking.answer);
      told.answer = answer;
      if (told !== begun) {
        begun = told;
        depth.begin?.(told, ask);
      }
      return depth.parse?.(told, view) ?? true;
    },
  };
}

/** Rows that are made of lines, each with its answer, if there is one. */
function joinedForm(
  // deno-lint-ignore no-explicit-any
  table: Table<any>,
  { answers, depth, doubted, leftOut, ask }: {
    readonly answers: Answers;
    readonly depth: Deep["depth"];
    readonly doubted: boolean;
    /** Hears of a line whose socket no answer is about. */
    readonly leftOut: (() => void) | undefined;
    readonly ask: AskMore;
  },
): Form {
  const head = table.first && { first: table.first };
  if (!doubted) {
    let begun: Told | undefined;
    return {
      ...head,
      parse(line, row) {
        if (!table.parse(line, row)) return false;
        const told = row as Told;
        told.answer = depth.keys === undefined
          ? answers.find(table.inode!(row), () => depth.ends?.(told))
          : answers.findBy(depth.keys.by(told));
        if (told !== begun) depth.begin?.(begun = told, ask);
        return true;
      },
    };
  }
  const believes = depth.doubts!.start(answers);
  let believed = false;
  return {
    ...head,
    parse(line, row) {
      const isRow = table.parse(line, row);
      believed = believes(isRow ? row as Told : undefined);
      if (
        leftOut !== undefined && isRow && !believed &&
        answers.find(table.inode!(row)) === undefined
      ) leftOut();
      // there is nothing to complain of a name with newlines in it
      return true;
    },
    believes: () => believed,
  };
}
