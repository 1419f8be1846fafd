/**
 * What people are told beyond net-tools' own messages: why the usage text is there,
 * and what to type instead. A listing that goes well needs none of this.
 *
 * @module
 */

import type { Card } from "./registry.ts";
import {
  type Asked,
  type Option,
  OPTIONS,
  type Stop,
} from "../args/options.ts";
import { distanceBetween } from "../contract/nearest.ts";

/**
 * The last line under a usage text: why it is shown, and what may have been meant.
 * Undefined if the text itself was asked for. A byte string, like all that follow.
 */
export function reasonOf(
  { error, unknown, modes = [] }: Extract<Stop, { stop: "usage" }>,
): string | undefined {
  if (error !== "") {
    const meant = unknown === undefined ? undefined : meantBy(unknown);
    return meant === undefined ? error : `${error}; did you mean '${meant}'?`;
  }
  const names = new Set(modes.map((mode) => `-${optionOf(mode).short}`));
  if (names.size === 0) return undefined;
  return names.size === 1
    ? `${[...names]} is given more than once`
    : `${listed([...names])} exclude each other: give one of them`;
}

/** The family words that there are, under the message about one that there is not. */
export function familiesAdvice(
  families: readonly {
    readonly name: string;
    readonly words?: readonly string[];
  }[],
): string {
  const words = families.flatMap(({ name, words = [name] }) => words);
  return `the families are ${listed(words.sort())}`;
}

/** What a round of a listing leaves to say. */
export interface Listed {
  /** The command line. */
  readonly asked: Asked;
  /** The exit status. */
  readonly status: number;
  /** Whether names came too late. */
  readonly late: boolean;
  /** The families that there are. */
  readonly cards: readonly Card[];
}

/** Advice on a listing: a line for each thing that its user may have missed. */
export function listingAdvice(
  { asked, status, late, cards }: Listed,
): string[] {
  const { families, modes: [mode] } = asked;
  const lines = [operandsAdvice(asked)];
  if (late) lines.push(lateAdvice(asked));
  if (status !== 0 && (mode === "route" || mode === "statistics")) {
    const able = cards.filter((card) =>
      mode === "route" ? card.routes : card.statistics
    );
    const names = able.map(({ name }) => name);
    if (families.some((name) => !names.includes(name))) {
      const { short } = optionOf(mode);
      lines.push(`-${short} knows the families ${listed(names)}`);
    }
    if (mode === "statistics" && families.length > 1) {
      lines.push("-s shows one family at a time");
    }
  }
  return lines.filter((line) => line !== undefined);
}

/** Says what to do where names come too late. */
export function lateAdvice({ patience }: Pick<Asked, "patience">): string {
  return `not all names came within ${patience / 1000} s: ` +
    "--numeric-hosts asks for none, --resolve-timeout=SECONDS waits longer";
}

/** Says that words were ignored and what would do what they ask for. */
function operandsAdvice(asked: Asked): string | undefined {
  const [word, ...more] = asked.operands;
  if (word === undefined) return undefined;
  const does = OPERANDS.map((advice) => advice(word, asked))
    .find((text) => text !== undefined);
  const ignored = more.length === 0
    ? `'${word}' is ignored`
    : `'${word}' and ${more.length} more are ignored`;
  return `${ignored}: ${does}`;
}

const NUMBER = /^\d+$/;
const PORT_MOST = 65_535;
const ADDRESS = /^(?:\d+(?:\.\d+){3}|[\da-f]*:[\da-f:.]+)$/i;
/** What a shell takes as it is. */
const PLAIN = /^[\w.:%\/@,+-]+$/;

/** What may be meant by an operand, the most likely first; the last always answers. */
const OPERANDS: readonly ((
  word: string,
  asked: Asked,
) => string | undefined)[] = [
  // the value of an option that takes one only behind an equals sign
  (word) => {
    const option = OPTIONS.find(({ implied, values }) =>
      implied !== undefined && values?.includes(word)
    );
    return option && `type '--${option.long}=${word}' to say so`;
  },
  (word, { continuous }) =>
    continuous && NUMBER.test(word)
      ? "-c shows the listing every second; " +
        `'watch -n ${word} netstat' does every ${word} seconds`
      : undefined,
  (word) => {
    const option = OPTIONS.find(({ long }) => long === word);
    return option && option.value === undefined
      ? `type '--${word}' for the option`
      : undefined;
  },
  (word, { modes }) =>
    modes[0] === "route" && ADDRESS.test(word)
      ? `-r shows whole tables; 'ip route get ${word}' shows one route`
      : undefined,
  (word, { modes }) =>
    modes.length === 0 && NUMBER.test(word) && Number(word) <= PORT_MOST
      ? onlyWith("this port", `local_port = ${word} or foreign_port = ${word}`)
      : undefined,
  (word, { modes }) =>
    modes.length === 0 && ADDRESS.test(word)
      ? onlyWith(
        "this address",
        `local_address = ${word} or foreign_address = ${word}`,
      )
      : undefined,
  (word, { modes }) =>
    modes[0] === "interfaces" && PLAIN.test(word) && !word.startsWith("-")
      ? onlyWith("this interface", `iface = "${word}"`)
      : undefined,
  (word, { format }) =>
    format === "text" && PLAIN.test(word) && !word.startsWith("-")
      ? `to see only lines with it, type '| grep -F ${word}' behind the command`
      : undefined,
  () => "there are only options",
];

/** How to see only some rows. */
function onlyWith(what: string, question: string): string {
  return `to see only ${what}, type --where '${question}'`;
}

/** The option that a word looks like, if one is near enough. */
function meantBy(word: string): string | undefined {
  const [, dashes = "", name = ""] = /^(--?)([^=]*)/.exec(word) ?? [];
  const other = dashes === "--" ? OTHERWISE[name] : undefined;
  if (other !== undefined) return `--${other}`;
  const longs = OPTIONS.flatMap(({ long }) => long ?? []);
  // letters with one dash are a bundle, unless they are a whole name
  const most = dashes === "-" ? 0 : Math.floor(name.length / 3);
  let nearest: string | undefined;
  let least = Math.min(most, DISTANCE_MOST) + 1;
  for (const long of longs) {
    const distance = distanceBetween(name, long);
    if (distance < least) [nearest, least] = [`--${long}`, distance];
  }
  return nearest;
}

/** What options are called in other programs. */
const OTHERWISE: Readonly<Record<string, string>> = {
  fields: "columns",
  filter: "where",
  "group-by": "count",
  head: "limit",
  "no-headers": "no-header",
  "order-by": "sort",
  select: "columns",
  top: "limit",
};

/** Words that differ more are other words. */
const DISTANCE_MOST = 2;

function optionOf(long: string): Option {
  return OPTIONS.find((option) => option.long === long)!;
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
