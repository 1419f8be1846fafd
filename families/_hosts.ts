/**
 * Addresses, or their names, as IPv4's and IPv6's tables show them.
 *
 * @module
 */

import { fact, left, type Optional } from "../core/contract/column.ts";
import type {
  Column,
  Columns,
  Declared,
  Out,
  View,
} from "../core/contract/family.ts";
import {
  type Address,
  spanOf,
  spellAddress,
  writeAddress,
  writePlainAddress,
} from "../core/contract/ip.ts";

/** The longest name that is shown. */
export const HOST_MOST = 127;

/** Writes an address, or its name if it has one and names are wanted. */
export function writeHost(
  out: Out,
  address: Address,
  view: View,
  numeric: boolean = view.numericHosts,
): void {
  // net-tools: brackets stand around all zeros where names are wanted
  if (!numeric && address.length === 16 && address.isNull()) out.ascii("[::]");
  else writeNamed(out, address, hostOf(address, view, numeric));
}

/** Writes the name of an address, of which so many bytes at most, if it has one. */
export function writeNamed(
  out: Out,
  address: Address,
  name: string | null,
  most = Infinity,
): void {
  if (name === null) writeAddress(out, address);
  else out.foreign(name.slice(0, most));
}

/**
 * The name of a host, or of a network if the first byte is 0; null without one, or if
 * numbers are wanted.
 */
export function hostOf(
  address: Address,
  view: View,
  numeric: boolean = view.numericHosts,
): string | null {
  if (numeric || address.isNull()) return null;
  const bytes = address.copy();
  if (address.length === 4) {
    const name = bytes[0] === 0
      ? view.names.network(bytes)
      : view.names.host(bytes);
    return name?.slice(0, HOST_MOST) ?? null;
  }
  const name = view.names.host(bytes);
  return name !== undefined && name.length <= HOST_MOST ? name : null;
}

/** The name of a host, however long; null without one, or if numbers are wanted. */
export function wholeHostOf(address: Address, view: View): string | null {
  return view.numericHosts || address.isNull()
    ? null
    : view.names.host(address.copy()) ?? null;
}

/** An address that a table shows by its name. */
export interface Host<Row> extends Optional<Row> {
  /** The address; undefined where there is none to show. */
  address(row: Row): Address | undefined;
  /** Its name; null without one, or if numbers are wanted. */
  name(row: Row, view: View): string | null;
  /** One sentence on the address. */
  readonly about: string;
  /** What its name is, as a sentence begins with it. */
  readonly named: string;
  /** So many bytes of the name are shown at most. */
  readonly most?: number;
}

/** How a column of addresses that may be absent is spelled, and compared. */
export function spelling<Row>(
  address: (row: Row) => Address | undefined,
  kind: Declared = "address",
): Pick<Column<Row>, "put" | "span"> {
  return {
    span(row, into) {
      const found = address(row);
      return found !== undefined && spanOf(found, into);
    },
    ...(kind === "address"
      ? { put: (out: Out, row: Row) => writePlainAddress(out, address(row)!) }
      : {}),
  };
}

/** The columns of an address, under `key`, and of its name. */
export function hostColumns<Row>(
  key: string,
  header: string,
  width: number,
  { address, name, about, named, most, ...optional }: Host<Row>,
): Columns<Row> {
  return {
    [key]: left<Row>(
      header,
      width,
      (row) => {
        const found = address(row);
        return found === undefined ? null : spellAddress(found);
      },
      about,
      {
        kind: "address",
        write: (out, row, view) =>
          writeNamed(out, address(row)!, name(row, view), most),
        names: name,
        ...spelling(address, optional.kind),
        ...optional,
      },
    ),
    [`${key.replace("_address", "")}_host`]: fact(
      "string?",
      name,
      `${named}; null without one or with -n.`,
      { needs: "names" },
    ),
  };
}
