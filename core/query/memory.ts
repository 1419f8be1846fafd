/**
 * Memory that there may be none of: a saved tree can have any number of rows.
 *
 * @module
 */

/** There is no memory for more. */
export class NoRoom extends Error {}

/** What `make` allocates. Throws {@linkcode NoRoom}. */
export function allocated<T>(make: () => T): T {
  try {
    return make();
  } catch {
    throw new NoRoom();
  }
}
