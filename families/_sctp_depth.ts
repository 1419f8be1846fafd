/**
 * What the kernel tells of SCTP's endpoints and associations over netlink, each beside its
 * line.
 *
 * @module
 */

import type { Depth } from "../core/contract/depth.ts";
import { deepColumns } from "./_diag_columns.ts";
import { inetAsking } from "./_diag_inet.ts";
import { endsOf, keysOf, sctpFields } from "./_diag_sctp.ts";
import { sctpColumns, type SctpRow, spellSctp } from "./_sctp.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_SCTP = 132;

const asking = inetAsking(AF_INET, IPPROTO_SCTP);

/** The depth of both tables. A file has the sockets of IPv4 and of IPv6. */
export const sctpDepth: Depth<SctpRow> = {
  columns: deepColumns(sctpColumns(), sctpFields),
  asking: () => asking,
  more: [inetAsking(AF_INET6, IPPROTO_SCTP)],
  keys: {
    of: (answer) => keysOf(endsOf(answer)),
    by: (row) => keysOf({ ...row, remotes: row.remote.map(spellSctp) }),
  },
};
