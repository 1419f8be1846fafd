/**
 * Interfaces and their IPv4 addresses as rtnetlink(7) tells of them: all that ioctls tell,
 * so that `-i` of a saved tree is that of the running system. `--save` asks for them, and
 * a saved tree that has both answers is read here.
 *
 * @module
 */

import {
  type Device,
  HARDWARE_BYTES,
  type Inet,
  type Resources,
  UNKNOWN_DEVICE,
} from "../contract/device.ts";
import { Answer, type Asking, FIXED } from "../contract/diag.ts";
import { Line } from "../contract/line.ts";
import type { Devices } from "./devices.ts";
import { Failure } from "./failures.ts";
import { answersIn } from "./netlink.ts";
import { SavedAnswers } from "./saved_diag.ts";
import type { Tree } from "./scan.ts";
import { isUnknown } from "./sock_diag.ts";

const AF_INET = 2;

/** `struct ifinfomsg`, `RTM_GETLINK` */
export const LINKS: Asking = {
  rtnetlink: { get: 18, subject: "interfaces" },
  family: 0,
  protocol: 0,
  request: 16,
  answer: 16,
};

/** `struct ifaddrmsg`, `RTM_GETADDR` */
export const ADDRESSES: Asking = {
  rtnetlink: { get: 22, subject: "addresses" },
  family: AF_INET,
  protocol: 0,
  request: 8,
  answer: 8,
};

/** `IFLA_…` */
const HARDWARE = 1;
const NAME = 3;
const MTU = 4;
const QUEUE = 13;
const MAP = 14;
const STATE = 16;

/** `IFA_…` */
const OTHER = 1;
const LOCAL = 2;
const LABEL = 3;
const BROADCAST = 4;

/** `IF_OPER_…` as sysfs has them. */
const STATES = [
  "unknown",
  "notpresent",
  "down",
  "lowerlayerdown",
  "testing",
  "dormant",
  "up",
] as const;

/** So many interfaces and addresses are kept of a tree, which may have any number. */
const KEPT_MOST = 1 << 20;

/** What is told of an interface itself. */
export interface Link {
  /** Its name, as a byte string. */
  readonly name: string;
  /** Its number. */
  readonly index: number;
  /** What it does: `up`, `down`, … */
  readonly state: string;
  /** What ioctls tell of it, but for addresses. */
  readonly device: Device;
  /** All of its hardware address. */
  readonly address: Uint8Array;
}

/** Reads an answer about an interface; none if it has no name. */
function linkOf(answer: Answer): readonly Link[] {
  const name = answer.text(NAME);
  if (name === null || name === "") return [];
  const address = answer.has(HARDWARE)
    ? answer.bytes.slice(answer.from(HARDWARE), answer.to(HARDWARE))
    : new Uint8Array(0);
  const first = new Uint8Array(HARDWARE_BYTES);
  first.set(address.subarray(0, HARDWARE_BYTES));
  return [{
    name,
    index: answer.i32(FIXED, 4) ?? 0,
    state: STATES[answer.u8(STATE) ?? 0] ?? STATES[0],
    address,
    device: {
      ...UNKNOWN_DEVICE,
      name,
      type: answer.u16(FIXED, 2),
      // an ioctl has room for 16 bits
      flags: (answer.u32(FIXED, 8) ?? 0) & 0xffff,
      address: first,
      mtu: answer.u32(MTU),
      queue: answer.u32(QUEUE),
      resources: resourcesOf(answer),
    },
  }];
}

/** `struct rtnl_link_ifmap`, as far as `struct ifmap` has room for it. */
function resourcesOf(answer: Answer): Resources | null {
  const memoryStart = answer.u64(MAP, 0);
  const memoryEnd = answer.u64(MAP, 8);
  const port = answer.u8(MAP, 27);
  if (memoryStart === null || memoryEnd === null || port === null) return null;
  return {
    memoryStart: BigInt(memoryStart),
    memoryEnd: BigInt(memoryEnd),
    base: answer.u16(MAP, 16)!,
    interrupt: answer.u8(MAP, 24)!,
    dma: answer.u8(MAP, 26)!,
    port,
  };
}

/** `RTM_NEWLINK` */
const NEWLINK = 16;

/** The interfaces in the pieces of an answer, as they were received. */
export function linksIn(pieces: Iterable<Uint8Array>): Link[] {
  const links: Link[] = [];
  const answer = new Answer();
  for (const { bytes, start, end } of answersIn(pieces, NEWLINK)) {
    answer.set(bytes, start, end, LINKS.answer);
    links.push(...linkOf(answer));
  }
  return links;
}

/** The interfaces of a saved tree, if it was told of them and of their addresses. */
export function toldDevices(tree: Tree): Devices | undefined {
  const answers = new SavedAnswers(tree);
  if (!answers.has(LINKS) || !answers.has(ADDRESSES)) return undefined;
  const links = new Map<string, Device>();
  eachAnswer(tree, LINKS, (answer) => {
    for (const { name, device } of linkOf(answer)) links.set(name, device);
  });
  const addresses = new Map<string, Inet>();
  eachAnswer(tree, ADDRESSES, (answer) => {
    const label = answer.text(LABEL);
    // of several addresses under one label an ioctl tells the first one
    if (label !== null && !addresses.has(label)) {
      addresses.set(label, inetOf(answer));
    }
  });
  return {
    names: () => [...addresses.keys()],
    ask(name) {
      // as the kernel: an alias is its interface's, but for its address
      const device = links.get(name.split(":", 1)[0]!) ?? UNKNOWN_DEVICE;
      return { ...device, name, inet: addresses.get(name) ?? null };
    },
    notes: () => [],
    close() {},
  };
}

function eachAnswer(
  tree: Tree,
  asking: Asking,
  each: (answer: Answer) => void,
): void {
  const lines = new SavedAnswers(tree).open(asking, {});
  if (lines instanceof Failure) {
    if (!isUnknown(lines)) tree.failures.add(lines);
    return;
  }
  const line = new Line();
  const answer = new Answer();
  for (let room = KEPT_MOST; room > 0 && lines.next(line); room--) {
    answer.set(line.bytes, line.start, line.end, asking.answer);
    each(answer);
  }
  lines.close();
  if (lines.failure !== undefined) tree.failures.add(lines.failure);
}

/** The addresses of an answer; what it does not have is 0.0.0.0, as for an ioctl. */
function inetOf(answer: Answer): Inet {
  const bits = Math.min(answer.u8(FIXED, 1) ?? 0, 32);
  const mask = new Uint8Array(4);
  for (let bit = 0; bit < bits; bit++) mask[bit >> 3]! |= 0x80 >> (bit & 7);
  return {
    address: quad(answer, LOCAL),
    destination: quad(answer, OTHER),
    broadcast: quad(answer, BROADCAST),
    netmask: mask,
  };
}

function quad(answer: Answer, type: number): Uint8Array {
  const bytes = new Uint8Array(4);
  if (answer.size(type) === 4) {
    bytes.set(answer.bytes.subarray(answer.from(type), answer.to(type)));
  }
  return bytes;
}
