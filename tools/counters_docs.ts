/**
 * `docs/counters.md`: what each counter counts, and what its growth means, from the table
 * by which `-s --explain` says so.
 *
 * @module
 */

import { EXPLAINED } from "../families/_counters.ts";

const HEAD = `# Counters

<!-- Made from families/_counters.ts by \`./denow task docs\`; a test compares them. -->

The kernel counts what happens to packets and connections, and \`netstat -s\` shows it. With
\`--explain\`, a sentence below each counter says what it counts, and what it means if it
grows:

\`\`\`console
$ netstat --root docs/server -s --explain --where 'counter in (InReceives, InDiscards, EstabResets)'
Ip:
    17 total packets received
        IPv4 packets that came in, those with errors too; growth is normal
    0 incoming packets discarded
        Good IPv4 packets that came in and were dropped; growth is trouble: the kernel may lack memory
Tcp:
    0 connection resets received
        Established connections that were reset; growth is to be watched
\`\`\`

What growth means is one of three words, in the column \`signal\`:

- \`normal\`: nothing that anybody must care for.
- \`watch\`: worth a look if it grows faster than it used to.
- \`trouble\`: steady growth is loss, overload, a wrong setting, or an attack.

What is behind the colon is what often makes it grow.

Counters begin at 0 when the machine starts, each network namespace with its own.
\`netstat -s --where 'signal = trouble and value > 0'\` shows what went wrong since then,
and nothing if nothing did. What goes wrong now is shown as it happens by

\`\`\`sh
netstat -s --where 'signal = trouble' --columns section,counter,value --watch --diff-only
\`\`\`

[Questions](questions.md) know \`signal\` and \`explanation\` as any other column; in JSON, CSV
and tables they stand with \`--explain\`, or if they are named. Both are null for a counter
that is not below, such as one of a kernel that is newer.

A source that is an \`.rst\` file is of the kernel's documentation, one in capital letters a
symbol of the kernel's, which no document explains: what it counts is then said as far as
it is certain.
`;

/** How a section is called where it is not only its name. */
const FILES: Readonly<Record<string, string>> = {
  Ip: "IPv4, in `/proc/net/snmp`",
  IpExt: "more of IPv4, in `/proc/net/netstat`",
  Icmp: "ICMP, in `/proc/net/snmp`",
  Tcp: "TCP over IPv4 and IPv6, in `/proc/net/snmp`",
  Udp: "UDP over IPv4, in `/proc/net/snmp`",
  UdpLite: "UDP-Lite over IPv4, in `/proc/net/snmp`",
  Udp6: "UDP over IPv6, in `/proc/net/snmp6`",
  UdpLite6: "UDP-Lite over IPv6, in `/proc/net/snmp6`",
  TcpExt: "more of TCP, in `/proc/net/netstat`",
  Ip6: "IPv6, in `/proc/net/snmp6`",
  Icmp6: "ICMPv6, in `/proc/net/snmp6`",
  Sctp: "SCTP, in `/proc/net/sctp/snmp`",
  MPTcpExt: "Multipath TCP, in `/proc/net/netstat`",
};

const TYPES = `
## Messages by type

\`IcmpMsg\` of \`/proc/net/snmp\` has \`InTypeN\` and \`OutTypeN\` for each type of ICMP message
that there was, and \`/proc/net/snmp6\` has \`Icmp6InTypeN\` and \`Icmp6OutTypeN\`. Messages
that say that a packet did not get where it should are to be watched; all others are
normal.
`;

/** The document. */
export function countersDocs(): string {
  const sections = [...EXPLAINED].map(([section, counters]) => {
    const rows = [...counters].map(([counter, { sentence, signal, source }]) =>
      `| \`${counter}\` | ${signal} | ${sentence} | ${source} |\n`
    );
    return `\n## ${section}\n\nCounters of ${FILES[section]}.\n\n` +
      `| counter | signal | meaning | source |\n| --- | --- | --- | --- |\n` +
      rows.join("");
  });
  return HEAD + sections.join("") + TYPES;
}
