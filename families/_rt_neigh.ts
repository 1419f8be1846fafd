/**
 * Neighbours, machines on the same link, as the kernel tells of them over netlink
 * (`RTM_GETNEIGH`, linux/neighbour.h).
 *
 * @module
 */

import { among, type Tones } from "../core/contract/column.ts";
import { type Answer, type Asking, FIXED } from "../core/contract/diag.ts";
import type { Table } from "../core/contract/family.ts";
import {
  count,
  type Fields,
  told,
  u32,
  u8,
  wordOrDigits,
} from "./_diag_fields.ts";
import {
  addressField,
  flagFields,
  hardware,
  INET,
  INET6,
  interfaceOf,
  madeBy,
  rtAsking,
  seconds,
} from "./_rt_fields.ts";
import { rtTable } from "./_rt_table.ts";

/** `struct ndmsg` */
const NDMSG = 12;

/** `NDA_…` */
const DST = 1;
const LLADDR = 2;
const CACHEINFO = 3;
const PROBES = 4;
const PROTOCOL = 12;

/** `NUD_…` */
const STATES: Readonly<Record<number, string>> = {
  0: "NONE",
  1: "INCOMPLETE",
  2: "REACHABLE",
  4: "STALE",
  8: "DELAY",
  16: "PROBE",
  32: "FAILED",
  64: "NOARP",
  128: "PERMANENT",
};
const NONE = 0;
const NOARP = 64;

const TONES: Tones = {
  NONE: null,
  INCOMPLETE: "pending",
  REACHABLE: "connected",
  STALE: null,
  DELAY: null,
  PROBE: "pending",
  FAILED: "trouble",
  NOARP: "off",
  PERMANENT: null,
};

/** `NTF_…`, from the lowest bit. */
const FLAGS = [
  "use",
  "self",
  "master",
  "proxy",
  "extern_learn",
  "offload",
  "sticky",
  "router",
];

function stateOf(answer: Answer): number | null {
  return answer.u16(FIXED, 8);
}

const stateWord = wordOrDigits(STATES, stateOf);

/** How many seconds ago something happened; an entry has all times or none. */
function ago(at: number) {
  return seconds(u32(CACHEINFO, at));
}

/** All that is told of a neighbour. */
export const neighFields: Fields = {
  neighbour: addressField(DST, "The neighbour's address, numeric."),
  hardware_address: told(
    "address?",
    hardware(LLADDR),
    "Hardware address; null while it is not known.",
  ),
  iface: told(
    "string?",
    (answer, view) => interfaceOf(answer.u32(FIXED, 4)!, view),
    "Network interface that leads to it; null if its name is not known.",
  ),
  ifindex: count(u32(FIXED, 4), "Index of that interface."),
  state: told("name?", stateWord, "State.", {
    ...among((answer: Answer) => STATES[stateOf(answer)!] ?? null, TONES),
  }),
  state_num: told(
    "integer?",
    stateOf,
    "State as the kernel numbers it (NUD_*).",
  ),
  ...flagFields(FLAGS, u8(FIXED, 10), {
    about: "`router`, `proxy`, `extern_learn`, …",
    what: "NTF_*",
  }),
  confirmed_s: told(
    "duration?",
    ago(0),
    "Seconds since it was last known to be there.",
    { unit: "seconds" },
  ),
  used_s: told("duration?", ago(4), "Seconds since a packet was sent to it.", {
    unit: "seconds",
  }),
  updated_s: told("duration?", ago(8), "Seconds since the entry changed.", {
    unit: "seconds",
  }),
  refcnt: count(
    (answer) => answer.u32(CACHEINFO, 12),
    "References to the entry.",
  ),
  probes: count(u32(PROBES), "How often it was asked without an answer."),
  ...madeBy(
    u8(PROTOCOL),
    "Who made the entry, as of a route; null if nobody said so.",
  ),
};

function asking(family: number): Asking {
  return rtAsking(family, NDMSG, { get: 30, subject: "neighbours" });
}

/** The table. */
// deno-lint-ignore no-explicit-any
export const neigh: Table<any> = rtTable({
  name: "neigh",
  identity: ["proto", "neighbour", "iface"],
  title: "Kernel neighbour table",
  support: "neighbours (rtnetlink)",
  askings: {
    ip: { asking: asking(INET), path: "/proc/net/arp" },
    ip6: { asking: asking(INET6), path: "/proc/net/if_inet6" },
  },
  fields: neighFields,
  cells: {
    neighbour: { header: "Neighbour", width: -39 },
    hardware_address: { header: "HW Address", width: -17 },
    state: { header: "State", width: -10 },
    flag_names: { header: "Flags", width: -8 },
    iface: { header: "Iface", width: 0 },
  },
  // they are never asked for: the interface itself, groups, and so on
  keep(answer, { all }) {
    const state = stateOf(answer);
    return all || (state !== NONE && state !== NOARP);
  },
});
