/**
 * Values as they stand in the kernel's files: ordinary ones most of the time, and
 * the least and the greatest ones now and then.
 *
 * @module
 */

import type { Around, Input } from "./format.ts";
import type { Random } from "./random.ts";

/** A number in decimal, of so many bits; with `signed` also one below zero. */
export function decimal(random: Random, bits: number, signed = false): string {
  if (random.once(12)) {
    const top = 2n ** BigInt(bits);
    return String(random.pick([
      0n,
      1n,
      top / 2n - 1n,
      top / 2n,
      top - 1n,
      ...(signed ? [-1n, -top / 2n] : []),
    ]));
  }
  return String(random.below(10 ** random.between(0, 9)));
}

/** A number in so many hexadecimal digits. */
export function hex(random: Random, digits: number): string {
  if (random.once(12)) return random.pick(["0", "F"]).repeat(digits);
  const kept = random.between(0, digits);
  return random.hex(kept).padStart(digits, "0");
}

/** The flags, each of which is set once in three times, as a number. */
export function bits(random: Random, flags: readonly number[]): number {
  const some = flags.filter(() => random.once(3));
  return some.reduce((all, flag) => (all | flag) >>> 0, 0);
}

/** The name of an interface; in `odd` cases one that nobody would give. */
export function device(random: Random): string {
  return random.once(20)
    ? random.pick(["*", "-", "eth0:1", "\x1b[31mx", "\xe9t\xe9\x9b0", "a%n"])
    : random.pick(["lo", "eth0", "eth1", "br0", "tun0", "wlp2s0f0u1u2u3x"]);
}

/** The words of an IPv4 address: eight digits, in the order of the machine. */
export function word4(random: Random): string {
  return random.once(2)
    ? random.pick([
      "00000000",
      "0100007F",
      "0101A8C0",
      "010000E0",
      "FFFFFFFF",
      "000000FF",
      "00FFFFFF",
      "00010203",
    ])
    : random.hex(8);
}

/** An IPv6 address of 32 digits. */
export function address6(random: Random): string {
  const groups = Array.from(
    { length: 8 },
    () => random.once(2) ? "0000" : random.hex(4).toLowerCase(),
  );
  return random.once(2) ? groups.join("") : random.pick([
    "0".repeat(32),
    "00000000000000000000000000000001",
    "fe800000000000000000000000000001",
    "ff020000000000000000000000000001",
    "00000000000000000000ffffc0000201",
    "000000000000000000000000c0000201",
    "f".repeat(32),
  ]);
}

/** The call sign of an amateur radio station. */
export function callSign(random: Random): string {
  return random.pick([
    "G8BPQ-1",
    "N0CALL-15",
    "GB7ABC",
    "K1-0",
    "AB1CDE-12",
    "*",
    "??????-15",
  ]);
}

/** `RTF_*` of `linux/route.h` and `linux/ipv6_route.h`. */
const FLAGS = [
  0x1,
  0x1,
  0x2,
  0x4,
  0x8,
  0x10,
  0x20,
  0x200,
  0x10000,
  0x40000,
  0x1000000,
  0x2000000,
  0x80000000,
];

/** Flags of a route, as a number. */
export function routeFlags(random: Random): number {
  if (random.once(2)) return random.pick([1, 3, 5, 7, 0x201, 0x205]);
  return random.once(4) ? random.below(2 ** 32) : bits(random, FLAGS);
}

/** Flags of a route, in hexadecimal. */
export function hexFlags(random: Random, digits: number): string {
  return routeFlags(random).toString(16).toUpperCase().padStart(digits, "0");
}

/** What names there are. */
export function namesAround(random: Random): Around {
  const files: [string, string][] = [
    [
      "/etc/hosts",
      "127.0.0.1 localhost\n192.168.1.1 gw gw.example.net\n" +
      "224.0.0.1 all-systems.mcast.net\n::1 ip6-localhost\n" +
      "fe80::1 a-router-with-a-very-long-name.example.net\n" +
      "ff02::1 ip6-allnodes\n192.0.2.1 mapped\n",
    ],
    [
      "/etc/networks",
      "loopback 127.0.0.0\nthis-network-has-a-long-name 1.2.0\n",
    ],
    [
      "/etc/services",
      "ssh 22/tcp\nhttp 80/tcp\ndomain 53/udp\nhttps 443/tcp\n",
    ],
  ];
  return { tree: new Map(random.some(files)), links: new Map() };
}

/** Why a file cannot be opened, if that is so. */
export function reasonOf(path: string, { links, denied }: Input): string {
  // a folder that may not be entered denies what is in it
  if (denied?.some((one) => path === one || path.startsWith(`${one}/`))) {
    return "Permission denied";
  }
  const target = links?.get(path);
  return target !== undefined && path.endsWith(`/${target}`)
    ? "Too many levels of symbolic links"
    : "No such file or directory";
}

/** Words that ask for routes, of one of the families and with options of all kinds. */
export function routeArgs(
  random: Random,
  families: readonly string[][],
): string[] {
  const options = [
    "-n",
    "-n",
    "-e",
    "-e",
    "-e",
    "-C",
    "-F",
    "-N",
    "--numeric-hosts",
    "--numeric-ports",
    "-v",
    "-W",
    "-a",
    "-t",
  ];
  const some = random.some(options).filter(() => random.once(2));
  return ["-r", ...random.pick(families), ...some];
}
