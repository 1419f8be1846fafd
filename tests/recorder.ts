/**
 * Keeps what the kernel tells of sockets in a saved tree, as files of raw answers.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Asking } from "../core/contract/diag.ts";
import { Failure } from "../core/system/failures.ts";
import { Tree } from "../core/system/scan.ts";
import { type Channel, openSockDiag } from "../core/system/netlink.ts";
import { answerPath, EVERYTHING } from "../core/system/saved_diag.ts";
import { clearSecrets } from "../core/system/secrets.ts";
import { diagRequest } from "../core/system/sock_diag.ts";
import { inetAsking } from "../families/_diag_inet.ts";
import { NETLINK_ASKING } from "../families/_diag_netlink.ts";
import { PACKET_ASKING } from "../families/_diag_packet.ts";
import { UNIX_ASKING } from "../families/_diag_unix.ts";

/** All that tables ask for. */
export const ASKINGS: readonly Asking[] = [
  ...[6, 17, 132, 136, 255].flatMap((protocol) =>
    [2, 10].map((family) => inetAsking(family, protocol))
  ),
  UNIX_ASKING,
  PACKET_ASKING,
  NETLINK_ASKING,
];

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;

/** Whether the last of an answer's messages is in a piece. */
function isLast(piece: Uint8Array): boolean {
  const words = new DataView(piece.buffer, piece.byteOffset, piece.length);
  for (
    let at = 0;
    at < piece.length;
    at += words.getUint32(at, true) + 3 & ~3
  ) {
    const type = words.getUint16(at + 4, true);
    if (type === NLMSG_ERROR || type === NLMSG_DONE) return true;
  }
  return false;
}

/** The pieces of an answer, as they are received, without its secrets. */
export function* piecesOf(
  asking: Asking,
  channel: Channel,
): Generator<Uint8Array> {
  const sent = channel.send(diagRequest(asking, EVERYTHING));
  assert.ok(sent > 0, `${sent}`);
  const buffer = new Uint8Array(1 << 16);
  for (;;) {
    const got = channel.receive(buffer);
    assert.ok(got > 0 && got <= buffer.length, `${got}`);
    const piece = buffer.slice(0, got);
    clearSecrets(asking, piece);
    yield piece;
    if (isLast(piece)) return;
  }
}

/** Writes what was answered into a tree. */
export function writeAnswer(
  root: string,
  asking: Asking,
  pieces: Iterable<Uint8Array>,
): void {
  const path = root + answerPath(asking);
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  using file = Deno.openSync(path, {
    create: true,
    write: true,
    truncate: true,
  });
  for (const piece of pieces) {
    // the messages of all pieces stand at multiples of four bytes
    const padded = new Uint8Array(piece.length + 3 & ~3);
    padded.set(piece);
    for (let at = 0; at < padded.length;) {
      at += file.writeSync(padded.subarray(at));
    }
  }
}

/** Asks the kernel and keeps what it answers. */
export function record(root: string, askings = ASKINGS): void {
  for (const asking of askings) {
    const channel = openSockDiag("sock_diag", new Tree());
    if (channel instanceof Failure) throw new Error(`${channel}`);
    writeAnswer(root, asking, piecesOf(asking, channel));
    channel.close();
  }
}
