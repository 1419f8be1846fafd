/**
 * What can be asked about a network interface: of the running kernel by ioctls, as
 * netdevice(7) describes them, so that the answer is that of the program's own
 * network namespace whatever is mounted on `/sys`; of a saved tree by its
 * `/sys/class/net`.
 *
 * @module
 */

import {
  type Device,
  HARDWARE_BYTES,
  type Inet,
  type Resources,
  UNKNOWN_DEVICE,
  UP,
} from "../contract/device.ts";
import { LITTLE_ENDIAN } from "../contract/ip.ts";
import { byteString, fromUtf8, NAME_MOST, untilNul } from "../contract/line.ts";
import { addressOf, closeDescriptor, ioctl, openInterfaces } from "./libc.ts";
import { Failure, type Failures } from "./failures.ts";
import type { Tree } from "./scan.ts";

/** `IFF_…` of `linux/if.h` */
const RUNNING = 0x40;
const PROMISC = 0x100;
const ALLMULTI = 0x200;

/** The kernel's, with the NUL. */
const IFNAMSIZ = NAME_MOST + 1;

/** Where interfaces are asked. */
export interface Devices {
  /** The names of those that have an IPv4 address, aliases among them. */
  names(): string[];
  /** Asks for one; the failure is ENODEV if there is none. */
  ask(name: string): Device | Failure;
  /** What a saved tree did not tell of those that were asked for, as messages. */
  notes(): string[];
  /** Ends the asking. */
  close(): void;
}

/**
 * The interfaces of the live system or of a saved tree, of which only flags and MTU
 * are read if it is to be `shortly`.
 */
export function devicesOf(
  tree: Tree,
  { shortly }: { readonly shortly: boolean },
): Devices | Failure {
  if (tree.live) return LiveDevices.open(tree);
  const names = tree.list(SYSFS);
  // every system has at least `lo`
  return names instanceof Failure || names.length === 0
    ? UNSAVED_DEVICES
    : new SavedDevices(tree, new Set(names), shortly);
}

/**
 * What an interface answers that has no such thing: ENODEV, EINVAL, ENOTTY,
 * EOPNOTSUPP, EADDRNOTAVAIL.
 */
const HAS_NONE = [19, 22, 25, 95, 99];

// linux/sockios.h
const SIOCGIFCONF = 0x8912;
const SIOCGIFFLAGS = 0x8913;

/** What an interface is asked for. */
const REQUESTS = {
  // linux/sockios.h
  SIOCGIFADDR: 0x8915,
  SIOCGIFDSTADDR: 0x8917,
  SIOCGIFBRDADDR: 0x8919,
  SIOCGIFNETMASK: 0x891b,
  SIOCGIFMTU: 0x8921,
  SIOCGIFHWADDR: 0x8927,
  SIOCGIFTXQLEN: 0x8942,
  SIOCGIFMAP: 0x8970,
  // linux/if_slip.h
  SIOCGKEEPALIVE: 0x89f1,
  SIOCGOUTFILL: 0x89f3,
} as const;
/** `ARPHRD_SLIP` to `ARPHRD_CSLIP6`, and `ARPHRD_ADAPT` */
const SLIP_TYPES = [256, 257, 258, 259, 264];

/** `struct ifreq`: a name, then what the request is about. */
const IFREQ_SIZE = 40;
const AF_INET = 2;

class LiveDevices implements Devices {
  readonly #socket: number;
  readonly #failures: Failures;
  readonly #request = new Uint8Array(IFREQ_SIZE);
  readonly #answer = new DataView(this.#request.buffer, IFNAMSIZ);

  private constructor(socket: number, failures: Failures) {
    this.#socket = socket;
    this.#failures = failures;
  }

  static open(tree: Tree): Devices | Failure {
    const socket = tree.inside(openInterfaces);
    if (socket instanceof Failure) return foreignDevices(socket, tree);
    return socket < 0
      ? Failure.ofErrno("interfaces", -socket)
      : new LiveDevices(socket, tree.failures);
  }

  names(): string[] {
    // struct ifconf: the buffer's length and address
    const conf = new Uint8Array(16);
    const view = new DataView(conf.buffer);
    for (let size = 64 * IFREQ_SIZE;; size *= 4) {
      const buffer = new Uint8Array(size);
      view.setInt32(0, size, LITTLE_ENDIAN);
      view.setBigUint64(8, addressOf(buffer), LITTLE_ENDIAN);
      const errno = ioctl(this.#socket, SIOCGIFCONF, conf);
      if (errno !== 0) {
        this.#failures.add(Failure.ofErrno("addresses (SIOCGIFCONF)", errno));
        return [];
      }
      const used = view.getInt32(0, LITTLE_ENDIAN);
      // a full buffer may have been too small
      if (used > size - IFREQ_SIZE) continue;
      const names: string[] = [];
      for (let at = 0; at < used; at += IFREQ_SIZE) {
        names.push(untilNul(buffer, at, at + IFNAMSIZ));
      }
      return names;
    }
  }

  ask(name: string): Device | Failure {
    const errno = this.#ioctl(name, SIOCGIFFLAGS);
    if (errno !== 0) return Failure.ofErrno(name, errno);
    const flags = this.#answer.getUint16(0, LITTLE_ENDIAN);
    const hardware = this.#ask(name, "SIOCGIFHWADDR");
    const type = hardware ? this.#answer.getUint16(0, LITTLE_ENDIAN) : null;
    const address = hardware ? this.#bytes(2, HARDWARE_BYTES) : null;
    const slip = type !== null && SLIP_TYPES.includes(type);
    return {
      name,
      flags,
      mtu: this.#number(name, "SIOCGIFMTU"),
      type,
      address,
      queue: this.#number(name, "SIOCGIFTXQLEN"),
      resources: this.#resources(name),
      inet: this.#inet(name),
      outfill: slip ? this.#number(name, "SIOCGOUTFILL") ?? 0 : 0,
      keepalive: slip ? this.#number(name, "SIOCGKEEPALIVE") ?? 0 : 0,
    };
  }

  notes(): string[] {
    return [];
  }

  close(): void {
    closeDescriptor(this.#socket);
  }

  /** Asks for one thing. Returns whether there is an answer. */
  #ask(name: string, what: keyof typeof REQUESTS): boolean {
    const errno = this.#ioctl(name, REQUESTS[what]);
    if (errno !== 0 && !HAS_NONE.includes(errno)) {
      this.#failures.add(Failure.ofErrno(`${name} (${what})`, errno));
    }
    return errno === 0;
  }

  /** Does an ioctl. Returns 0 or the errno. */
  #ioctl(name: string, request: number): number {
    const structure = this.#request.fill(0);
    const length = Math.min(name.length, IFNAMSIZ - 1);
    for (let i = 0; i < length; i++) structure[i] = name.charCodeAt(i);
    return ioctl(this.#socket, request, structure);
  }

  #number(name: string, what: keyof typeof REQUESTS): number | null {
    return this.#ask(name, what)
      ? this.#answer.getInt32(0, LITTLE_ENDIAN)
      : null;
  }

  #bytes(offset: number, length: number): Uint8Array<ArrayBuffer> {
    return this.#request.slice(IFNAMSIZ + offset, IFNAMSIZ + offset + length);
  }

  #resources(name: string): Resources | null {
    if (!this.#ask(name, "SIOCGIFMAP")) return null;
    const answer = this.#answer;
    return {
      memoryStart: answer.getBigUint64(0, LITTLE_ENDIAN),
      memoryEnd: answer.getBigUint64(8, LITTLE_ENDIAN),
      base: answer.getUint16(16, LITTLE_ENDIAN),
      interrupt: answer.getUint8(18),
      dma: answer.getUint8(19),
      port: answer.getUint8(20),
    };
  }

  #inet(name: string): Inet | null {
    const address = this.#sockaddr(name, "SIOCGIFADDR");
    return address && {
      address,
      destination: this.#sockaddr(name, "SIOCGIFDSTADDR"),
      broadcast: this.#sockaddr(name, "SIOCGIFBRDADDR"),
      netmask: this.#sockaddr(name, "SIOCGIFNETMASK"),
    };
  }

  /** The address of a `struct sockaddr_in`. */
  #sockaddr(name: string, what: keyof typeof REQUESTS): Uint8Array | null {
    const had = this.#ask(name, what) &&
      this.#answer.getUint16(0, LITTLE_ENDIAN) === AF_INET;
    return had ? this.#bytes(4, 4) : null;
  }
}

const SYSFS = "/sys/class/net";

/** Interfaces as a tree has them. IPv4 addresses are in no file. */
class SavedDevices implements Devices {
  readonly #tree: Tree;
  readonly #names: ReadonlySet<string>;
  readonly #shortly: boolean;
  /** Whose files could not be read, by their names. */
  readonly #illegible = new Map<string, string[]>();

  constructor(tree: Tree, names: ReadonlySet<string>, shortly: boolean) {
    this.#tree = tree;
    this.#names = names;
    this.#shortly = shortly;
  }

  names(): string[] {
    return [];
  }

  ask(name: string): Device {
    // as the kernel: an alias is its interface's
    const device = fromUtf8(name.split(":")[0]!);
    const folder = `${SYSFS}/${device}`;
    const known = this.#names.has(device);
    const illegible: string[] = [];
    /** What is in a file; null if it is not there or not in order. */
    const fact = (file: string, form: RegExp) => {
      const text = known ? this.#read(`${folder}/${file}`) : null;
      if (text !== null && form.test(text)) return text;
      illegible.push(file);
      return null;
    };
    const number = (file: string) => {
      const digits = fact(file, /^\d+$/);
      return digits === null ? null : Number(digits);
    };
    const flags = fact("flags", /^0x[0-9a-f]{1,8}$/i);
    const state = fact("operstate", /^[a-z]+$/);
    const short = {
      flags: flags === null
        ? null
        : asAsked(Number(flags), state, () => this.#isPort(folder)),
      mtu: number("mtu"),
    };
    const more = this.#shortly ? {} : {
      type: number("type"),
      address: hardwareBytes(fact("address", HARDWARE_ADDRESS)),
      queue: number("tx_queue_len"),
    };
    if (illegible.length > 0) this.#note(illegible.join(", "), device);
    return { ...UNKNOWN_DEVICE, name, ...short, ...more };
  }

  notes(): string[] {
    return Array.from(
      this.#illegible,
      ([files, names]) =>
        `netstat: --root has no legible ${files} in ${SYSFS}/` +
        (names.length > 1 ? `{${names.join()}}` : names[0]) +
        ", so they are not known",
    );
  }

  #note(files: string, name: string): void {
    const others = this.#illegible.get(files);
    if (others === undefined) this.#illegible.set(files, [name]);
    else if (!others.includes(name)) others.push(name);
  }

  close(): void {}

  /** Whether other interfaces, such as a bridge, stand upon this one. */
  #isPort(folder: string): boolean {
    const names = this.#tree.list(folder);
    return !(names instanceof Failure) &&
      names.some((name) => name === "brport" || name.startsWith("upper_"));
  }

  #read(path: string): string | null {
    const bytes = this.#tree.read(path, 4096);
    return bytes instanceof Failure ? null : byteString(bytes).trim();
  }
}

/**
 * The flags of sysfs as the ioctl tells them: with RUNNING, and without what the
 * kernel, not the administrator, set on the port of a bridge and the like.
 */
function asAsked(
  flags: number,
  state: string | null,
  isPort: () => boolean,
): number {
  const running = (flags & UP) !== 0 &&
    (state === "up" || state === "unknown");
  const listening = flags & (PROMISC | ALLMULTI);
  const cleared = listening !== 0 && isPort() ? listening : 0;
  return (flags & ~cleared | (running ? RUNNING : 0)) & 0xffff;
}

/** An address such as `02:00:00:00:00:01`; some kinds of hardware have none. */
const HARDWARE_ADDRESS = /^([0-9a-f]{2}(:[0-9a-f]{2})*)?$/i;

/** The first bytes of such an address. */
function hardwareBytes(text: string | null): Uint8Array | null {
  if (text === null) return null;
  const bytes = new Uint8Array(HARDWARE_BYTES);
  const known = text === "" ? [] : text.split(":").slice(0, HARDWARE_BYTES);
  bytes.set(known.map((digits) => parseInt(digits, 16)));
  return bytes;
}

/** Interfaces of which nobody tells more than their names. */
const UNKNOWN_DEVICES: Devices = {
  names: () => [],
  ask: (name) => ({ ...UNKNOWN_DEVICE, name }),
  notes: () => [],
  close() {},
};

/** A tree without `/sys/class/net`: there is nobody to ask. */
const UNSAVED_DEVICES: Devices = {
  ...UNKNOWN_DEVICES,
  notes: () => [`netstat: --root has no ${SYSFS}: flags and MTU are not known`],
};

/** The interfaces of another network namespace, which may not be entered. */
function foreignDevices(failure: Failure, { failures }: Tree): Devices {
  const what = "flags and MTU in other network namespaces";
  failures.add(new Failure(what, failure.code, failure.reason));
  return UNKNOWN_DEVICES;
}
