/**
 * What connection tracking tells of a connection besides its ends. Words are made of a
 * line only if a column is asked for: there can be millions.
 *
 * @module
 */

import { fact } from "../core/contract/column.ts";
import type { Column, Columns, Long } from "../core/contract/family.ts";
import { Line } from "../core/contract/line.ts";

/** The `key=value` and `[FLAG]` of a line. */
export class Details {
  readonly #line = new Line();
  #unread = false;
  readonly #words = new Map<string, string>();

  /** Leaves a line unread until it is asked for; its bytes must stay until then. */
  leave({ bytes, start, end }: Line): void {
    this.#line.set(bytes, start, end);
    this.#unread = true;
  }

  /** A value; behind the second tuple the key has `reply-` in front. */
  get(key: string): string | undefined {
    this.#read();
    return this.#words.get(key);
  }

  /** Whether a word in brackets is there. */
  has(flag: string): boolean {
    this.#read();
    return this.#words.has(`[${flag}]`);
  }

  #read(): void {
    if (!this.#unread) return;
    this.#unread = false;
    this.#words.clear();
    let tuples = 0;
    for (const word of this.#line.text().split(/[\t-\r ]+/)) {
      const [key, value] = split(word);
      if (key === "src") tuples++;
      this.#words.set(
        tuples === 2 && COUNTED.includes(key) ? `reply-${key}` : key,
        value,
      );
    }
  }
}

/** What is counted for each direction. */
const COUNTED = ["packets", "bytes"];

function split(word: string): [key: string, value: string] {
  const equals = word.indexOf("=");
  if (equals < 0) return [word, ""];
  // a comma stands behind GRE's first number
  return [word.slice(0, equals), word.slice(equals + 1).replace(/,$/, "")];
}

/** A row that has them. */
export interface Detailed {
  /** What its line tells. */
  readonly details: Details;
}

/** The number under a key; null without one. */
function numberOf({ details }: Detailed, key: string): Long | null {
  const text = details.get(key);
  if (text === undefined || !/^\d{1,20}$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt.asUintN(64, BigInt(text));
}

function number<Row extends Detailed>(
  key: string,
  about: string,
  more: Pick<Column<Row>, "unit" | "counter" | "short"> = {},
): Column<Row> {
  const isTime = more.unit === "seconds";
  return fact<Row, Long | null>(
    isTime ? "duration?" : "integer?",
    (row) => numberOf(row, key),
    about,
    more,
  );
}

const PACKETS = { unit: "packets", counter: true } as const;
const BYTES = { unit: "bytes", counter: true } as const;

/** What counts packets is off unless `net.netfilter.nf_conntrack_acct` is set. */
const COUNTS = "null if the kernel does not count";

/** Their columns. */
export function detailColumns<Row extends Detailed>(): Columns<Row> {
  return {
    packets: number<Row>("packets", `Packets sent; ${COUNTS}.`, PACKETS),
    bytes: number<Row>("bytes", `Bytes sent; ${COUNTS}.`, BYTES),
    reply_packets: number<Row>(
      "reply-packets",
      `Packets of the answers; ${COUNTS}.`,
      PACKETS,
    ),
    reply_bytes: number<Row>(
      "reply-bytes",
      `Bytes of the answers; ${COUNTS}.`,
      BYTES,
    ),
    age_s: number<Row>(
      "delta-time",
      "Seconds since the connection began; null if the kernel does not keep the time " +
        "(net.netfilter.nf_conntrack_timestamp).",
      { unit: "seconds", short: "age" },
    ),
    unreplied: fact<Row, boolean>(
      "boolean",
      ({ details }) => details.has("UNREPLIED"),
      "Whether no answer was seen.",
    ),
    assured: fact<Row, boolean | null>(
      "boolean?",
      (row) => offloadOf(row) === null ? row.details.has("ASSURED") : null,
      "Whether it stays when the table is full; null of one whose packets are " +
        "offloaded, of which the kernel does not tell.",
    ),
    offload: fact<Row, string | null>(
      "name?",
      offloadOf,
      "What forwards its packets past the rules: `software` or `hardware`; null if " +
        "nothing does.",
      { words: ["software", "hardware"] },
    ),
    mark: number<Row>("mark", "Mark of the connection; null without one."),
    secctx: fact<Row, string | null>(
      "string?",
      ({ details }) => details.get("secctx") ?? null,
      "Security context of its packets; null without one.",
    ),
    zone: number<Row>(
      "zone",
      "Zone of the connection; null if it has none, or one for a direction.",
    ),
    original_zone: number<Row>(
      "zone-orig",
      "Zone of the way there, if only that is in one.",
    ),
    reply_zone: number<Row>(
      "zone-reply",
      "Zone of the way back, if only that is in one.",
    ),
    gre_timeout_s: number<Row>(
      "timeout",
      "Of GRE, how long it is kept until packets went both ways.",
      { unit: "seconds" },
    ),
    gre_stream_timeout_s: number<Row>(
      "stream_timeout",
      "Of GRE, how long it is kept after that.",
      { unit: "seconds" },
    ),
    refcnt: number<Row>("use", "Reference count."),
  };
}

function offloadOf({ details }: Detailed): string | null {
  if (details.has("HW_OFFLOAD")) return "hardware";
  return details.has("OFFLOAD") ? "software" : null;
}
