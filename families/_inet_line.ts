/**
 * A line of `/proc/net/tcp`, `udp`, `udplite` or `raw`, and of their IPv6 twins.
 *
 * @module
 */

import type { Peer, Told } from "../core/contract/depth.ts";
import type { Answer } from "../core/contract/diag.ts";
import type { Long, Source } from "../core/contract/family.ts";
import { Address, hexWord, wordBytes } from "../core/contract/ip.ts";
import { hex2, hex4, Line } from "../core/contract/line.ts";
import type { Found } from "./_inet_ends.ts";

/** `TCP_SYN_RECV` */
const SYN_RECV = 3;

const COLON = 58;
const BLANK = 32;

/** How many of the fields that few views show were read: up to the inode, or all. */
const NONE = 0;
const OWNER = 1;
const ALL = 2;

/** The most fields behind the socket's address in memory: TCP's. */
const LAST_MOST = 5;

/** That address is hashed, or a secret: nobody is told. */
const ADDRESS_MOST = 64;

/** What a line says; one object takes one line after the other. */
export class Row implements Told {
  /** The protocol, as the Proto column shows it. */
  readonly proto: string;
  /** The local address. */
  readonly local: Address = new Address();
  /** The other end's address; all zeros if there is none. */
  readonly remote: Address = new Address();
  /** The local port; of a raw socket, the IP protocol. */
  localPort = 0;
  /** The other end's port. */
  remotePort = 0;
  /** The state (`net/tcp_states.h`). */
  state = 0;
  /** Bytes that the other end has not acknowledged. */
  txQueue: Long = 0;
  /** Bytes that no process has read, or connections not yet accepted. */
  rxQueue: Long = 0;
  /** Which timer runs. */
  timer = 0;
  /** When it expires, in clock ticks from now; netlink tells tenths of one. */
  when: Long = 0;
  /** Retransmissions of the oldest segment. */
  retransmits: Long = 0;
  /** What netlink told of it, if it did. */
  answer: Answer | undefined = undefined;
  /** The other end, if it was looked for and is on this machine. */
  peer: Peer | undefined = undefined;
  /** Those who listen at the row's own end, where netlink tells. */
  listeners: (() => readonly Found[]) | undefined = undefined;
  #uid = 0;
  #timeout = 0;
  #inode: Long = 0;
  #refcnt: Long | null = null;
  #entry: Long | null = null;
  readonly #last: (Long | null)[] = Array(LAST_MOST).fill(null);
  /** The fields that few views show, still to be read. */
  readonly #rest = new Line();
  /** How many of them were read. */
  #read = ALL;

  /** A row of no line yet. */
  constructor(source: Source) {
    this.proto = source.proto ?? "";
  }

  /** Leaves the line's other fields unread until they are asked for. */
  leave({ bytes, start, at, end, failed }: Line): void {
    const rest = this.#rest;
    rest.set(bytes, start, end);
    // as `sscanf`: behind a field that does not fit there is nothing
    rest.at = failed ? end : at;
    this.#read = NONE;
  }

  /** The user id of the owner, signed. */
  get uid(): number {
    if (this.#read === NONE) this.#readOwner();
    if (this.state !== SYN_RECV || this.listeners === undefined) {
      return this.#uid;
    }
    // procfs tells that of who listens, netlink does not
    const [one] = this.listeners();
    return one?.uid ?? this.#uid;
  }

  /** Zero-window probes that were not answered. */
  get timeout(): number {
    if (this.#read === NONE) this.#readOwner();
    return this.#timeout;
  }

  /** Takes them from elsewhere, behind {@linkcode Row.owned}. */
  set timeout(probes: number) {
    this.#timeout = probes;
  }

  /** The inode; 0 if no process holds the socket. */
  get inode(): Long {
    if (this.#read === NONE) this.#readOwner();
    return this.#inode;
  }

  /** References to the socket; null if the line does not tell. */
  get refcnt(): Long | null {
    if (this.#read !== ALL) this.#readLast();
    return this.#refcnt;
  }

  /** The number that the line starts with; null if there is no line. */
  get entry(): Long | null {
    if (this.#read !== ALL) this.#readLast();
    return this.#entry;
  }

  /** A field behind the socket's address, from 0; null if the line does not have it. */
  last(field: number): Long | null {
    if (this.#read !== ALL) this.#readLast();
    return this.#last[field]!;
  }

  /** Takes the owner from elsewhere, where nothing is told of the fields behind it. */
  owned(uid: number, inode: Long): void {
    this.#read = ALL;
    this.#uid = uid;
    this.#inode = inode;
  }

  /** They may be missing; the line is good all the same. */
  #readOwner(): void {
    this.#read = OWNER;
    const line = this.#rest;
    this.#uid = line.decimal32();
    this.#timeout = line.decimal32();
    this.#inode = line.decimal();
  }

  #readLast(): void {
    if (this.#read === NONE) this.#readOwner();
    this.#read = ALL;
    const line = this.#rest;
    const field = () => {
      const value = line.decimal();
      return line.failed ? null : value;
    };
    this.#refcnt = field();
    line.word(ADDRESS_MOST);
    const last = this.#last;
    for (let i = 0; i < LAST_MOST; i++) last[i] = field();
    line.rewind();
    this.#entry = field();
  }
}

/**
 * Parses a line of `tcp4_seq_show`, `tcp6_seq_show`, `udp4_format_sock`,
 * `__ip6_dgram_sock_seq_show` or `raw_sock_seq_show`:
 *
 * ```text
 *   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 *    0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 26711 …
 * ```
 *
 * TCP names no field behind the inode, and has in place of the drops: timeout of a
 * segment, timeout of a delayed acknowledgement, twice how many are sent at once and
 * whether they are delayed, congestion window, and its limit in slow start. Sockets in
 * SYN_RECV and TIME_WAIT have none of these.
 */
export function parse(line: Line, row: Row, leastFields: number): boolean {
  return parseExact(line, row) || parseLoosely(line, row, leastFields);
}

/** {@linkcode parse} for a line that looks exactly as the kernel writes it. */
function parseExact(line: Line, row: Row): boolean {
  const { bytes, words } = line;
  let at = line.start;
  while (bytes[at] === BLANK) at++;
  const slot = at;
  while (at < line.end && bytes[at]! - 48 >>> 0 < 10) at++;
  if (at === slot || bytes[at] !== COLON || bytes[at + 1] !== BLANK) {
    return false;
  }
  at += 2;

  const length = bytes[at + 8] === COLON ? 8 : 32;
  // the fields up to the retransmits have fixed widths, which also keeps all that
  // is looked at here inside of the line
  const state = at + 2 * length + 12;
  if (state + 41 >= line.end) return false;
  const { local, remote } = row;
  local.length = remote.length = length === 8 ? 4 : 16;
  const there = at + length + 6;
  let bad = 0;
  for (let i = 0; i < length; i += 8) {
    const localHigh = hex4(words, at + i);
    const localLow = hex4(words, at + i + 4);
    const remoteHigh = hex4(words, there + i);
    const remoteLow = hex4(words, there + i + 4);
    // the kernel writes them as numbers, in the machine's order
    local.words[i >> 3] = localHigh << 16 | localLow;
    remote.words[i >> 3] = remoteHigh << 16 | remoteLow;
    bad |= localHigh | localLow | remoteHigh | remoteLow;
  }
  const localPort = hex4(words, at + length + 1);
  const remotePort = hex4(words, there + length + 1);
  const status = hex2(words, state);
  const txHigh = hex4(words, state + 3);
  const txLow = hex4(words, state + 7);
  const rxHigh = hex4(words, state + 12);
  const rxLow = hex4(words, state + 16);
  const timer = hex2(words, state + 21);
  const whenHigh = hex4(words, state + 24);
  const whenLow = hex4(words, state + 28);
  const retransmitsHigh = hex4(words, state + 33);
  const retransmitsLow = hex4(words, state + 37);
  bad |= localPort | remotePort | status | txHigh | txLow | rxHigh | rxLow |
    timer | whenHigh | whenLow | retransmitsHigh | retransmitsLow;
  if (
    bad < 0 ||
    bytes[at + length] !== COLON || bytes[at + length + 5] !== BLANK ||
    bytes[there + length] !== COLON || bytes[state - 1] !== BLANK ||
    bytes[state + 2] !== BLANK || bytes[state + 11] !== COLON ||
    bytes[state + 20] !== BLANK || bytes[state + 23] !== COLON ||
    bytes[state + 32] !== BLANK || bytes[state + 41] !== BLANK
  ) return false;

  row.localPort = localPort;
  row.remotePort = remotePort;
  row.state = status;
  row.txQueue = (txHigh << 16 | txLow) >>> 0;
  row.rxQueue = (rxHigh << 16 | rxLow) >>> 0;
  row.timer = timer;
  row.when = (whenHigh << 16 | whenLow) >>> 0;
  row.retransmits = (retransmitsHigh << 16 | retransmitsLow) >>> 0;
  line.at = state + 41;
  row.leave(line);
  return true;
}

/** {@linkcode parse} for any line, by the rules of `sscanf`. */
function parseLoosely(line: Line, row: Row, leastFields: number): boolean {
  line.rewind();
  line.decimal32();
  line.skip(COLON);
  const localDigits = line.digits(64);
  const local = line.at - localDigits;
  line.skip(COLON);
  row.localPort = line.hex32();
  const remoteDigits = line.digits(64);
  const remote = line.at - remoteDigits;
  line.skip(COLON);
  row.remotePort = line.hex32();
  row.state = line.hex32();
  row.txQueue = line.hex();
  line.skip(COLON);
  row.rxQueue = line.hex();
  row.timer = line.hex32();
  line.skip(COLON);
  row.when = line.hex();
  row.retransmits = line.hex();
  if (line.fields < leastFields) return false;
  row.leave(line);

  const inet6 = localDigits > 8;
  return addressOf(line, local, localDigits, inet6, row.local) &&
    addressOf(line, remote, remoteDigits, inet6, row.remote);
}

/** Reads an address; its form is told by the length of the line's local one. */
function addressOf(
  line: Line,
  at: number,
  digits: number,
  inet6: boolean,
  address: Address,
): boolean {
  address.length = inet6 ? 16 : 4;
  if (!inet6) {
    // as strtoul: what does not fit into 64 bits is all ones, of the rest 32 count
    const value = BigInt(`0x${line.text(at, at + digits)}`);
    const word = value >> 64n > 0n ? 0xffff_ffffn : BigInt.asUintN(32, value);
    wordBytes(Number(word), address.bytes);
    return true;
  }
  if (digits < 32) return false;
  for (let i = 0; i < 32; i += 8) {
    hexWord(line.bytes, at + i, address.bytes, i >> 1);
  }
  return true;
}
