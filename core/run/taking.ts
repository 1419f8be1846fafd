/**
 * What takes the rows of a view: a writer, and in front of it the stages of a question.
 *
 * @module
 */

import type { Surroundings, Taking, Viewing } from "../views/around.ts";
import type { Asked, Mode } from "../args/options.ts";
import type { Family } from "../contract/family.ts";
import { Messages } from "../contract/said.ts";
import type { Sink } from "../contract/sink.ts";
import type { Circumstances, Plan } from "../query/plan.ts";
import type { Schema } from "../query/schema.ts";
import { servicePort } from "../system/names.ts";
import type { ShownView } from "../views/view.ts";
import type { Colours } from "../../render/frozen.ts";
import type { OpenMetricsOptions } from "../../render/openmetrics.ts";
import type { Output } from "../../render/out.ts";

/** Where a writer writes. */
export interface Writing {
  /** Where rows go. */
  readonly stdout: Output;
  /** How many characters fit into a line of it, if it is a terminal. */
  width?(): number | undefined;
  /** Says something on stderr. */
  warn(message: string): void;
  /** Whether listing follows on listing, under one header. */
  readonly lasts?: boolean;
  /** What takes the rows in the place of a writer. */
  readonly sink?: Sink | undefined;
  /** What OpenMetrics calls what is counted, if it is not the view's rows. */
  readonly subject?: string;
}

/** What OpenMetrics calls what is counted, and of views of counters, their labels. */
const SUBJECTS: Readonly<
  Record<
    Mode | "sockets" | "groups",
    Pick<OpenMetricsOptions, "subject" | "labels">
  >
> = {
  sockets: { subject: "sockets" },
  groups: { subject: "groups" },
  route: { subject: "routes" },
  interfaces: { subject: "interface", labels: ["iface"] },
  masquerade: { subject: "connections" },
  statistics: { labels: [] },
};

/** Makes what takes rows: a writer, and the stages of a question if there is one. */
export async function takingOf(
  around: Surroundings,
  viewing: Viewing,
  writing: Writing & Pick<Circumstances, "lost" | "compares" | "met">,
): Promise<Taking> {
  const { asked, view } = around;
  const { question, format } = asked;
  // relations with other columns each would be several files
  const columns = format === "csv" && question.count === undefined &&
      question.sum === undefined
    ? { columns: "@default", ...question }
    : question;
  const { compares } = writing;
  const relations = Object.keys(columns).length === 0 && compares === undefined
    ? []
    : viewing.relations();
  // where there is nothing to ask, the view says so
  if (relations.length === 0) {
    return await writerFor(asked, view, undefined, writing);
  }
  const { planOf } = await import("../query/plan.ts");
  if (columns.where !== undefined && asked.operands.length > 0) {
    const { refuseStray } = await import("../query/stray.ts");
    refuseStray(columns.where, asked.operands);
  }
  const plan = planOf(columns, relations, {
    ...circumstancesOf(around),
    text: format === "text",
    tones: asked.color === "always",
    lost: writing.lost,
    compares,
    ...(writing.met && { met: writing.met }),
  });
  const { sink, messages } = await writerFor(asked, view, plan, writing);
  const { relations: plans, enough } = plan;
  return { sink: plan.sink(sink), messages, plans, enough };
}

/** What every question is asked in. */
export function circumstancesOf(
  { view, tree, families }: Surroundings,
): Pick<Circumstances, "view" | "services" | "words"> {
  return {
    view,
    services: (name) => servicePort(tree, name),
    words: {
      family: families.map(({ name }) => name),
      proto: families.flatMap(protosOf),
    },
  };
}

/** The protocols that a family's sockets can have. */
function protosOf({ tables, groups = [] }: Family): string[] {
  return [...tables, ...groups].flatMap(({ sources }) =>
    sources.flatMap(({ proto }) => proto ?? [])
  );
}

/** What puts colours around text, if they are wanted. */
export async function coloursOf(
  { color }: Pick<Asked, "color">,
): Promise<Colours | undefined> {
  return color === "always"
    ? await import("../../render/colours.ts")
    : undefined;
}

/** What writes rows, and where messages go beside them. */
export async function writerFor(
  { format, color, header, raw, modes, groups, netns }: Asked,
  view: ShownView,
  plan: Pick<Plan, "table" | "labels" | "counted"> | undefined,
  { stdout, width, warn, lasts, sink: given, ...own }: Writing,
): Promise<Taking> {
  const messages = new Messages(warn);
  if (given !== undefined) return { sink: given, messages };
  switch (format) {
    case "json":
    case "ndjson": {
      const { jsonSink } = await import("../../render/json.ts");
      const sink = jsonSink(stdout, { view, lines: format === "ndjson" });
      return { sink, messages };
    }
    case "csv": {
      const { csvSink } = await import("../../render/csv.ts");
      const terminal = stdout.eager;
      return {
        sink: csvSink(stdout, { view, header, raw, terminal }),
        messages,
      };
    }
    case "openmetrics": {
      const openMetrics = await import("../../render/openmetrics.ts");
      const what = modes[0] ?? (groups ? "groups" : "sockets");
      const { subject, labels: known } = SUBJECTS[what];
      const place = netns.length > 0 ? ["netns", "netns_name"] : [];
      const { labels: mine = [], counted } = plan ?? {};
      const labels = known && [...mine, ...known, ...place];
      const { keys, numbers } = counted ?? {};
      // before anything is read
      if (numbers === undefined && labels === undefined) {
        throw new openMetrics.NotCountedError();
      }
      const sink = openMetrics.openMetricsSink(stdout, {
        view,
        warn,
        labels: keys ? [...new Set([...mine, ...keys])] : labels,
        gauges: numbers,
        subject: own.subject ?? subject,
      });
      return { sink, messages };
    }
  }
  const colours = await coloursOf({ color });
  if (plan?.table) {
    const { tableSink } = await import("../../render/table.ts");
    const terminal = width?.();
    const sink = tableSink(stdout, { view, terminal, header, colours, lasts });
    return { sink, messages };
  }
  const { frozenSink } = await import("../../render/frozen.ts");
  const list = (message: string) => {
    stdout.foreign(message);
    stdout.endRow();
  };
  return {
    sink: frozenSink(stdout, { view, header, colours }),
    messages: new Messages(warn, list),
  };
}

/** Lists the columns of a view, as rows. */
export async function listColumns(
  { asked, view }: Surroundings,
  relations: readonly Schema[],
  writing: Writing,
): Promise<void> {
  const { columnsHelp, HELP_COLUMNS } = await import("../query/help.ts");
  const { NO_LAYOUT } = await import("../query/stage.ts");
  const plan = { table: true, labels: [], counted: undefined };
  const { sink } = await writerFor(asked, view, plan, writing);
  const shown = Object.entries(HELP_COLUMNS)
    .map(([key, column]) => ({ key, column }));
  sink.begin({}, shown, NO_LAYOUT);
  for (const row of columnsHelp(relations, asked.question.label)) sink.row(row);
  sink.end();
}
