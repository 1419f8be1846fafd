/**
 * What a family file is called with: such a file's default export is a function, which
 * gets {@linkcode Kit} and returns the family. It needs to import nothing but types.
 *
 * @module
 */

import {
  among,
  extended,
  fact,
  foreign,
  kept,
  left,
  listed,
  ownerColumns,
  queueTone,
  right,
  userColumns,
} from "../contract/column.ts";
import type { Columns, Family } from "../contract/family.ts";
import {
  Address,
  hexWord,
  parseIpv4,
  parseIpv6,
  spellAddress,
  writeAddress,
} from "../contract/ip.ts";

/**
 * What the function in a family file is called with: the helpers of the families that
 * are built in.
 */
export type Kit = Readonly<{
  left: typeof left;
  right: typeof right;
  fact: typeof fact;
  foreign: typeof foreign;
  kept: typeof kept;
  listed: typeof listed;
  extended: typeof extended;
  among: typeof among;
  queueTone: typeof queueTone;
  userColumns: typeof userColumns;
  ownerColumns: typeof ownerColumns;
  Address: typeof Address;
  hexWord: typeof hexWord;
  parseIpv4: typeof parseIpv4;
  parseIpv6: typeof parseIpv6;
  spellAddress: typeof spellAddress;
  writeAddress: typeof writeAddress;
}>;

/** The keys of the columns whose values the program finds itself: those of owners. */
const joined = new WeakMap<object, string>();

/** The key of a column of owners as the kit made it. */
export function joinedKey(column: object): string | undefined {
  return joined.get(column);
}

/** {@linkcode ownerColumns} that can be told by the program. */
function ownersOf<Row>(
  inode: (row: Row) => number | bigint,
): Columns<Row> {
  const columns = ownerColumns(inode);
  for (const [key, column] of Object.entries(columns)) joined.set(column, key);
  return columns;
}

/** The helpers. */
export const kit: Kit = {
  left,
  right,
  fact,
  foreign,
  kept,
  listed,
  extended,
  among,
  queueTone,
  userColumns,
  ownerColumns: ownersOf,
  Address,
  hexWord,
  parseIpv4,
  parseIpv6,
  spellAddress,
  writeAddress,
};

/** What a family file exports. */
export type FamilyFile = (kit: Kit) => Family;
