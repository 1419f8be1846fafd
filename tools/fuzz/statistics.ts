/**
 * `-s`: the counters of IPv4 and IPv6.
 *
 * @module
 */

import { statistics as inet } from "../../families/_statistics_inet.ts";
import { statistics as inet6 } from "../../families/_statistics_inet6.ts";
import { dropping, edited } from "./edit.ts";
import type { Deviation, Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
import { scan } from "./scanf.ts";
import { decimal } from "./values.ts";

/** The counters of a section that the text has words for. */
function known(section: string): string[] {
  const sections = { ...inet.sections, ...inet6.sections };
  return Object.keys(sections[section]?.counters ?? {});
}

/** Counters that the text has no words for, by section. */
const UNKNOWN: Readonly<Record<string, readonly string[]>> = {
  Ip: ["Forwarding", "OutTransmits"],
  Icmp: ["InCsumErrors", "OutRateLimitGlobal"],
  IcmpMsg: ["InType0", "InType3", "InType8", "OutType3", "OutType11"],
  Tcp: ["InCsumErrors"],
  Udp: ["InCsumErrors", "IgnoredMulti", "MemErrors"],
  UdpLite: ["InDatagrams", "NoPorts", "InErrors"],
  TcpExt: ["TCPTimeouts", "TCPSpuriousRTOs", "TCPOrigDataSent"],
  IpExt: ["InMcastPkts", "InOctets", "InNoECTPkts"],
  MPTcpExt: ["MPCapableSYNRX", "MPFallbackTokenInit"],
  Ip6: ["Ip6InOctets", "Ip6InNoECTPkts", "Ip6OutTransmits"],
  Icmp6: ["Icmp6InCsumErrors", "Icmp6InType135", "Icmp6OutMLDv2Reports"],
  Udp6: ["Udp6RcvbufErrors", "Udp6InCsumErrors"],
  UdpLite6: ["UdpLite6InDatagrams"],
  Sctp: ["SctpT1InitExpireds", "SctpInPktDiscards"],
};

/** Some of a section's counters, at least one. */
function counters(section: string, random: Random): string[] {
  const all = [...known(section), ...UNKNOWN[section]!];
  const some = random.some(all);
  return some.length > 0 ? some : all;
}

function value(random: Random): string {
  return random.once(3) ? "0" : decimal(random, 64, true);
}

/** A file of pairs of lines: of names, and of values. */
function pairs(path: string, sections: readonly string[]): Format {
  return {
    path,
    header: [],
    line(random) {
      const section = random.pick(sections);
      const names = counters(section, random);
      const values = names.map(() => value(random));
      return `${section}: ${names.join(" ")}\n${section}: ${values.join(" ")}`;
    },
  };
}

/** A file with a counter a line. */
function list(path: string, sections: readonly string[]): Format {
  return {
    path,
    header: [],
    line(random) {
      const name = random.pick(counters(random.pick(sections), random));
      return `${name.padEnd(32)}\t${value(random)}`;
    },
  };
}

function args(random: Random): string[] {
  const options = ["-t", "-u", "-U", "-S", "-w", "-e", "-n", "-a", "-v"];
  const family = random.pick([[], [], ["-4"], ["-6"], ["-6"], ["-A", "inet6"]]);
  const some = random.some(options).filter(() => random.once(3));
  return ["-s", ...family, ...some];
}

/** The longest name that net-tools has room for. */
const NAME_MOST = 49;

const SNMP6 = { paths: ["/proc/net/snmp6"], limit: 1023, header: 0 };

const SCTP = { ...SNMP6, paths: ["/proc/net/sctp/snmp"] };
const PAIRS = ["/proc/net/snmp", "/proc/net/netstat"];

/** Longer lines than this are cut; the reference has no limit. */
const PAIRS_MOST = 65_535;

const deviations: readonly Deviation[] = [
  {
    reason:
      "A counter without a value is told on stderr and left out; net-tools gives it the value of the line before.",
    without: dropping({
      ...SNMP6,
      bad: (line) => scan("%s %lu", line).length < 2,
    }),
  },
  {
    reason:
      "A counter of IPv6 can have a name of any length; from 50 bytes on net-tools writes beyond its memory.",
    without: dropping({
      ...SNMP6,
      bad: (line) => scan("%s", line)[0]!.text.length > NAME_MOST,
    }),
  },
  {
    reason:
      "A counter of SCTP can have any white space around it; net-tools takes what stands in front of it for a name of no bytes.",
    instead: (input) =>
      edited(input, {
        ...SCTP,
        line(line) {
          const [text = ""] = line.split("\0");
          const blank = text.replace(/[\v\f\r]/g, " ").replace(/^[ \t]+/, "");
          return blank.padEnd(line.length);
        },
      }),
  },
  {
    reason:
      "A number ends with a blank; net-tools takes a sign in it for the next number.",
    instead: (input) =>
      edited(input, {
        paths: PAIRS,
        limit: 1 << 30,
        header: 0,
        line: (line) =>
          /[a-z]/i.test(line.split(":")[1] ?? "")
            ? line
            : line.replace(/(\d)[-+]/g, "$1x"),
      }),
  },
  {
    reason:
      "The two lines of a pair have names and numbers of one section, and a line without its partner is told; net-tools makes a pair of any two.",
    expected: ({ tree }) =>
      PAIRS.some((path) => hasOddPair(tree.get(path) ?? ""))
        ? "sane"
        : undefined,
  },
  {
    reason:
      "Lines of pairs are cut after 65,535 bytes, of which the kernel's have less than a tenth.",
    expected: ({ tree }) =>
      PAIRS.some((path) =>
          tree.get(path)?.split("\n").some((line) => line.length >= PAIRS_MOST)
        )
        ? "sane"
        : undefined,
  },
];

/** Whether net-tools makes a pair of two lines that are none. */
function hasOddPair(text: string): boolean {
  let names: string | undefined;
  for (const line of text.split("\n")) {
    const [read = ""] = line.split("\0");
    if (names === undefined) {
      if (line !== "") names = read;
      continue;
    }
    const sections = [names, read].map((l) => l.split(":")[0]!);
    if (!names.includes(":") || !read.includes(":")) return false;
    if (sections[0] !== sections[1] || /^[^:]*:[ \t-\r]*[-+]?\d/.test(names)) {
      return true;
    }
    names = undefined;
  }
  return false;
}

/** Counters. */
const statistics: Subject = {
  name: "statistics",
  inFiles: true,
  formats: [
    pairs("/proc/net/snmp", ["Ip", "Icmp", "IcmpMsg", "Tcp", "Udp", "UdpLite"]),
    pairs("/proc/net/netstat", ["TcpExt", "IpExt", "MPTcpExt"]),
    list("/proc/net/sctp/snmp", ["Sctp"]),
    list("/proc/net/snmp6", ["Ip6", "Icmp6", "Udp6", "UdpLite6"]),
  ],
  args,
  deviations,
};

export default statistics;
