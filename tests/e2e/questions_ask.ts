/**
 * Puts made-up expressions to this machine's sockets, routes and counters, and says
 * `[rows, answers]` of them all, as JSON.
 *
 * ```sh
 * deno run -A questions_ask.ts SEED COUNT
 * ```
 *
 * @module
 */

import { ask, type Asking } from "../answers.ts";

/** What net-tools' text tells of a TCP socket, and so does netlink. */
const TOLD = [
  "family",
  "proto",
  "recv_q",
  "send_q",
  "local_address",
  "local_port",
  "foreign_address",
  "foreign_port",
  "state",
];

const VIEWS: readonly [string[], Partial<Asking>][] = [
  [["-an"], {}],
  [["-tuxanp"], {}],
  [["-tan", "--source", "procfs"], {
    keys: TOLD,
    alike: ["-tan", "--source", "netlink"],
  }],
  // whichever question is asked, it is about the routes of all tables
  [["-rn", "--where", "table_num >= 0"], {}],
  [["-gn"], {}],
  [["-i"], {}],
];

const [seed, count] = Deno.args.map(Number) as [number, number];
let rows = 0;
let kept = 0;
for (const [i, [view, more]] of VIEWS.entries()) {
  const asked = await ask(view, { seed: seed + i, count, ...more });
  rows += asked.rows;
  kept += asked.kept;
}
await Deno.stdout.write(
  new TextEncoder().encode(JSON.stringify([rows, kept])),
);
