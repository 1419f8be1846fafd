/**
 * What differs from one listing to the next although nothing happened. A key means the
 * same in all tables, so that it is said once.
 *
 * @module
 */

import { needsOf } from "./column.ts";
import type { Column } from "./family.ts";

/** The keys of the built-in families that move by themselves. */
export const MOVING: ReadonlySet<string> = new Set([
  // numbers that only this listing has
  "cgroup_id cookie entry hash_bucket inode vfs_inode",
  // who has it open, which `program_name` says as well
  "owners peer_inode peer_owners peer_pid pid",
  // queues and memory
  "accept_queue backlog_bytes buffer_ratio fwd_alloc memory_pages optmem pending_accept",
  "pending_inodes recv_q rmem_alloc rtx_data_chunks send_q wmem_alloc wmem_queued",
  // timers, and what goes with them
  "age_s confirmed_s delete_s expire_ms expires_s idle_left_s retransmits rto_ms",
  "stale_s syn_retransmits t1_left_s t2_left_s t3_left_s t4_left_s timeout timer",
  "timer_ms timer_num updated_s used_s n2_count probes rtt_s",
  // places in a window of packets
  "va vr vs",
  // how often it is looked at
  "group_count location obsolescence refcnt reporter sockets use",
  // other words for what another column has
  "destination_host foreign_host foreign_service gateway_host group_host",
  "local_host local_service neighbour_host source_host specific_destination_host",
  "text user",
].flatMap((keys) => keys.split(" ")));

/**
 * Whether a difference of this column is no change of its row, unless it is asked for
 * by its name.
 */
export function moves(
  key: string,
  column: Pick<Column<unknown>, "moves">,
): boolean {
  return column.moves ?? MOVING.has(key);
}

/**
 * Whether null says that nobody could tell, rather than that there is nothing: such a
 * value is no difference.
 */
export function canBeUnknown(column: Pick<Column<unknown>, "needs">): boolean {
  return needsOf(column).length > 0;
}
