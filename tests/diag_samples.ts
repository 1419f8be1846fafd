/**
 * Netlink messages as they were recorded: what `ss` sent and received, and what each
 * answer means.
 *
 * @module
 */

import { Answer, type Asking } from "../core/contract/diag.ts";
import type { Value, View } from "../core/contract/family.ts";
import { Line } from "../core/contract/line.ts";
import { Failure } from "../core/system/failures.ts";
import { askSockets, type Wanted } from "../core/system/sock_diag.ts";
import type { Channel } from "../core/system/netlink.ts";
import type { Fields } from "../families/_diag_fields.ts";
import { DATAGRAMS, inetAsking, inetFields } from "../families/_diag_inet.ts";
import { mptcpFields } from "../families/_diag_mptcp.ts";
import { NETLINK_ASKING, netlinkFields } from "../families/_diag_netlink.ts";
import { PACKET_ASKING, packetFields } from "../families/_diag_packet.ts";
import { sctpFields } from "../families/_diag_sctp.ts";
import { SMC_ASKING, smcFields } from "../families/_diag_smc.ts";
import { tcpFields } from "../families/_diag_tcp.ts";
import { TIPC_ASKING, tipcFields } from "../families/_diag_tipc.ts";
import { UNIX_ASKING, unixFields } from "../families/_diag_unix.ts";
import { VSOCK_ASKING, vsockFields } from "../families/_diag_vsock.ts";
import { XDP_ASKING, xdpFields } from "../families/_diag_xdp.ts";

const FOLDER = new URL("../testdata/diag/", import.meta.url).pathname;
const AF_INET = 2;

/** A kind of sockets: how they are asked for, and what is told of them. */
export interface Protocol {
  readonly asking: Asking;
  readonly fields: Fields;
}

/** All that there are. */
export const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  tcp: { asking: inetAsking(AF_INET, 6), fields: tcpFields },
  udp: { asking: inetAsking(AF_INET, 17), fields: inetFields(DATAGRAMS) },
  mptcp: { asking: inetAsking(AF_INET, 262), fields: mptcpFields },
  sctp: { asking: inetAsking(AF_INET, 132), fields: sctpFields },
  unix: { asking: UNIX_ASKING, fields: unixFields },
  packet: { asking: PACKET_ASKING, fields: packetFields },
  netlink: { asking: NETLINK_ASKING, fields: netlinkFields },
  vsock: { asking: VSOCK_ASKING, fields: vsockFields },
  smc: { asking: SMC_ASKING, fields: smcFields },
  tipc: { asking: TIPC_ASKING, fields: tipcFields },
  xdp: { asking: XDP_ASKING, fields: xdpFields },
};

/** The samples, and of which protocol each is. */
export const SAMPLES: Readonly<Record<string, string>> = {
  tcp_all: "tcp",
  tcp_plain: "tcp",
  tcp_filter: "tcp",
  tcp_unprivileged: "tcp",
  timers: "tcp",
  wire_client: "tcp",
  wire_server: "tcp",
  mptcp_subflows: "tcp",
  mptcp_all: "mptcp",
  udp_all: "udp",
  unix_all: "unix",
  packet_all: "packet",
  packet_unprivileged: "packet",
  netlink_all: "netlink",
};

/** A request, and the pieces in which the answer came. */
export interface Dialogue {
  readonly request: Uint8Array;
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
}

const SOCK_DIAG_BY_FAMILY = 20;
const RTM_NEWLINK = 16;

/** The type of the message that a piece begins with. */
function typeOf(piece: Uint8Array): number {
  return piece[4]! | piece[5]! << 8;
}

/** What stands in a sample: what was sent (`>`) and received (`<`). */
function piecesOf(name: string): [string, Uint8Array<ArrayBuffer>][] {
  const text = Deno.readTextFileSync(`${FOLDER}${name}.hex`);
  const found: [string, string][] = [];
  for (const line of text.split("\n")) {
    if (line === "<" || line === ">") found.push([line, ""]);
    else if (!line.startsWith("#") && found.length > 0) {
      found.at(-1)![1] += line;
    }
  }
  return found.map(([way, hex]) => [way, Uint8Array.fromHex(hex)]);
}

/** The requests for sockets in a sample, each with its answer. */
export function dialoguesOf(name: string): Dialogue[] {
  const dialogues: { sent: Uint8Array[]; pieces: Uint8Array<ArrayBuffer>[] }[] =
    [];
  let other = false;
  for (const [way, piece] of piecesOf(name)) {
    const last = dialogues.at(-1);
    if (way === ">") {
      // what is shorter than a header belongs to the message before
      const more = piece.length < 16 || typeOf(piece) === 0;
      other = !more && typeOf(piece) !== SOCK_DIAG_BY_FAMILY;
      if (more) last!.sent.push(piece);
      else if (!other) dialogues.push({ sent: [piece], pieces: [] });
    } else if (typeOf(piece) !== RTM_NEWLINK) last!.pieces.push(piece);
  }
  return dialogues.map(({ sent, pieces }) => ({
    request: new Uint8Array(sent.flatMap((piece) => [...piece])),
    pieces,
  }));
}

/** The events in a sample. */
export function eventsOf(name: string): Uint8Array<ArrayBuffer>[] {
  return piecesOf(name).filter(([way]) => way === "<").map(([, piece]) =>
    piece
  );
}

/** What the answers in a sample mean, one object each; large numbers are bigints. */
export function recorded(name: string): Record<string, unknown>[] {
  return Deno.readTextFileSync(`${FOLDER}${name}.ndjson`).trim().split("\n")
    .map((line) => JSON.parse(line, exactly));
}

function exactly(
  _key: string,
  value: unknown,
  { source }: { source?: string } = {},
): unknown {
  return typeof value === "number" && Number.isInteger(value) &&
      !Number.isSafeInteger(value)
    ? BigInt(source!)
    : value;
}

/** A channel that gives these pieces. */
export function channelOf(
  pieces: readonly Uint8Array<ArrayBuffer>[],
): Channel {
  let next = 0;
  return {
    send: (bytes) => bytes.length,
    receive(bytes) {
      const piece = pieces[next++];
      if (piece === undefined) return 0;
      bytes.set(piece);
      return piece.length;
    },
    close() {},
  };
}

/** What columns see of the command line, as far as these do. */
export const VIEW = {
  names: {
    interface: (index: number) => index > 99 ? undefined : `if${index}`,
  },
} as unknown as View;

/** What a function makes of each answer in these pieces, and why there are no more. */
export function eachAnswer<Made>(
  { asking }: Protocol,
  pieces: readonly Uint8Array<ArrayBuffer>[],
  make: (answer: Answer) => Made,
  wanted: Wanted = {},
): { made: Made[]; failure: Failure | undefined } {
  const lines = askSockets(asking, wanted, () => channelOf(pieces));
  const made: Made[] = [];
  if (lines instanceof Failure) return { made, failure: lines };
  const line = new Line();
  const answer = new Answer();
  while (lines.next(line)) {
    answer.set(line.bytes, line.start, line.end, asking.answer);
    made.push(make(answer));
  }
  lines.close();
  return { made, failure: lines.failure };
}

/** The values of all fields. */
export function valuesOf(
  fields: Fields,
  answer: Answer,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [
      key,
      field.value(answer, VIEW),
    ]),
  );
}
