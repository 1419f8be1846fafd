/**
 * Relations for tests of questions: columns of every kind, over rows that are plain
 * objects.
 *
 * @module
 */

import { fact } from "../core/contract/column.ts";
import type { Columns, Kind, Span, Value } from "../core/contract/family.ts";
import { Address, parseIpv4, parseIpv6 } from "../core/contract/ip.ts";
import type { View } from "../core/contract/family.ts";
import type { Schema } from "../core/query/schema.ts";

/** A row, by key. */
export type Plain = Readonly<Record<string, Value>>;

/** A column of a plain row. */
export function plain(
  key: string,
  kind: Kind,
  more: Partial<Columns<Plain>[string]> = {},
): Columns<Plain> {
  const column = fact<Plain, null>(`${kind}?`, () => null, `The ${key}.`);
  return { [key]: { ...column, value: (row) => row[key] ?? null, ...more } };
}

/** Points at the bytes of an Internet address that is spelled in a row. */
export function spanned(key: string): Partial<Columns<Plain>[string]> {
  const address = new Address();
  return {
    span: (row: Plain, into: Span) => {
      const text = row[key] as string | null | undefined;
      if (text === null || text === undefined) return false;
      if (text.includes(":")) parseIpv6(text, address);
      else parseIpv4(text, address);
      // not at the start, as in a line
      into.bytes = new Uint8Array(20);
      into.bytes.set(address.bytes, 3);
      into.from = 3;
      into.to = 3 + address.length;
      return true;
    },
  };
}

/** States that sockets can be in. */
export const STATES: readonly string[] = [
  "ESTABLISHED",
  "TIME_WAIT",
  "LISTEN",
  "DISC SENT",
];

/** Columns of every kind and unit, with every property that a question looks at. */
export const COLUMNS: Columns<Plain> = {
  ...plain("state", "name", { words: STATES }),
  ...plain("mode", "name"),
  ...plain("local_port", "port"),
  ...plain("foreign_port", "port"),
  ...plain("local_address", "address", spanned("local_address")),
  ...plain("foreign_address", "address", spanned("foreign_address")),
  ...plain("gateway", "address"),
  ...plain("recv_q", "integer", { unit: "bytes" }),
  ...plain("send_q", "integer", { unit: "bytes" }),
  ...plain("rx_ok", "integer", { unit: "packets" }),
  ...plain("inode", "integer"),
  ...plain("retrans_ratio", "ratio"),
  ...plain("tcp_rtt_us", "duration", {
    unit: "microseconds",
    short: "rtt",
    set: "tcp",
  }),
  ...plain("expire_ms", "duration", { unit: "milliseconds" }),
  ...plain("delete_s", "duration", { unit: "seconds" }),
  ...plain("running", "boolean"),
  ...plain("path", "string"),
  ...plain("iface", "string"),
  ...plain("program_name", "string", { needs: "owner", set: "owner" }),
  ...plain("flag_names", "strings"),
  ...plain("foreign_addresses", "strings"),
  ...plain("owners", "objects", {
    needs: "holders",
    set: "owner",
    each: {
      ...plain("pid", "integer"),
      ...plain("comm", "string"),
      ...plain("user", "string"),
      ...plain("cmdline", "strings"),
      ...plain("local", "boolean"),
    },
  }),
};

/** A relation with all of them. */
export const SCHEMA: Schema = {
  head: { family: "inet", proto: "tcp", netns: 4026531840 },
  columns: COLUMNS,
};

/** Another one, which has only some of them, and some of its own. */
export const OTHER: Schema = {
  head: { family: "unix", proto: "unix", netns: 4026531840 },
  columns: {
    ...plain("state", "name", { words: ["LISTENING", "CONNECTED"] }),
    ...plain("path", "string"),
    ...plain("inode", "integer"),
    ...plain("type", "name", { words: ["STREAM", "DGRAM"] }),
  },
};

/** What columns see of the command line: nothing that these look at. */
export const VIEW = { programs: false, context: false } as View;

/** Services for ports. */
export function services(name: string): number | undefined {
  return { https: 443, ssh: 22, domain: 53 }[name];
}
