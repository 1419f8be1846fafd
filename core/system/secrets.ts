/**
 * What the kernel tells root of sockets that is for nobody else: the keys of TCP's MD5
 * signatures (RFC 2385). Whoever keeps an answer clears them here first.
 *
 * @module
 */

import type { Asking } from "../contract/diag.ts";
import { SOCK_DIAG_BY_FAMILY } from "./sock_diag.ts";

const AF_INET = 2;
const AF_INET6 = 10;

/** `struct nlmsghdr` */
const HEADER = 16;
/** `struct nlattr`: u16 length, u16 type, of which the upper two bits are flags. */
const ATTRIBUTE = 4;
const TYPE_MASK = 0x3fff;

/** `INET_DIAG_MD5SIG` */
const MD5SIG = 18;
/** `struct tcp_diag_md5sig`: family, prefix, key length, address, and the key. */
const ENTRY = 100;
/** Where the key is in it, to its end. */
const KEY = 20;

/**
 * Clears the secrets in messages of an answer, one behind the other as they were received:
 * keys become zeros, and nothing is moved. What is no message to its end is cleared as a
 * whole, since nobody can tell what is in it.
 */
export function clearSecrets(
  { family, answer }: Pick<Asking, "family" | "answer">,
  messages: Uint8Array,
): void {
  if (family !== AF_INET && family !== AF_INET6) return;
  const words = wordsOf(messages);
  let at = 0;
  while (at + HEADER <= messages.length) {
    const length = words.getUint32(at, true);
    const end = at + length;
    if (length < HEADER || end > messages.length) break;
    if (words.getUint16(at + 4, true) === SOCK_DIAG_BY_FAMILY) {
      clearKeys(messages.subarray(Math.min(at + HEADER + answer, end), end));
    }
    at = end + 3 & ~3;
  }
  messages.fill(0, Math.min(at, messages.length));
}

/** Clears the keys in attributes. */
function clearKeys(attributes: Uint8Array): void {
  const words = wordsOf(attributes);
  let at = 0;
  while (at + ATTRIBUTE <= attributes.length) {
    const length = words.getUint16(at, true);
    const end = at + length;
    if (length < ATTRIBUTE || end > attributes.length) break;
    if ((words.getUint16(at + 2, true) & TYPE_MASK) === MD5SIG) {
      clearEntries(attributes.subarray(at + ATTRIBUTE, end));
    }
    at = end + 3 & ~3;
  }
  attributes.fill(0, Math.min(at, attributes.length));
}

function clearEntries(entries: Uint8Array): void {
  // where the keys of another structure are is not known
  if (entries.length % ENTRY !== 0) entries.fill(0);
  for (let at = 0; at < entries.length; at += ENTRY) {
    entries.fill(0, at + KEY, at + ENTRY);
  }
}

function wordsOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
