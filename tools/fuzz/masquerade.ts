/**
 * `-M`: connections whose addresses are translated, as Linux 2.2 told them.
 *
 * @module
 */

import type { Deviation, Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
import { isBlank, scan } from "./scanf.ts";
import { decimal, hex, namesAround } from "./values.ts";

/** `ip_msqhst_procinfo` of Linux 2.2. */
const ipMasquerade: Format = {
  path: "/proc/net/ip_masquerade",
  header: [
    "Prc FromIP   FPrt ToIP     TPrt Masq Init-seq  Delta PDelta Expires " +
    "(free=40959,40957,40960)",
  ],
  line(random) {
    const protocols = ["TCP", "UDP", "ICMP", "IP", "GRE", "ESP"];
    const protocol = random.pick([...protocols, "TCP", "UDP", "TCP"]);
    const address = () => `${hex(random, 8)}:${port(random)}`;
    return `${protocol} ${address()} ${address()} ${port(random)} ` +
      `${hex(random, 8)} ${delta(random)} ${delta(random)} ` +
      decimal(random, 64).padStart(7);
  },
};

/** `ct_seq_show` of `nf_conntrack`, which net-tools does not read. */
const conntrack: Format = {
  path: "/proc/net/nf_conntrack",
  header: [],
  line(random) {
    const [family, number] = random.pick([["ipv4", 2], ["ipv4", 2], [
      "ipv6",
      10,
    ]]);
    const address = () =>
      family === "ipv6"
        ? random.pick(["::1", "2001:db8::7", "fe80::1", "::ffff:192.0.2.1"])
        : random.pick(["10.0.0.2", "192.0.2.80", "198.51.100.1", "0.0.0.0"]);
    const [protocol, state, ends] = random.pick([
      ["tcp      6", "ESTABLISHED ", `sport=${random.below(65536)} dport=80`],
      ["udp      17", "", `sport=53 dport=${random.below(65536)}`],
      ["icmp     1", "", `type=8 code=0 id=${random.below(65536)}`],
      ["gre      47", "", "srckey=0x0 dstkey=0x1f"],
      ["unknown  2", "", ""],
    ]);
    const tuple = () => `src=${address()} dst=${address()} ${ends} `;
    const reply = random.once(3) ? "[UNREPLIED] " : "";
    return `${family}     ${number} ${protocol} ${
      decimal(random, 31)
    } ${state}` +
      `${tuple()}${reply}${tuple()}mark=0 zone=0 use=2`;
  },
};

function port(random: Random): string {
  return random.once(2)
    ? random.pick(["0000", "0016", "0035", "0050", "01BB"])
    : hex(random, 4);
}

function delta(random: Random): string {
  return decimal(random, 16, true).slice(0, 6).padStart(6);
}

function args(random: Random): string[] {
  const options = [
    "-e",
    "-e",
    "-n",
    "--numeric-hosts",
    "--numeric-ports",
    "--numeric-users",
    "-N",
    "-a",
    "-v",
    "-W",
    "-6",
    "-t",
  ];
  return ["-M", ...random.some(options).filter(() => random.once(2))];
}

/** Whether each line is a row, up to one of an unknown protocol. */
function areRows([header, ...lines]: readonly string[]): boolean {
  const numbers = header!.includes("PDelta") ? "%d %d %u" : "%d %u";
  const fields = header!.includes("PDelta") ? 10 : 9;
  for (const line of lines) {
    if (isBlank(line)) continue;
    const row = scan(`%s %X:%X %X:%X %X %X ${numbers}`, line);
    if (row.length < fields) return false;
    const [protocol, end] = [row[0]!.text, row.at(-1)!.end];
    if (!isBlank(line.slice(end))) return false;
    if (!/^(IP|TCP|UDP|ICMP|GRE|ESP)$/.test(protocol)) return true;
  }
  return true;
}

const deviations: readonly Deviation[] = [
  {
    reason:
      "Kernels since 2.4 have no ip_masquerade: what is translated is shown from connection tracking.",
    expected: ({ tree, links }, { stderr }) =>
      stderr.includes("no support for `ip_masquerade'") &&
        (tree.has(conntrack.path) || links?.has(conntrack.path))
        ? "sane"
        : undefined,
  },
  {
    reason:
      "A row of ip_masquerade is a line; net-tools reads on in the next one.",
    expected({ tree }) {
      const text = tree.get(ipMasquerade.path);
      return text === undefined || areRows(text.split("\n")) ? undefined : {
        stdout: "",
        stderr: "masq_info.c: Internal Error `ip_masquerade format error'.\n",
        exit: 255,
      };
    },
  },
];

/** Translated connections. */
const masquerade: Subject = {
  name: "masquerade",
  inFiles: true,
  formats: [ipMasquerade, conntrack],
  around: namesAround,
  args,
  deviations,
};

export default masquerade;
