/**
 * Which sockets of this machine belong together: the two ends of a connection over
 * loopback or any other address of its own, and a connection that nobody has accepted yet
 * with the socket that listens.
 *
 * @module
 */

import type { Finder, Peer } from "../core/contract/depth.ts";
import type { Long } from "../core/contract/family.ts";
import type { Address } from "../core/contract/ip.ts";
import { CGROUP_ID, SKV6ONLY } from "./_diag_inet.ts";
import type { Row } from "./_inet_line.ts";
import { ESTABLISHED, LISTEN } from "./_tcp_states.ts";

/** `TCP_SYN_RECV`, `TCP_CLOSE_WAIT` */
const SYN_RECV = 3;
const CLOSE_WAIT = 8;

/** States in which a connection without an inode is not accepted yet. */
const UNACCEPTED: ReadonlySet<number> = new Set([
  SYN_RECV,
  ESTABLISHED,
  CLOSE_WAIT,
]);

/** What is known of a socket that others belong to. */
export interface Found {
  /** Its inode. */
  readonly inode: Long;
  /** The user id of its owner, signed. */
  readonly uid: number;
  /** Its state. */
  readonly state: number;
  /** The id of its cgroup; null if that is not told. */
  readonly cgroup: Long | null;
}

/** What is known of a row's socket. */
function foundIn({ inode, uid, state, answer }: Row): Found {
  return { inode, uid, state, cgroup: answer?.u64(CGROUP_ID) ?? null };
}

/** An address as a key: one that is mapped from IPv4 is that. */
function hostOf(address: Address): string {
  const { bytes, length } = address;
  let key = "";
  for (let i = address.isMapped() ? 12 : 0; i < length; i++) {
    key += String.fromCharCode(bytes[i]!);
  }
  return key;
}

/** An address and a port as a key. */
function endOf(address: Address, port: number): string {
  return hostOf(address) + String.fromCharCode(port & 0xffff);
}

/** Sockets by what they are bound to. */
export class Bound {
  readonly #exact = new Map<string, Found[]>();
  /** Those of any address of IPv4, by port, */
  readonly #any = new Map<number, Found[]>();
  /** of any address at all, */
  readonly #anyOfBoth = new Map<number, Found[]>();
  /** and of any address of IPv6. */
  readonly #anyOfSix = new Map<number, Found[]>();

  /** Adds what a row is of. */
  add(row: Row): void {
    const { local, localPort } = row;
    const found = foundIn(row);
    if (!local.isNull()) {
      return push(this.#exact, endOf(local, localPort), found);
    }
    if (local.length === 4) return push(this.#any, localPort, found);
    push(this.#anyOfSix, localPort, found);
    if (row.answer?.u8(SKV6ONLY) !== 1) {
      push(this.#anyOfBoth, localPort, found);
    }
  }

  /** Those that have what comes to exactly this address, */
  exactly(address: Address, port: number): readonly Found[] {
    return this.#exact.get(endOf(address, port)) ?? [];
  }

  /** and those that have what comes to it if it is one of this machine. */
  at(address: Address, port: number): readonly Found[] {
    const exact = this.exactly(address, port);
    if (exact.length > 0) return exact;
    if (hostOf(address).length > 4) return this.#anyOfSix.get(port) ?? [];
    return this.#any.get(port) ?? this.#anyOfBoth.get(port) ?? [];
  }
}

function push<Key>(map: Map<Key, Found[]>, key: Key, found: Found): void {
  const others = map.get(key);
  if (others === undefined) map.set(key, [found]);
  else others.push(found);
}

/** Finds the other ends of connections of TCP, or of UDP, which has none but by use. */
export class Ends implements Finder<Row> {
  readonly #datagrams: boolean;
  readonly #connected = new Map<string, Found[]>();
  readonly #bound = new Bound();
  /** Addresses that this machine has: sockets are bound to them. */
  readonly #own = new Set<string>();

  /** Of sockets for datagrams, or of TCP. */
  constructor(datagrams: boolean) {
    this.#datagrams = datagrams;
  }

  /** Takes a socket. */
  add(row: Row): void {
    const { local, localPort, remote, remotePort, state } = row;
    if (remotePort !== 0) {
      const key = endOf(local, localPort) + endOf(remote, remotePort);
      push(this.#connected, key, foundIn(row));
    } else if (this.#datagrams || state === LISTEN) this.#bound.add(row);
    if (!local.isNull()) this.#own.add(hostOf(local));
  }

  /** The other end of a row's connection, if it is on this machine. */
  find(row: Row): Peer | undefined {
    const { local, localPort, remote, remotePort } = row;
    if (remotePort === 0) return undefined;
    const key = endOf(remote, remotePort) + endOf(local, localPort);
    const ends = this.#connected.get(key);
    if (ends !== undefined) return this.#peer(ends, row);
    return this.#datagrams ? this.#server(row) : undefined;
  }

  #peer(ends: readonly Found[], { remote, remotePort }: Row): Peer | undefined {
    // a connection can be there with its end that is over
    const held = ends.filter(({ inode }) => inode !== 0);
    if (held.length > 1) return undefined;
    const [one] = held;
    if (one !== undefined) return peerOf(one, [one]);
    const waits = !this.#datagrams &&
      ends.some(({ state }) => UNACCEPTED.has(state));
    const { cgroup } = ends.find(({ cgroup }) => cgroup !== null) ?? NOWHERE;
    return peerOf(
      { inode: 0, cgroup },
      waits ? this.#bound.at(remote, remotePort) : [],
    );
  }

  /** A socket that takes datagrams from everybody, if it is the only one there. */
  #server({ remote, remotePort }: Row): Peer | undefined {
    if (isGroup(remote)) return undefined;
    const servers = isLoopback(remote) || this.#own.has(hostOf(remote))
      ? this.#bound.at(remote, remotePort)
      : this.#bound.exactly(remote, remotePort);
    const [one, more] = servers;
    return one === undefined || more !== undefined
      ? undefined
      : peerOf(one, [one]);
  }
}

/** What is known of an end; of several that may have it, who has it is not known. */
function peerOf(
  { inode, cgroup }: Pick<Found, "inode" | "cgroup">,
  held: readonly Found[],
): Peer {
  const [one, more] = held;
  const known = one !== undefined && more === undefined;
  return {
    inode,
    name: null,
    held: known ? [one.inode] : [],
    ...(cgroup === null ? {} : { cgroup }),
  };
}

const NOWHERE = { cgroup: null };

/** 127.0.0.0/8 or ::1. */
function isLoopback(address: Address): boolean {
  const host = hostOf(address);
  return host.length === 4
    ? host.charCodeAt(0) === 127
    : host === `${"\0".repeat(15)}\x01`;
}

/** An address of several machines. */
function isGroup(address: Address): boolean {
  const host = hostOf(address);
  const first = host.charCodeAt(0);
  return host.length === 4 ? first >= 224 : first === 0xff;
}
