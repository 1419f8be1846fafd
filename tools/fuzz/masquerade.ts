/**
 * `-M`: connections whose addresses are translated, as Linux 2.2 told them.
 *
 * @module
 */

import type { Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";
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

/** Translated connections. */
const masquerade: Subject = {
  name: "masquerade",
  formats: [ipMasquerade],
  around: namesAround,
  args,
  deviations: [],
};

export default masquerade;
