/**
 * Names for numbers: hosts, networks, services, protocols and users. Live ones
 * come from the C library, so that `/etc/nsswitch.conf` is honoured; under `--root`
 * they come from the files of the tree. Each name is asked for once. Hosts and
 * networks, for which a server far away may be asked, are looked up in the
 * background.
 *
 * @module
 */

import type { Names } from "../contract/family.ts";
import { Address, parseIpv4, parseIpv6 } from "../contract/ip.ts";
import * as libc from "./libc.ts";
import { byteString, toUtf8 } from "../contract/line.ts";
import { Lookups } from "./lookups.ts";
import { Failure } from "./failures.ts";
import type { Scope, Tree } from "./scan.ts";

/** Where the names come from, before they are remembered. */
interface Databases extends Pick<Names, "host" | "network"> {
  user(uid: number): string | undefined;
  interface(index: number): string | undefined;
  eachService(
    each: (name: string, port: number, protocol: string) => void,
  ): void;
  eachProtocol(each: (name: string, number: number) => void): void;
}

/** Names, and the look-ups behind them if there are any. */
export interface NameSource {
  /** The names. */
  readonly names: Names;
  /** What names that are not there yet are waited for by. */
  readonly lookups: Lookups | undefined;
}

/**
 * The names of the live system or of a saved tree. A listing waits for live ones at
 * most `patience` milliseconds; if it is `numeric`, only files are asked for them.
 */
export function namesOf(
  tree: Tree,
  { patience, numeric }: {
    readonly patience: number;
    readonly numeric: boolean;
  },
): NameSource {
  if (!tree.live) {
    const names = new Remembered(new Files(tree), tree);
    return { names, lookups: undefined };
  }
  if (numeric) {
    const names = new Remembered(new OwnFiles(tree), tree);
    return { names, lookups: undefined };
  }
  const lookups = new Lookups(patience);
  const names = new Remembered(new LibC(lookups, tree), tree);
  return { names, lookups };
}

/** Asks for each name once; hosts and networks remember themselves. */
class Remembered implements Names {
  readonly #databases: Databases;
  /** Null where there is none, which is remembered too. */
  readonly #users = new Map<number, string | null>();
  /** Of the network namespace that was looked at last. */
  readonly #interfaces = new Map<number, string | undefined>();
  readonly #tree: Pick<Tree, "scope">;
  #scope: Scope | undefined;
  #services: Record<"tcp" | "udp" | "raw", Map<number, string>> | undefined;
  numbered: Names["numbered"];

  constructor(databases: Databases, tree: Pick<Tree, "scope">) {
    this.#databases = databases;
    this.#tree = tree;
  }

  host(address: Uint8Array): string | undefined {
    return this.#databases.host(address);
  }

  network(address: Uint8Array): string | undefined {
    return this.#databases.network(address);
  }

  user(uid: number): string | undefined {
    let name = this.#users.get(uid);
    if (name === undefined) {
      name = this.#databases.user(uid) ?? null;
      this.#users.set(uid, name);
    }
    return name ?? undefined;
  }

  interface(index: number): string | undefined {
    if (this.#scope !== this.#tree.scope) {
      this.#scope = this.#tree.scope;
      this.#interfaces.clear();
    }
    return once(
      this.#interfaces,
      index,
      () => this.#databases.interface(index),
    );
  }

  service(port: number, protocol: "tcp" | "udp" | "raw"): string | undefined {
    this.#services ??= this.#readServices();
    return this.#services[protocol].get(port);
  }

  /** As net-tools: the last name of a port wins, a protocol's wins over that. */
  #readServices(): Record<"tcp" | "udp" | "raw", Map<number, string>> {
    const tcp = new Map<number, string>();
    const udp = new Map<number, string>();
    const raw = new Map<number, string>();
    const maps: Record<string, Map<number, string>> = { tcp, udp, raw };
    const { eachService, eachProtocol } = this.#databases;
    eachService.call(this.#databases, (name, port, protocol) => {
      if (Object.hasOwn(maps, protocol)) maps[protocol]!.set(port, name);
    });
    eachProtocol.call(this.#databases, (name, number) => raw.set(number, name));
    return { tcp, udp, raw };
  }
}

/** The value for a key, made at the first call; `undefined` is remembered too. */
function once<Key, Value>(
  map: Map<Key, Value>,
  key: Key,
  make: () => Value,
): Value {
  if (map.has(key)) return map.get(key)!;
  const value = make();
  map.set(key, value);
  return value;
}

/** The C library's databases. */
class LibC implements Databases {
  readonly #lookups: Lookups;
  readonly #tree: Tree;

  constructor(lookups: Lookups, tree: Tree) {
    this.#lookups = lookups;
    this.#tree = tree;
  }

  host(address: Uint8Array): string | undefined {
    const key = `host ${byteString(address)}`;
    const copy = address.slice();
    return this.#lookups.ask(key, () => libc.hostName(copy));
  }

  network(address: Uint8Array): string | undefined {
    const key = `network ${byteString(address)}`;
    const copy = address.slice();
    return this.#lookups.ask(key, () => libc.networkName(copy));
  }

  user(uid: number): string | undefined {
    return isSought("passwd")
      ? this.#ask("names of users", () => libc.userName(uid))
      : undefined;
  }

  interface(index: number): string | undefined {
    return nameIn(this.#tree, index);
  }

  eachService(
    each: (name: string, port: number, protocol: string) => void,
  ): void {
    if (!isSought("services")) return;
    this.#ask("names of services", () => libc.eachService(each));
  }

  eachProtocol(each: (name: string, number: number) => void): void {
    if (!isSought("protocols")) return;
    this.#ask("names of protocols", () => libc.eachProtocol(each));
  }

  #ask<Answer>(what: string, question: () => Answer): Answer {
    return asked(this.#tree, what, question);
  }
}

/** The words behind the names of databases in `/etc/nsswitch.conf`. */
let sources: ReadonlyMap<string, string> | undefined;

/**
 * Whether the C library is to look anywhere for a database. With `services:` and nothing
 * behind it glibc 2.41 reads memory that is none of its own, and may crash.
 */
function isSought(database: string): boolean {
  sources ??= sourcesIn(nsswitch());
  return sources.get(database) !== "";
}

function nsswitch(): string {
  try {
    return byteString(Deno.readFileSync("/etc/nsswitch.conf"));
  } catch {
    return ""; // it has its own answers then
  }
}

/** What stands behind each name, as nsswitch.conf(5) has it; of several, the last. */
export function sourcesIn(text: string): ReadonlyMap<string, string> {
  return new Map(
    Array.from(
      text.matchAll(/^[ \t]*(\w+)[ \t]*:([^#\n]*)/gm),
      ([, name, words]) => [name!, words!.trim()],
    ),
  );
}

/** Asks the C library; what it could not read is told. */
function asked<Answer>(
  { failures }: Pick<Tree, "failures">,
  what: string,
  question: () => Answer,
): Answer {
  return libc.ask(question, (errno) => {
    failures.add(Failure.ofErrno(what, errno));
  });
}

/** The databases in the files of a tree. */
class Files implements Databases {
  protected readonly tree: Tree;
  #hosts: Map<string, string> | undefined;
  #networks: Map<string, string> | undefined;
  #users: Map<number, string> | undefined;
  #interfaces: Map<number, string> | undefined;
  #scope: Scope | undefined;

  constructor(tree: Tree) {
    this.tree = tree;
  }

  host(address: Uint8Array): string | undefined {
    this.#hosts ??= this.#readHosts();
    return this.#hosts.get(byteString(address));
  }

  network(address: Uint8Array): string | undefined {
    this.#networks ??= this.#readNetworks();
    return this.#networks.get(byteString(address));
  }

  user(uid: number): string | undefined {
    this.#users ??= this.#readUsers();
    return this.#users.get(uid);
  }

  interface(index: number): string | undefined {
    // each network namespace has its own
    if (this.#scope !== this.tree.scope) this.#interfaces = undefined;
    this.#scope = this.tree.scope;
    this.#interfaces ??= this.#readInterfaces();
    return this.#interfaces.get(index);
  }

  eachService(
    each: (name: string, port: number, protocol: string) => void,
  ): void {
    for (const [name, entry] of this.#entries("/etc/services")) {
      const match = /^(\d+)\/(.+)$/.exec(entry ?? "");
      if (match) each(name!, Number(match[1]) & 0xffff, match[2]!);
    }
  }

  eachProtocol(each: (name: string, number: number) => void): void {
    for (const [name, number] of this.#entries("/etc/protocols")) {
      if (/^\d+$/.test(number ?? "")) each(name!, Number(number));
    }
  }

  /**
   * As glibc's `files` service: the first line of an address wins. An IPv4 address
   * is also found in its mapped form, and 127.0.0.1 as `::1`.
   */
  #readHosts(): Map<string, string> {
    const hosts = new Map<string, string>();
    const add = (bytes: Uint8Array, name: string) => {
      const key = byteString(bytes);
      if (!hosts.has(key)) hosts.set(key, name);
    };
    const address = new Address();
    for (const [text, name = ""] of this.#entries("/etc/hosts")) {
      if (parseIpv4(text!, address)) {
        const quad = address.copy();
        add(quad, name);
        add(mapped(quad), name);
      } else if (parseIpv6(text!, address)) {
        const bytes = address.copy();
        add(bytes, name);
        if (address.isMapped()) add(bytes.subarray(12), name);
        if (byteString(bytes) === LOOPBACK6) add(LOOPBACK4, name);
      }
    }
    return hosts;
  }

  /** A network's number, filled up with `.0` on the right, is its address. */
  #readNetworks(): Map<string, string> {
    const networks = new Map<string, string>();
    const address = new Address();
    for (const [name, number] of this.#entries("/etc/networks")) {
      const parts = (number ?? "").split(".");
      const whole = [...parts, 0, 0, 0].slice(0, Math.max(4, parts.length));
      if (!parseIpv4(whole.join("."), address)) continue;
      const key = byteString(address.copy());
      if (!networks.has(key)) networks.set(key, name!);
    }
    return networks;
  }

  #readUsers(): Map<number, string> {
    const users = new Map<number, string>();
    for (const line of this.#lines("/etc/passwd")) {
      // as glibc: an entry is one only with a group
      const [name, , uid, gid] = line.split(":");
      if (name === "" || ![uid, gid].every((n) => /^\d+$/.test(n ?? ""))) {
        continue;
      }
      if (!users.has(Number(uid))) users.set(Number(uid), name!);
    }
    return users;
  }

  #readInterfaces(): Map<number, string> {
    const interfaces = new Map<number, string>();
    const folder = "/sys/class/net";
    const names = this.tree.list(folder);
    for (const name of names instanceof Failure ? [] : names) {
      const index = this.#lines(`${folder}/${name}/ifindex`)[0] ?? "";
      if (/^\d+$/.test(index)) interfaces.set(Number(index), toUtf8(name));
    }
    return interfaces;
  }

  /** The words of each line, without comments. */
  *#entries(path: string): Generator<string[]> {
    for (const line of this.#lines(path)) {
      // as glibc: a file of another system can have CR in front of each newline
      const words = line.replace(/#.*/s, "").split(/[ \t\v\f\r]+/)
        .filter(Boolean);
      if (words.length > 0) yield words;
    }
  }

  #lines(path: string): string[] {
    const bytes = this.tree.read(path);
    // a tree without the file has no such names
    return bytes instanceof Failure ? [] : byteString(bytes).split("\n");
  }
}

/**
 * The databases in this machine's files. `/etc/nsswitch.conf` is not heard: it can name
 * servers for users and services, too. What interfaces are called, the kernel knows.
 */
class OwnFiles extends Files {
  override interface(index: number): string | undefined {
    return nameIn(this.tree, index);
  }
}

/** The name of an interface of the network namespace that is looked at. */
function nameIn(tree: Tree, index: number): string | undefined {
  const name = asked(
    tree,
    "names of interfaces",
    () => tree.inside(() => libc.interfaceName(index)),
  );
  if (!(name instanceof Failure)) return name;
  tree.failures.add(name);
  return undefined;
}

const LOOPBACK4 = Uint8Array.of(127, 0, 0, 1);
const LOOPBACK6 = "\0".repeat(15) + "\x01";

/** The IPv4-mapped form of four address bytes. */
function mapped(quad: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16).fill(255, 10, 12);
  bytes.set(quad, 12);
  return bytes;
}

/** The port of a service, by the tree's own file; undefined if there is none. */
export function servicePort(tree: Tree, name: string): number | undefined {
  const databases = tree.live ? new OwnFiles(tree) : new Files(tree);
  let found: number | undefined;
  databases.eachService((service, port) => {
    if (service === name) found ??= port;
  });
  return found;
}
