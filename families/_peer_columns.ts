/**
 * Who is at the other end of a connection, if that is on this machine.
 *
 * @module
 */

import { fact } from "../core/contract/column.ts";
import type { Told } from "../core/contract/depth.ts";
import type {
  Column,
  Columns,
  Holder,
  Need,
  Owner,
  Place,
  View,
} from "../core/contract/family.ts";

/** The process at the other end, if there is one socket there. */
function ownerOf({ peer }: Told, view: View): Owner | undefined {
  const held = peer?.held;
  return held?.length === 1 ? view.owner(held[0]!) : undefined;
}

function holdersOf({ peer }: Told, view: View): readonly Holder[] | null {
  if (peer === undefined) return null;
  const { held } = peer;
  return held.length === 1
    ? view.holders(held[0]!)
    : held.flatMap((inode) => view.holders(inode));
}

/** Where the other end is. */
function placeOf({ peer }: Told, view: View): Place | undefined {
  if (peer === undefined || peer.held.length > 1) return undefined;
  return view.place(peer.held[0] ?? 0, peer.cgroup ?? null);
}

/**
 * Those columns; `owners` is that of the processes that have the socket, `more` what they
 * all need besides.
 */
export function peerColumns<Row extends Told>(
  owners: Column<Row>,
  more: { readonly needs?: "diag"; readonly show?: number } = {},
): Columns<Row> {
  const { needs = "peer", show = 0 } = more;
  const needing = (...others: Need[]) => ({
    set: "peer" as const,
    needs: [needs, "peer", ...others] as const,
    show,
  });
  return {
    peer_inode: fact(
      "integer?",
      ({ peer }) => peer?.inode ?? null,
      "Inode of the socket at the other end, if that is on this machine; 0 if no " +
        "process has it: it is closed, or not yet accepted. Null if several UNIX " +
        "sockets send to this one.",
      needing(),
    ),
    peer_pid: fact(
      "integer?",
      (row, view) => ownerOf(row, view)?.pid ?? null,
      "Process id of the owner of that socket or, until the connection is accepted, " +
        "of the one that listens.",
      needing("owner"),
    ),
    peer_program: fact(
      "string?",
      (row, view) => ownerOf(row, view)?.name ?? null,
      "Name of that process, from its command line.",
      needing("owner"),
    ),
    peer_unit: fact(
      "string?",
      (row, view) => placeOf(row, view)?.unit ?? null,
      "Unit of systemd that the other end is in, as `unit` has it.",
      needing("owner", "place"),
    ),
    peer_container: fact(
      "string?",
      (row, view) => placeOf(row, view)?.container ?? null,
      "Container that the other end is in, as `container` has it.",
      needing("owner", "place"),
    ),
    peer_owners: fact(
      "objects?",
      holdersOf,
      "Every process that has a socket at the other end open, as in `owners`; null if " +
        "there is no other end on this machine.",
      { ...needing("holders"), each: owners.each! },
    ),
  };
}
