/**
 * `-M`: connections whose addresses are translated, as Linux 2.2 told them.
 *
 * @module
 */

import type { Deviation, Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
import { scan } from "./scanf.ts";
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
    if (line.trim() === "") continue;
    const row = scan(`%s %X:%X %X:%X %X %X ${numbers}`, line);
    if (row.length < fields) return false;
    const [protocol, end] = [row[0]!.text, row.at(-1)!.end];
    if (line.slice(end).trim() !== "") return false;
    if (!/^(IP|TCP|UDP|ICMP|GRE|ESP)$/.test(protocol)) return true;
  }
  return true;
}

const deviations: readonly Deviation[] = [
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
  formats: [ipMasquerade],
  around: namesAround,
  args,
  deviations,
};

export default masquerade;
