/**
 * What the kernel tells of every Internet socket over netlink: `struct inet_diag_msg` and
 * the attributes that all protocols share (linux/inet_diag.h). TCP's own are in other
 * files. What a socket has depends on its state: connections that are not yet there
 * (SYN_RECV) or no longer (TIME_WAIT) have at most a mark.
 *
 * @module
 */

import {
  type Answer,
  type Asking,
  FIXED,
  INET_ASKING,
} from "../core/contract/diag.ts";
import {
  Address,
  spanOf,
  spellAddress,
  writePlainAddress,
} from "../core/contract/ip.ts";
import {
  bitNames,
  cookieField,
  type Field,
  type Fields,
  flag,
  type Read,
  shutdownFields,
  told,
  u32,
  u64,
  u8,
} from "./_diag_fields.ts";
import { memoryFields } from "./_diag_memory.ts";
import {
  CLOSE,
  ESTABLISHED,
  LISTEN,
  stateText,
  TCP_STATES,
} from "./_tcp_states.ts";

/** Attributes, as `enum` of `INET_DIAG_NONE` numbers them; the first eight can be asked for. */
const TOS = 5;
const TCLASS = 6;
/** The memory of a socket. */
export const SKMEMINFO = 7;
const SHUTDOWN = 8;
/** Whether a socket of IPv6 takes no IPv4. */
export const SKV6ONLY = 11;
const MARK = 15;
const CLASS_ID = 17;
/** The id of a socket's cgroup. */
export const CGROUP_ID = 21;
const SOCKOPT = 22;

/** The bit that asks for an attribute. */
export function showBit(attribute: number): number {
  return 1 << (attribute - 1);
}

const AF_INET6 = 10;

/** `idiag_timer` */
const TIMERS: Readonly<Record<number, string>> = {
  0: "off",
  1: "on",
  2: "keepalive",
  3: "timewait",
  4: "probe",
};
const KEEPALIVE = 2;
const PROBE = 4;

/** The bits of SOCKOPT, from the lowest of the first byte. */
const OPTIONS = [
  "recverr",
  "is_icsk",
  "freebind",
  "hdrincl",
  "mc_loop",
  "transparent",
  "mc_all",
  "nodefrag",
  "bind_address_no_port",
  "recverr_rfc4884",
  "defer_connect",
];

/** The state as the kernel numbers it. */
export function stateOf(answer: Answer): number {
  return answer.u8(FIXED, 1) ?? 0;
}

/** Which timer runs. */
export function timerOf(answer: Answer): number {
  return answer.u8(FIXED, 2) ?? 0;
}

/** What the timer counts: retransmissions, or probes without an answer. */
export function countOf(answer: Answer): number {
  return answer.u8(FIXED, 3) ?? 0;
}

/** Whether the timer counts probes. */
function probing(answer: Answer): boolean {
  const timer = timerOf(answer);
  return timer === KEEPALIVE || timer === PROBE;
}

const scratch = new Address();

/** An address of `struct inet_diag_sockid`, at that byte of the answer. */
function addressAt(answer: Answer, at: number): Address {
  scratch.length = answer.u8(FIXED, 0) === AF_INET6 ? 16 : 4;
  const from = answer.start + at;
  const there = from + 16 <= answer.end;
  for (let i = 0; i < 16; i++) {
    scratch.bytes[i] = there ? answer.bytes[from + i]! : 0;
  }
  return scratch;
}

/** How an address there is told. */
function address(at: number, about: string): Field {
  return told(
    "address",
    (answer) => spellAddress(addressAt(answer, at)),
    about,
    {
      put: (out, answer) => writePlainAddress(out, addressAt(answer, at)),
      span: (answer, into) => spanOf(addressAt(answer, at), into),
    },
  );
}

/** How Internet protocols differ. */
export interface InetProtocol {
  /** The name of the state of a socket, null if it has none. */
  readonly state: Read<string>;
  /** The names that there are. */
  readonly states: readonly string[];
  /** What waits to be read. */
  readonly received: string;
  /** What waits to be sent. */
  readonly sent: string;
}

/** TCP, and what has its states. */
export const TCP: InetProtocol = {
  state: (answer) => {
    const state = stateOf(answer);
    return state > 0 ? stateText(state) : null;
  },
  states: Object.keys(TCP_STATES),
  received:
    "Bytes that the process has not read, and one if the other end has closed; of a " +
    "listening socket, connections not yet accepted.",
  sent:
    "Bytes that the other end has not acknowledged, a beginning or an end of the " +
    "connection among them as one; of a listening socket, 0.",
};

/** UDP and what is like it. */
export const DATAGRAMS: InetProtocol = {
  state: (answer) => stateOf(answer) === ESTABLISHED ? "ESTABLISHED" : null,
  states: ["ESTABLISHED"],
  received:
    "Memory of datagrams that the process has not read, with what they cost to keep.",
  sent: "Memory of datagrams that are not yet sent.",
};

/** What stands in place of a queue's length when a UDP socket has ended. */
const NO_LENGTH = 0xffff_ffff;

/** What waits to be sent. */
function sendQueue(answer: Answer): number | null {
  const state = stateOf(answer);
  // of a listening socket it is the most there can be, which is no queue's length
  if (state === LISTEN) return 0;
  const length = answer.u32(FIXED, 60);
  return length === NO_LENGTH && state === CLOSE ? null : length;
}

/** Both ends, as `struct inet_diag_sockid` at that byte has them, and the interface. */
export function endFields(at: number): Fields {
  const index = u32(FIXED, at + 36);
  return {
    local_address: address(at + 4, "Local address, numeric."),
    local_port: told(
      "port",
      (answer) => answer.port(FIXED, at),
      "Local port; of a raw socket, the IP protocol.",
    ),
    foreign_address: address(at + 20, "Remote address, numeric."),
    foreign_port: told(
      "port",
      (answer) => answer.port(FIXED, at + 2),
      "Remote port; 0 if there is none.",
    ),
    iface: told(
      "string?",
      (answer, view) => {
        const number = index(answer, view) ?? 0;
        return number === 0 ? null : view.names.interface(number) ?? null;
      },
      "Network interface that the socket is bound to, or in which its address is " +
        "valid; null for any.",
    ),
    ifindex: told("integer", index, "Index of that interface; 0 for any."),
  };
}

/** What every answer starts with. */
function headFields(protocol: InetProtocol): Fields {
  return {
    ...endFields(4),
    state: told("name?", protocol.state, "State; null if it has no name.", {
      words: protocol.states,
    }),
    state_num: told(
      "integer",
      stateOf,
      "State as the kernel numbers it (net/tcp_states.h).",
    ),
    recv_q: told("integer", u32(FIXED, 56), protocol.received, {
      unit: "bytes",
    }),
    send_q: told(
      "integer?",
      sendQueue,
      protocol.sent,
      { unit: "bytes" },
    ),
    uid: told("integer", u32(FIXED, 64), "User id of the socket's owner."),
    inode: told(
      "integer",
      u32(FIXED, 68),
      "Inode of the socket; 0 if no process holds it.",
    ),
    timer: told(
      "name",
      (answer) => TIMERS[timerOf(answer)] ?? `unkn-${timerOf(answer)}`,
      "Timer that runs.",
      { words: Object.values(TIMERS) },
    ),
    timer_num: told("integer", timerOf, "Timer as the kernel numbers it."),
    timer_ms: told(
      "duration",
      u32(FIXED, 52),
      "Milliseconds until the timer expires.",
      { unit: "milliseconds" },
    ),
    retransmits: told(
      "integer?",
      (answer) => probing(answer) ? null : countOf(answer),
      "Retransmissions of the oldest unacknowledged segment; null while probes are " +
        "counted.",
    ),
    timeout: told(
      "integer?",
      (answer) => probing(answer) ? countOf(answer) : null,
      "Probes that were not answered; null while retransmissions are counted.",
    ),
    cookie: cookieField(u64(FIXED, 44)),
  };
}

/** What every Internet socket is told of that is there in full. */
const optionFields: Fields = {
  ...shutdownFields(u8(SHUTDOWN)),
  tos: told("integer?", u8(TOS), "Type of service (IP_TOS).", {
    show: showBit(TOS),
  }),
  tclass: told("integer?", u8(TCLASS), "Traffic class (IPV6_TCLASS).", {
    show: showBit(TCLASS),
  }),
  class_id: told(
    "integer?",
    u32(CLASS_ID),
    "Class of the socket's net_cls cgroup or, without one, its priority (SO_PRIORITY).",
    { show: showBit(TCLASS) },
  ),
  v6only: told(
    "boolean?",
    flag(255, u8(SKV6ONLY)),
    "Whether a socket of IPv6 takes no IPv4 (IPV6_V6ONLY); null of others, and of " +
      "connections.",
  ),
  mark: told(
    "integer?",
    u32(MARK),
    "Mark of its packets (SO_MARK); null without CAP_NET_ADMIN.",
  ),
  cgroup_id: told(
    "integer?",
    u64(CGROUP_ID),
    "Number of the cgroup in which the socket was made, or its listener: the inode of " +
      "the cgroup's folder.",
  ),
  socket_options: told(
    "strings?",
    bitNames(OPTIONS, (answer) => {
      const first = answer.u8(SOCKOPT, 0);
      const second = answer.u8(SOCKOPT, 1);
      return first === null || second === null ? null : first | second << 8;
    }),
    "Options of the socket that are set.",
  ),
};

/**
 * How a protocol's sockets are asked for: of AF_INET or AF_INET6; IPPROTO_TCP, UDP,
 * UDPLITE, SCTP, MPTCP, or IPPROTO_RAW for all raw sockets.
 */
export function inetAsking(family: number, protocol: number): Asking {
  return { ...INET_ASKING, family, protocol };
}

/** The fields of a protocol's sockets. */
export function inetFields(protocol: InetProtocol): Fields {
  return {
    ...headFields(protocol),
    ...optionFields,
    ...memoryFields(SKMEMINFO, showBit(SKMEMINFO)),
  };
}
