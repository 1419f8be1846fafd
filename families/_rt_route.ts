/**
 * What the kernel tells of a route over netlink (`RTM_GETROUTE`, linux/rtnetlink.h).
 *
 * @module
 */

import { fact } from "../core/contract/column.ts";
import { Answer, type Asking, FIXED } from "../core/contract/diag.ts";
import type { Columns, View } from "../core/contract/family.ts";
import { Address } from "../core/contract/ip.ts";
import {
  all,
  bitNames,
  bytes,
  count,
  type Fields,
  flag,
  milliseconds,
  type More,
  type Read,
  told,
  u32,
  u8,
  unless,
  word,
  wordOrDigits,
} from "./_diag_fields.ts";
import {
  addressColumn,
  addressField,
  INET,
  INET6,
  interfaceOf,
  madeBy,
  numbered,
  readAddress,
  rtAsking,
  seconds,
  TABLES,
  within,
} from "./_rt_fields.ts";

/** `RTA_…`: the destination. */
export const DST = 1;
/** The source that the route is for. */
export const SRC = 2;
const OIF = 4;
const GATEWAY = 5;
/** The metric. */
export const PRIORITY = 6;
const PREFSRC = 7;
const METRICS = 8;
const MULTIPATH = 9;
const FLOW = 11;
const CACHEINFO = 12;
const TABLE = 15;
const VIA = 18;
const PREF = 20;
const ENCAP_TYPE = 21;
const NH_ID = 30;

/** `RTAX_…` */
const MTU = 2;
const WINDOW = 3;
const RTT = 4;
const ADVMSS = 8;

/** `struct rtmsg` */
const RTMSG = 12;
/** `struct rtnexthop`: u16 length, u8 flags, u8 weight less 1, i32 index. */
const RTNEXTHOP = 8;

/** The bit of columns by which routes of all tables are listed. */
export const ALL_TABLES = 1;

/** How the routes of a family are asked for. */
export function routeAsking(family: typeof INET | typeof INET6): Asking {
  return rtAsking(family, RTMSG, { get: 26, subject: "routes" });
}

/** `RTN_…` */
const TYPES: Readonly<Record<number, string>> = {
  0: "unspec",
  1: "unicast",
  2: "local",
  3: "broadcast",
  4: "anycast",
  5: "multicast",
  6: "blackhole",
  7: "unreachable",
  8: "prohibit",
  9: "throw",
  10: "nat",
  11: "xresolve",
};

/** `RT_SCOPE_…` */
const SCOPES: Readonly<Record<number, string>> = {
  0: "global",
  200: "site",
  253: "link",
  254: "host",
  255: "nowhere",
};

/** `ICMPV6_ROUTER_PREF_…` */
const PREFERENCES: Readonly<Record<number, string>> = {
  0: "medium",
  1: "high",
  3: "low",
};

/** `LWTUNNEL_ENCAP_…` */
const ENCAPSULATIONS: Readonly<Record<number, string>> = {
  1: "mpls",
  2: "ip",
  3: "ila",
  4: "ip6",
  5: "seg6",
  6: "bpf",
  7: "seg6local",
  8: "rpl",
  9: "ioam6",
  10: "xfrm",
};

/** `RTNH_F_…` and, above them, `RTM_F_…`; names stand at the places of their bits. */
const FLAGS = [
  "dead",
  "pervasive",
  "onlink",
  "offload",
  "linkdown",
  "unresolved",
  "trap",
  "",
  "notify",
  "cloned",
  "equalize",
  "prefix",
  "lookup_table",
  "fib_match",
  "rt_offload",
  "rt_trap",
];

/** `RTAX_…`, in the order of their numbers, by which they are locked. */
const METRIC_NAMES = [
  "",
  "lock",
  "mtu",
  "window",
  "rtt",
  "rttvar",
  "ssthresh",
  "cwnd",
  "advmss",
  "reordering",
  "hoplimit",
  "initcwnd",
  "features",
  "rto_min",
  "initrwnd",
  "quickack",
  "congestion",
  "fastopen_no_cookie",
];

const FEATURES = ["ecn", "sack", "timestamp", "allfrag", "tcp_usec_ts"];

/** A way to go on. */
export interface Hop {
  /** Who takes the packets; undefined if the destination is reached at once. */
  gateway: Address | undefined;
  /** Index of the interface; null without one. */
  index: number | null;
  /** How many packets of all go this way. */
  weight: number;
  /** `RTNH_F_…` */
  flags: number;
}

/** The names of flags that are set. */
function namesOf(flags: number): string[] {
  return FLAGS.filter((name, bit) => name !== "" && (flags >> bit & 1) === 1);
}

/** What is told of each way to go on. */
const hopColumns: Columns<Hop> = {
  weight: fact(
    "integer",
    ({ weight }) => weight,
    "How many packets go this way, beside the other weights.",
  ),
  gateway: {
    ...addressColumn(({ gateway }: Hop) => gateway),
    about: "Gateway, numeric; null if there is none.",
  },
  iface: fact(
    "string?",
    ({ index }, view) => index === null ? null : interfaceOf(index, view),
    "Network interface; null if its name is not known.",
  ),
  ifindex: fact("integer?", ({ index }) => index, "Index of that interface."),
  flag_names: fact(
    "strings",
    ({ flags }) => namesOf(flags),
    "Names of the flags that are set: `onlink`, `dead`, `linkdown`, …",
  ),
};

/** An entry of a route that has several ways; one object takes one after the other. */
const entry = new Answer();

/**
 * Points {@linkcode entry} at each way of a route that has several, until one is enough.
 * Returns whether all before the end could be read.
 */
function eachEntry(answer: Answer, isEnough: () => boolean): boolean {
  const { bytes } = answer;
  const end = answer.to(MULTIPATH);
  let at = answer.from(MULTIPATH);
  while (at < end) {
    const length = at + RTNEXTHOP <= end ? bytes[at]! | bytes[at + 1]! << 8 : 0;
    // what stands behind such a length cannot be told
    if (length < RTNEXTHOP || at + length > end) return false;
    entry.set(bytes, at, at + length, RTNEXTHOP);
    if (!entry.isWhole()) return false;
    if (isEnough()) break;
    at += length + 3 & ~3;
  }
  return true;
}

/** Whether nothing of an answer is missing, so that what is not there is not set. */
export function isWhole(answer: Answer): boolean {
  return answer.isWhole() &&
    (!answer.has(MULTIPATH) || eachEntry(answer, () => false));
}

/** Reads the gateway of an answer, or of an entry, into an address, if there is one. */
function gatewayOf(answer: Answer, address: Address): Address | undefined {
  if (readAddress(answer, GATEWAY, address)) return address;
  // a family stands in front: IPv4 can go by an IPv6 gateway
  return readAddress(answer, VIA, address, 2) ? address : undefined;
}

/** The one way of a route that does not have several; undefined if it goes nowhere. */
function onlyHop(answer: Answer, address: Address): Hop | undefined {
  const index = answer.u32(OIF);
  const gateway = gatewayOf(answer, address);
  if (index === null && gateway === undefined) return undefined;
  const flags = (answer.u32(FIXED, 8) ?? 0) & 0xff;
  return { gateway, index, weight: 1, flags };
}

/** The way that {@linkcode entry} is about. */
function entryHop(address: Address): Hop {
  return {
    gateway: gatewayOf(entry, address),
    index: entry.u32(FIXED, 4),
    weight: entry.u8(FIXED, 3)! + 1,
    flags: entry.u8(FIXED, 2)!,
  };
}

const first = new Address();

/** The first way, until the next one is asked for; undefined without any. */
export function firstHop(answer: Answer): Hop | undefined {
  if (!answer.has(MULTIPATH)) return onlyHop(answer, first);
  let hop: Hop | undefined;
  eachEntry(answer, () => {
    hop = entryHop(first);
    return true;
  });
  return hop;
}

function hopsOf(answer: Answer): readonly Hop[] {
  if (!answer.has(MULTIPATH)) {
    const hop = onlyHop(answer, new Address());
    return hop === undefined ? [] : [hop];
  }
  const hops: Hop[] = [];
  eachEntry(answer, () => {
    hops.push(entryHop(new Address()));
    return false;
  });
  return hops;
}

/** One of the metrics, by its number. */
function metric(type: number): Read<number> {
  return within(METRICS, (metrics) => metrics.u32(type));
}

/** Of a metric that the kernel has in parts of a millisecond, whole ones. */
function parts(type: number, of: number): Read<number> {
  const read = metric(type);
  return (answer, view) => {
    const value = read(answer, view);
    return value === null ? null : Math.trunc(value / of);
  };
}

/** What stands in lines of `/proc/net/route`, with 0 for what is not set. */
export interface Sizes {
  /** The largest segment that the other end is asked for. */
  readonly advmss: number;
  /** The largest TCP window. */
  readonly window: number;
  /** The first guess of the round-trip time, in milliseconds. */
  readonly irtt: number;
}

const readAdvmss = metric(ADVMSS);
const readWindow = metric(WINDOW);
const readRtt = parts(RTT, 8);

/** These metrics of a route. */
export function sizesOf(answer: Answer, view: View): Sizes {
  return {
    advmss: readAdvmss(answer, view) ?? 0,
    window: readWindow(answer, view) ?? 0,
    irtt: readRtt(answer, view) ?? 0,
  };
}

/** The number of the routing table, of which the structure has 8 bits. */
export function tableOf(answer: Answer): number | null {
  return answer.u32(TABLE) ?? answer.u8(FIXED, 4);
}

/** The type of the route, `RTN_…`. */
export function typeOf(answer: Answer): number | null {
  return answer.u8(FIXED, 7);
}

const IN_TABLES: More = { show: ALL_TABLES };

/** All that is told of a route besides what lines of files have. */
export const routeFields: Fields = all({ set: "route" }, {
  ...numbered(
    "table",
    "string?",
    {
      list: "rt_tables",
      known: TABLES,
      about:
        "Routing table: `main`, `local`, or another one's name or number " +
        "(`rt_tables` of iproute2). Routes of all tables are listed where this or " +
        "`table_num` is asked for.",
      what: "Routing table",
    },
    tableOf,
    IN_TABLES,
  ),
  type: told(
    "name?",
    wordOrDigits(TYPES, typeOf),
    "What becomes of packets: `unicast`, `local`, `broadcast`, `blackhole` (dropped " +
      "without a word), `unreachable`, `prohibit`, `throw` (to the next rule), …",
    { words: Object.values(TYPES) },
  ),
  type_num: told("integer?", typeOf, "Type as a number (RTN_* of the kernel)."),
  scope: told(
    "name?",
    wordOrDigits(SCOPES, u8(FIXED, 6)),
    "How far the destination is: `host`, `link`, or `global`, beyond a gateway. " +
      "IPv6 has `global` only.",
    { words: Object.values(SCOPES) },
  ),
  ...madeBy(
    u8(FIXED, 5),
    "Who made the route: `kernel`, `boot` (a command without a word about it), " +
      "`static`, `dhcp`, `ra`, `bgp`, … (`rt_protos` of iproute2).",
  ),
  preferred_source: addressField(
    PREFSRC,
    "Source address of packets that have none yet; null if it is not set.",
  ),
  nexthops: {
    kind: "objects",
    about:
      "The ways to go on, one for each gateway or interface; empty if packets " +
      "go nowhere.",
    show: 0,
    each: hopColumns,
    value: hopsOf,
  },
  nexthop_id: count(
    u32(NH_ID),
    "Id of the nexthop object, or group of them, that the route goes by; null " +
      "without one.",
  ),
  ifindex: count(
    (answer) => firstHop(answer)?.index ?? null,
    "Index of the interface; null without one.",
  ),
  flag_names: told(
    "strings?",
    (answer) => {
      const flags = answer.u32(FIXED, 8);
      return flags === null ? null : namesOf(flags);
    },
    "Names of the flags that are set: `onlink`, `linkdown`, `dead`, `offload`, …",
  ),
  tos: count(u8(FIXED, 3), "Type of service that the route is for; 0 for any."),
  preference: told(
    "name?",
    word(PREFERENCES, u8(PREF)),
    "How a router ranks itself: `low`, `medium` or `high`; null for IPv4.",
    { words: Object.values(PREFERENCES) },
  ),
  expires_s: told(
    "duration?",
    seconds(unless(0, (answer) => answer.i32(CACHEINFO, 8))),
    "Seconds until the route is deleted; null if it stays.",
    { unit: "seconds" },
  ),
  encapsulation: told(
    "name?",
    wordOrDigits(
      ENCAPSULATIONS,
      unless(0, (answer) => answer.u16(ENCAP_TYPE)),
    ),
    "What packets are put into on their way; null if they stay as they are.",
    { words: Object.values(ENCAPSULATIONS) },
  ),
  realm: count(
    (answer) => {
      const flow = answer.u32(FLOW);
      return flow === null ? null : flow & 0xffff;
    },
    "Realm of the destination, for statistics and queues; null without one.",
  ),
  source_realm: count(
    (answer) => {
      const flow = answer.u32(FLOW);
      return flow === null ? null : flow >>> 16;
    },
    "Realm of the source; null without one.",
  ),
  route_mtu: bytes(
    metric(MTU),
    "Longest packet on this way; null if it is not set.",
  ),
  route_advmss: bytes(
    readAdvmss,
    "Largest segment that TCP asks the other end for; null if it is not set.",
  ),
  route_window: bytes(
    readWindow,
    "Largest window that TCP tells; null if it is not set.",
  ),
  route_rtt_ms: milliseconds(
    readRtt,
    "First guess of TCP's round trips; null if it is not set.",
  ),
  route_rttvar_ms: milliseconds(
    parts(5, 4),
    "First guess of how they vary; null if it is not set.",
  ),
  route_rto_min_ms: milliseconds(
    metric(13),
    "TCP waits at least so long before it sends again; null if it is not set.",
  ),
  route_ssthresh: count(
    metric(6),
    "TCP's first slow start threshold, in segments; null if it is not set.",
    { unit: "segments" },
  ),
  route_cwnd: count(
    metric(7),
    "TCP's largest congestion window, in segments; null if it is not set.",
    { unit: "segments" },
  ),
  route_initcwnd: count(
    metric(11),
    "TCP's first congestion window, in segments; null if it is not set.",
    { unit: "segments" },
  ),
  route_initrwnd: count(
    metric(14),
    "TCP's first window for what it receives, in segments; null if it is not set.",
    { unit: "segments" },
  ),
  route_reordering: count(
    metric(9),
    "How many segments TCP takes for reordered, and not yet lost; null if it is not set.",
    { unit: "segments" },
  ),
  route_hoplimit: count(
    metric(10),
    "Hops that packets may take; null if it is not set.",
  ),
  route_quickack: told(
    "boolean?",
    flag(-1, metric(15)),
    "Whether TCP acknowledges at once; null if it is not set.",
  ),
  route_fastopen_no_cookie: told(
    "boolean?",
    flag(-1, metric(17)),
    "Whether TCP Fast Open needs no cookie; null if it is not set.",
  ),
  route_congestion: told(
    "string?",
    within(METRICS, (metrics) => metrics.text(16)),
    "TCP's congestion control; null if it is not set.",
  ),
  route_features: told(
    "strings?",
    bitNames(FEATURES, metric(12)),
    "What TCP uses on this way: `ecn`; null if it is not set.",
  ),
  route_locked: told(
    "strings?",
    bitNames(METRIC_NAMES, metric(1)),
    "Of these values, those that the kernel must not change; null if there are none.",
  ),
});
