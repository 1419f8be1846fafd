/**
 * Sockets as the kernel dumps them over netlink (sock_diag(7)): of TCP the same ones in
 * the same order as in procfs, but faster, since no text is made of them. An answer takes
 * the place of a line.
 *
 * @module
 */

import { type Asking, INET_ASKING } from "../contract/diag.ts";
import type { Diag, Long } from "../contract/family.ts";
import { Line } from "../contract/line.ts";
import { Arena } from "./arena.ts";
import { Failure } from "./failures.ts";
import {
  answerBuffer,
  Answers,
  askOne,
  type Attribute,
  type Channel,
  dumpRequest,
  type Expected,
  oneRequest,
  openRtnetlink,
  openSockDiag,
} from "./netlink.ts";
import type { LineSource, More, Tree } from "./scan.ts";

/** `linux/sock_diag.h`: the type of a question, and of each answer. */
export const SOCK_DIAG_BY_FAMILY = 20;

/** `INET_DIAG_REQ_BYTECODE`: a program that chooses sockets. */
const BYTECODE = 1;

/** `INET_DIAG_REQ_PROTOCOL`: a protocol whose number has more than 8 bits. */
const PROTOCOL = 3;

/** More bytes than an answer has. */
const ALL = 0x3fff_ffff;

/** What messages call it. */
const PATH = "sock_diag";
/** What messages call what is no socket. */
export const RTNETLINK = "rtnetlink";

/** Which sockets are asked for, and what is to be told of them. */
export interface Wanted {
  /** The states, a bit each, where the protocol has them; all unless given. */
  readonly states?: number;
  /** Bits that ask for attributes; what is always told comes without. */
  readonly show?: number;
  /**
   * A program that chooses Internet sockets in the kernel. One that the kernel does not
   * take is left out: all come then, so that each must still be looked at.
   */
  readonly program?: Uint8Array;
}

/** Asks the kernel for TCP or UDP sockets. */
export function openDiag(
  diag: Pick<Diag, "family" | "protocol">,
  wanted: Wanted,
  tree: Pick<Tree, "inside">,
): LineSource | Failure {
  return askDiag(diag, wanted, () => openSockDiag(PATH, tree));
}

/** {@linkcode openDiag} by channels that `open` makes. */
export function askDiag(
  { family, protocol }: Pick<Diag, "family" | "protocol">,
  wanted: Wanted,
  open: () => Channel | Failure,
): LineSource | Failure {
  const asking = { ...INET_ASKING, family, protocol };
  return askSockets(asking, wanted, open, asking.answer);
}

/** `TCPDIAG_GETSOCK`, the question of before sock_diag, and of each answer to it. */
const TCPDIAG_GETSOCK = 18;

/** `struct inet_diag_req`: its size, and where `idiag_ext` and `idiag_states` are. */
const OLD_REQUEST = 60;
const OLD_SHOW = 3;
const OLD_STATES = 52;

/** So many bytes are kept of the other family, 16 MiB, while one is read. */
const OTHERS_MOST = 1 << 24;

/**
 * TCP sockets of both families, by one question: the kernel walks one table for both, and
 * passes by the sockets of all network namespaces in it. The question of before sock_diag
 * asks for no family. What comes of the second family is kept while the first is read.
 */
export class BothFamilies {
  readonly #wanted: Pick<Wanted, "states" | "show">;
  readonly #most: number;
  readonly #open: () => Channel | Failure;
  #first: OneFamily | undefined;

  /**
   * Asks by a channel that `open` makes, when the first family is wanted. Of each answer
   * `most` bytes are kept.
   */
  constructor(
    wanted: Pick<Wanted, "states" | "show">,
    open: () => Channel | Failure,
    most: number = ALL,
  ) {
    this.#wanted = wanted;
    this.#open = open;
    this.#most = most;
  }

  /** The sockets of a family; undefined if they are to be asked for by themselves. */
  open(family: number): LineSource | Failure | undefined {
    if (this.#first !== undefined) return this.#first.takeOthers(family);
    const { states = -1, show = 0 } = this.#wanted;
    const channel = this.#open();
    if (channel instanceof Failure) return channel;
    const structure = new Uint8Array(OLD_REQUEST);
    structure[OLD_SHOW] = show;
    new DataView(structure.buffer).setUint32(OLD_STATES, states, true);
    const answers = new Answers(channel, {
      path: PATH,
      subject: "sockets",
      least: INET_ASKING.answer,
    }, takeBuffer());
    const failure = answers.ask(dumpRequest(TCPDIAG_GETSOCK, structure));
    if (failure !== undefined) return failure;
    const lines = new Dump(answers, this.#most, PATH);
    return this.#first = new OneFamily(lines, family);
  }
}

/** The sockets of one family among those of both, of which the others are kept. */
class OneFamily implements LineSource {
  readonly path = PATH;
  readonly messages = true;
  readonly #lines: LineSource;
  readonly #family: number;
  #others: Arena | undefined;
  #isWhole = false;

  constructor(lines: LineSource, family: number) {
    this.#lines = lines;
    this.#family = family;
    this.#others = new Arena(lines, OTHERS_MOST);
  }

  get number(): number {
    return this.#lines.number;
  }

  get failure(): Failure | undefined {
    return this.#lines.failure;
  }

  next(line: Line): boolean {
    const lines = this.#lines;
    while (lines.next(line)) {
      if (line.bytes[line.start] === this.#family) return true;
      if (this.#others?.add(line, lines.number) === false) this.#release();
    }
    this.#isWhole = true;
    return false;
  }

  readAhead(): More {
    const more = this.#lines.readAhead?.();
    return async () => {
      // what was taken for the end may be none
      this.#isWhole = false;
      const comes = await more?.() ?? false;
      this.#isWhole = !comes;
      return comes;
    };
  }

  close(): void {
    this.#lines.close();
  }

  /** What was kept of the other family, once; undefined if that is not all. */
  takeOthers(family: number): LineSource | undefined {
    const isWhole = this.#isWhole && this.failure === undefined;
    if (!isWhole || family === this.#family) return undefined;
    const others = this.#others;
    this.#others = undefined;
    return others?.lines();
  }

  #release(): void {
    this.#others?.release();
    this.#others = undefined;
  }
}

/** No sockets. */
export const NO_SOCKETS: LineSource = {
  path: PATH,
  messages: true,
  number: 0,
  failure: undefined,
  next: () => false,
  close() {},
};

/**
 * Asks the kernel for sockets, or what else is listed over netlink, with all that it tells
 * of them: each line is an answer, its attributes included. Fails if the kernel does not
 * know the protocol; see {@linkcode isUnknown}.
 */
export function openSockets(
  asking: Asking,
  wanted: Wanted,
  tree: Pick<Tree, "inside">,
): LineSource | Failure {
  return askSockets(asking, wanted, () => openFor(asking, tree));
}

/** Opens what is asked. Returns why that cannot be. */
export function openFor(
  { rtnetlink }: Asking,
  tree: Pick<Tree, "inside">,
): Channel | Failure {
  return rtnetlink === undefined
    ? openSockDiag(PATH, tree)
    : openRtnetlink(RTNETLINK, tree);
}

/** What is told of answers to a question, and which are none. */
export function expectedOf(
  { rtnetlink, answer }: Asking,
): Pick<Expected, "subject" | "least" | "type"> {
  return {
    subject: rtnetlink?.subject ?? "sockets",
    least: answer,
    type: rtnetlink === undefined ? SOCK_DIAG_BY_FAMILY : rtnetlink.get - 2,
  };
}

/**
 * {@linkcode openSockets} by channels that `open` makes. Of each answer the first `most`
 * bytes are kept.
 */
export function askSockets(
  asking: Asking,
  wanted: Wanted,
  open: () => Channel | Failure,
  most = ALL,
): LineSource | Failure {
  const lines = dump(open(), asking, wanted, most);
  const refused = lines instanceof Failure &&
    (lines.code === "EINVAL" || lines.code === "EPERM");
  const { program, ...all } = wanted;
  return refused && program !== undefined
    ? dump(open(), asking, all, most)
    : lines;
}

/** More bytes than an answer about one socket has. */
const ONE_MOST = 1 << 16;

/** Where {@linkcode LookUps} and {@linkcode BothFamilies} of a tree ask. */
export function channelsIn(
  tree: Pick<Tree, "inside">,
): () => Channel | Failure {
  return () => openSockDiag(PATH, tree);
}

/** Asks for single sockets, of those that can be asked for so, by their inodes. */
export class LookUps {
  readonly #asking: Asking;
  readonly #show: number;
  readonly #open: () => Channel | Failure;
  #channel: Channel | Failure | undefined;
  readonly #buffer = new Uint8Array(ONE_MOST);

  /** Opens a socket when the first one is asked for; what is told goes by `show`. */
  constructor(
    asking: Asking,
    show: number,
    open: () => Channel | Failure,
  ) {
    this.#asking = asking;
    this.#show = show;
    this.#open = open;
  }

  /** The answer, until the next one is asked for; undefined if there is no such socket. */
  find(inode: Long): Uint8Array | undefined {
    const { one, answer } = this.#asking;
    if (one === undefined || !(inode > 0 && inode <= INODE_MOST)) {
      return undefined;
    }
    this.#channel ??= this.#open();
    if (this.#channel instanceof Failure) return undefined;
    const structure = structureOf(this.#asking, { show: this.#show });
    const words = new DataView(structure.buffer);
    words.setUint32(one.inode, Number(inode), true);
    // whatever its cookie is
    words.setBigInt64(one.cookie, -1n, true);
    const request = oneRequest(SOCK_DIAG_BY_FAMILY, structure);
    const found = askOne(this.#channel, request, this.#buffer);
    return found !== undefined && found.length >= answer ? found : undefined;
  }

  /** Ends the asking. */
  close(): void {
    if (!(this.#channel instanceof Failure)) this.#channel?.close();
    this.#channel = undefined;
  }
}

const INODE_MOST = 0xffff_ffff;

/** Whether a failure says that the kernel does not know such sockets. */
export function isUnknown({ code }: Failure): boolean {
  return UNKNOWN.includes(code);
}

const UNKNOWN = ["ENOENT", "EINVAL", "EPROTONOSUPPORT", "EAFNOSUPPORT"];

/** The request for sockets. */
export function diagRequest(
  asking: Asking,
  wanted: Wanted,
): Uint8Array<ArrayBuffer> {
  const { protocol } = asking;
  const { program } = wanted;
  const attributes: Attribute[] = [];
  if (protocol > 255) {
    attributes.push({ type: PROTOCOL, data: word(protocol) });
  }
  if (program !== undefined) attributes.push({ type: BYTECODE, data: program });
  const structure = structureOf(asking, wanted);
  const type = asking.rtnetlink?.get ?? SOCK_DIAG_BY_FAMILY;
  return dumpRequest(type, structure, attributes);
}

/** The structure that a request starts with. */
export function structureOf(
  { family, protocol, request, states: statesAt, show: showAt }: Asking,
  { states = -1, show = 0 }: Wanted,
): Uint8Array<ArrayBuffer> {
  const structure = new Uint8Array(request);
  const words = new DataView(structure.buffer);
  structure[0] = family;
  if (protocol < 256) structure[1] = protocol;
  if (statesAt !== undefined) words.setUint32(statesAt, states, true);
  if (showAt?.bytes === 1) structure[showAt.at] = show;
  else if (showAt !== undefined) words.setUint32(showAt.at, show, true);
  return structure;
}

/** A number of 32 bits in the machine's order. */
function word(value: number): Uint8Array {
  return new Uint8Array(new Uint32Array([value]).buffer);
}

/** Asks, and waits for the first answer. Of each one the first `most` bytes are kept. */
function dump(
  channel: Channel | Failure,
  asking: Asking,
  wanted: Wanted,
  most: number,
): LineSource | Failure {
  if (channel instanceof Failure) return channel;
  const path = asking.rtnetlink === undefined ? PATH : RTNETLINK;
  const answers = new Answers(
    channel,
    { ...expectedOf(asking), path },
    takeBuffer(),
  );
  return answers.ask(diagRequest(asking, wanted)) ??
    new Dump(answers, most, path);
}

/** What the answers of a dump that is over were in: for the next one. */
let spareBuffer: Uint8Array<ArrayBuffer> | undefined;

function takeBuffer(): Uint8Array<ArrayBuffer> {
  const buffer = spareBuffer ?? answerBuffer();
  spareBuffer = undefined;
  return buffer;
}

/** `IPPROTO_TCP` */
const TCP = 6;

/** States that are asked for by another bit: SYN_RECV also by that of NEW_SYN_RECV. */
const NEW_SYN_RECV = 12;
const SYN_RECV = 3;
/** A socket of TCP that is only bound has the state CLOSE, */
const CLOSE = 7;
/** and the bit of BOUND_INACTIVE. */
const BOUND_INACTIVE = 13;

/** Whether an answer that starts there is of a state that is wanted. */
export function wantsState(
  { protocol, state: at }: Asking,
  { states }: Wanted,
  bytes: Uint8Array,
  start: number,
): boolean {
  if (at === undefined || states === undefined) return true;
  const state = bytes[start + at]!;
  const bits = protocol === TCP ? tcpBits(state) : state < 32 ? 1 << state : 0;
  return (states & bits) !== 0;
}

function tcpBits(state: number): number {
  if (state === SYN_RECV) return 1 << SYN_RECV | 1 << NEW_SYN_RECV;
  if (state === CLOSE) return 1 << BOUND_INACTIVE;
  return state < 32 ? 1 << state : 0;
}

class Dump implements LineSource {
  readonly path: string;
  readonly messages = true;
  number = 0;
  readonly #answers: Answers;
  readonly #most: number;
  /** Goes to the next dump when this one is over. */
  #buffer: Uint8Array<ArrayBuffer> | undefined;

  constructor(answers: Answers, most: number, path: string) {
    this.path = path;
    this.#answers = answers;
    this.#most = most;
    this.#buffer = answers.bytes;
  }

  get failure(): Failure | undefined {
    return this.#answers.failure;
  }

  next(line: Line): boolean {
    const answers = this.#answers;
    if (!answers.next()) return false;
    const { start, end } = answers;
    line.set(answers.bytes, start, Math.min(end, start + this.#most));
    this.number++;
    return true;
  }

  readAhead(): More {
    return this.#answers.readAhead();
  }

  close(): void {
    this.#answers.close();
    spareBuffer = this.#buffer ?? spareBuffer;
    this.#buffer = undefined;
  }
}
