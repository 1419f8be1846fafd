/**
 * Bytes of which there are very many, as byte strings.
 *
 * @module
 */

const PIECE = 8192;

/**
 * Bytes as a string of one character a byte. That of `Buffer` makes a string of
 * each character, which a hundred megabytes do not leave room for.
 */
export function latin1(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  }
  return pieces.join("");
}
