/**
 * Addresses, or their names, as IPv4's and IPv6's tables show them.
 *
 * @module
 */

import type { Out, View } from "../core/contract/family.ts";
import { type Address, writeAddress } from "../core/contract/ip.ts";

/** The longest name that is shown. */
export const HOST_MOST = 127;

/** Writes an address, or its name if it has one and names are wanted. */
export function writeHost(out: Out, address: Address, view: View): void {
  if (view.numericHosts) return writeAddress(out, address);
  if (address.isNull()) {
    return out.ascii(address.length === 4 ? "0.0.0.0" : "[::]");
  }
  const name = hostName(address, view);
  if (name === undefined) writeAddress(out, address);
  else out.foreign(name);
}

/** The name of a host, or of a network if the first byte is 0. */
export function hostName(address: Address, view: View): string | undefined {
  if (address.isNull()) return undefined;
  const bytes = address.copy();
  if (address.length === 4) {
    const name = bytes[0] === 0
      ? view.names.network(bytes)
      : view.names.host(bytes);
    return name?.slice(0, HOST_MOST);
  }
  const name = view.names.host(bytes);
  return name !== undefined && name.length <= HOST_MOST ? name : undefined;
}

/** The name of an address; null without one, or if numbers are wanted. */
export function hostOf(address: Address, view: View): string | null {
  return view.numericHosts ? null : hostName(address, view) ?? null;
}
