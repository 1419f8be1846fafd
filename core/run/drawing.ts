/**
 * `--graph`: what draws rows.
 *
 * @module
 */

import { serversOf } from "../args/graph.ts";
import type { GraphFormat } from "../args/options.ts";
import type { Sink } from "../contract/sink.ts";
import type { Circumstances } from "../query/plan.ts";
import type { Surroundings, Viewing } from "../views/around.ts";
import { Graph } from "../../render/graph.ts";
import { roundOf } from "./surroundings.ts";
import { takingOf, type Writing } from "./taking.ts";

/** What draws rows. It knows which sockets others connect to, whatever is drawn. */
export async function drawingOf(
  language: GraphFormat,
  { around, viewing, writing }: {
    readonly around: Surroundings;
    readonly viewing: Viewing;
    readonly writing: Writing & Pick<Circumstances, "lost">;
  },
): Promise<Sink> {
  const { asked, tree, view } = around;
  const { stdout, warn } = writing;
  const graph = new Graph(stdout, {
    view,
    warn,
    language,
    by: asked.graphBy,
    several: asked.netns.length > 0,
  });
  const question = serversOf(asked);
  const first = { ...around, asked: { ...asked, question, operands: [] } };
  const taking = await takingOf(first, viewing, {
    ...writing,
    sink: graph.servers,
    // what is read comes once more, and what is wrong with it is told then
    warn() {},
  });
  const round = await roundOf(viewing, { ...first, ...taking });
  tree.failures.end(await round(true), taking.messages);
  return graph;
}
