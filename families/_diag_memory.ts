/**
 * The memory of a socket, which the kernel tells of most families in the same nine
 * numbers of 32 bits (`enum` of `SK_MEMINFO_VARS`, linux/sock_diag.h). Older kernels have
 * seven or eight.
 *
 * @module
 */

import {
  all,
  bytes,
  type Fields,
  ratio,
  told,
  total,
  u32,
} from "./_diag_fields.ts";

/** The fields of such an attribute, which those bits ask for. */
export function memoryFields(type: number, show: number): Fields {
  return all({ set: "memory", show }, {
    rmem_alloc: bytes(
      u32(type, 0),
      "Memory of packets that were received and not read, with what they cost to keep.",
    ),
    rcvbuf: bytes(
      u32(type, 4),
      "Most memory of that kind (SO_RCVBUF, doubled).",
    ),
    wmem_alloc: bytes(
      u32(type, 8),
      "Memory of packets that were handed on and not yet sent; of UNIX sockets and UDP, " +
        "of all that was sent and not yet taken.",
    ),
    sndbuf: bytes(
      u32(type, 12),
      "Most memory of what is to be sent (SO_SNDBUF, doubled).",
    ),
    fwd_alloc: bytes(
      u32(type, 16),
      "Memory that is reserved and not used yet.",
    ),
    wmem_queued: bytes(
      u32(type, 20),
      "Memory of TCP's data that is not sent, or not acknowledged.",
    ),
    optmem: bytes(
      u32(type, 24),
      "Memory of options, filters, memberships and keys.",
    ),
    backlog_bytes: bytes(
      u32(type, 28),
      "Memory of packets that wait because a process uses the socket.",
    ),
    drops: total(u32(type, 32), "Packets that this socket dropped.", {
      unit: "packets",
    }),
    buffer_ratio: told(
      "ratio?",
      (answer) => ratio(answer.u32(type, 0), answer.u32(type, 4)),
      "Memory of what was received, of the most there can be; near 1, with drops that " +
        "grow, the process reads too slowly.",
    ),
  });
}
