/**
 * Rules by which the kernel chooses a routing table, as it tells of them over netlink
 * (`RTM_GETRULE`, linux/fib_rules.h).
 *
 * @module
 */

import { type Answer, type Asking, FIXED } from "../core/contract/diag.ts";
import type { Out, Table } from "../core/contract/family.ts";
import { Address, writePlainAddress } from "../core/contract/ip.ts";
import {
  count,
  type Fields,
  flag,
  told,
  u32,
  u8,
  unless,
  wordOrDigits,
} from "./_diag_fields.ts";
import {
  addressField,
  flagFields,
  INET,
  INET6,
  madeBy,
  numbered,
  readAddress,
  rtAsking,
  TABLES,
} from "./_rt_fields.ts";
import { type Printing, rtTable } from "./_rt_table.ts";

/** `struct fib_rule_hdr` */
const HEADER = 12;

/** `FRA_…` */
const DST = 1;
const SRC = 2;
const IIFNAME = 3;
const GOTO = 4;
const PRIORITY = 6;
const FWMARK = 10;
const FLOW = 11;
const TUN_ID = 12;
const SUPPRESS_IFGROUP = 13;
const SUPPRESS_PREFIXLEN = 14;
const TABLE = 15;
const FWMASK = 16;
const OIFNAME = 17;
const L3MDEV = 19;
const UID_RANGE = 20;
const PROTOCOL = 21;
const IP_PROTO = 22;
const SPORT_RANGE = 23;
const DPORT_RANGE = 24;
const DSCP = 25;

/** `FR_ACT_…` */
const ACTIONS: Readonly<Record<number, string>> = {
  0: "unspec",
  1: "lookup",
  2: "goto",
  3: "nop",
  6: "blackhole",
  7: "unreachable",
  8: "prohibit",
};

/** `FIB_RULE_…`, from the lowest bit. */
const FLAGS = [
  "permanent",
  "not",
  "unresolved",
  "iif_detached",
  "oif_detached",
];

/** That nothing is suppressed. */
const NONE = 0xffff_ffff;

/** A number of 64 bits in the order of the network. */
function tunnelOf(answer: Answer): number | bigint | null {
  const upper = answer.port(TUN_ID);
  if (upper === null || answer.size(TUN_ID) < 8) return null;
  let id = BigInt(upper);
  for (let at = 2; at < 8; at += 2) {
    id = id << 16n | BigInt(answer.port(TUN_ID, at)!);
  }
  return id <= Number.MAX_SAFE_INTEGER ? Number(id) : id;
}

/** All that is told of a rule. */
export const ruleFields: Fields = {
  priority: told(
    "integer?",
    (answer) => answer.u32(PRIORITY) ?? 0,
    "Its place: the kernel asks rules from the lowest one on.",
  ),
  source: addressField(
    SRC,
    "Source that the rule is for, numeric; null for any.",
  ),
  source_prefix_length: told(
    "integer?",
    u8(FIXED, 2),
    "Bits of the source that count.",
  ),
  destination: addressField(
    DST,
    "Destination that the rule is for, numeric; null for any.",
  ),
  prefix_length: told(
    "integer?",
    u8(FIXED, 1),
    "Bits of the destination that count.",
  ),
  inverted: told(
    "boolean?",
    flag(2, u32(FIXED, 8)),
    "Whether the rule is for all packets but these.",
  ),
  incoming_iface: told(
    "string?",
    (answer) => answer.text(IIFNAME),
    "Network interface that packets come from; null for any.",
  ),
  outgoing_iface: told(
    "string?",
    (answer) => answer.text(OIFNAME),
    "Network interface that the socket is bound to; null for any.",
  ),
  mark: count(u32(FWMARK), "Mark that packets have; null for any."),
  mark_mask: count(u32(FWMASK), "Bits of the mark that count."),
  tos: count(u8(FIXED, 3), "Type of service that packets have; 0 for any."),
  dscp: count(u8(DSCP), "DSCP that packets have; null for any."),
  ip_protocol: count(
    u8(IP_PROTO),
    "IP protocol that packets have, as a number; null for any.",
  ),
  source_port_first: count(
    (answer) => answer.u16(SPORT_RANGE),
    "Lowest source port; null for any.",
  ),
  source_port_last: count(
    (answer) => answer.u16(SPORT_RANGE, 2),
    "Highest source port; null for any.",
  ),
  destination_port_first: count(
    (answer) => answer.u16(DPORT_RANGE),
    "Lowest destination port; null for any.",
  ),
  destination_port_last: count(
    (answer) => answer.u16(DPORT_RANGE, 2),
    "Highest destination port; null for any.",
  ),
  uid_first: count(
    u32(UID_RANGE),
    "Lowest user id of who sends; null for any.",
  ),
  uid_last: count(
    u32(UID_RANGE, 4),
    "Highest user id of who sends; null for any.",
  ),
  tunnel_id: count(tunnelOf, "Tunnel that packets come from; null for any."),
  l3mdev: told(
    "boolean?",
    (answer) => (answer.u8(L3MDEV) ?? 0) !== 0,
    "Whether the table is that of the packet's VRF.",
  ),
  action: told(
    "name?",
    wordOrDigits(ACTIONS, u8(FIXED, 7)),
    "What is done: `lookup` asks the table, `goto` another rule; `blackhole`, " +
      "`unreachable` and `prohibit` end it.",
    { words: Object.values(ACTIONS) },
  ),
  action_num: told("integer?", u8(FIXED, 7), "That as a number (FR_ACT_*)."),
  ...numbered(
    "table",
    "string?",
    {
      list: "rt_tables",
      known: TABLES,
      about: "Routing table that is asked; null if none is.",
      what: "Routing table",
    },
    unless(0, (answer) => answer.u32(TABLE) ?? answer.u8(FIXED, 4)),
  ),
  goto_priority: count(
    u32(GOTO),
    "The rule that is asked next; null if none is.",
  ),
  suppress_prefix_length: count(
    unless(NONE, u32(SUPPRESS_PREFIXLEN)),
    "Routes of the table with as many bits or fewer do not count; null if all do.",
  ),
  suppress_group: count(
    unless(NONE, u32(SUPPRESS_IFGROUP)),
    "Routes of the table over interfaces of this group do not count; null if all do.",
  ),
  realm: count(
    (answer) => {
      const flow = answer.u32(FLOW);
      return flow === null || flow === 0 ? null : flow & 0xffff;
    },
    "Realm of the destination; null without one.",
  ),
  source_realm: count(
    (answer) => {
      const flow = answer.u32(FLOW);
      return flow === null || flow === 0 ? null : flow >>> 16;
    },
    "Realm of the source; null without one.",
  ),
  ...flagFields(FLAGS, u32(FIXED, 8), {
    about: "`permanent`, `not`, `unresolved`, `iif_detached`, `oif_detached`",
    what: "FIB_RULE_*",
  }),
  ...madeBy(u8(PROTOCOL), "Who made the rule, as of a route."),
};

function asking(family: number): Asking {
  return rtAsking(family, HEADER, { get: 34, subject: "rules" });
}

/** A prefix, or `all` for any. */
function prefix(header: string, type: number, bits: number): Printing {
  const address = new Address();
  return {
    header,
    width: -20,
    write(out: Out, answer: Answer) {
      if (!readAddress(answer, type, address)) return out.ascii("all");
      writePlainAddress(out, address);
      out.ascii(`/${answer.u8(FIXED, bits)}`);
    },
  };
}

/** The table. */
// deno-lint-ignore no-explicit-any
export const rule: Table<any> = rtTable({
  name: "rule",
  identity: [
    "proto",
    "priority",
    "source",
    "destination",
    "incoming_iface",
    "mark",
    "table",
  ],
  title: "Kernel routing rules",
  support: "routing rules (rtnetlink)",
  askings: {
    ip: { asking: asking(INET), path: "/proc/net/route" },
    ip6: { asking: asking(INET6), path: "/proc/net/ipv6_route" },
  },
  fields: ruleFields,
  cells: {
    priority: { header: "Priority", width: 8 },
    source: prefix("From", SRC, 2),
    destination: prefix("To", DST, 1),
    incoming_iface: { header: "In", width: -8 },
    mark: { header: "Mark", width: -10 },
    action: { header: "Action", width: -11 },
    table: { header: "Table", width: 0 },
  },
});
