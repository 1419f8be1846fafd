/**
 * The kernel's own lookup of a route, for packets to one address: what a table means is
 * left to who knows best.
 *
 * @module
 */

import { depthOf } from "../contract/depth.ts";
import { Address, parseIpv4, parseIpv6 } from "../contract/ip.ts";
import type { Line } from "../contract/line.ts";
import { QuestionError } from "../query/error.ts";
import { Failure } from "../system/failures.ts";
import { addNumbered } from "../system/numbered.ts";
import { openLookup } from "../system/route_lookup.ts";
import type { LineSource, Tree } from "../system/scan.ts";
import type { Surroundings, Viewing } from "./around.ts";
import { answerForm } from "./deep.ts";
import type { Tables, Telling } from "./routes.ts";
import { planned, schemaOf, type Step } from "./shape.ts";

/** What the kernel says of packets that go nowhere, by its error. */
const SAYINGS: Readonly<Record<string, string>> = {
  EACCES: "the route there is prohibited",
  EHOSTUNREACH: "the route there is unreachable",
  EINVAL: "the route there is a blackhole, or such an address has none",
  ENETUNREACH: "there is no route there",
};

/**
 * Shows the route to an address. Throws {@linkcode QuestionError} if that is none.
 * `show` shows what is told of a step.
 */
export function lookupView(
  surroundings: Surroundings,
  known: readonly Step[],
  show: (step: Step, tables: Tables) => Promise<{ readonly status: number }>,
): Viewing {
  const { asked: { lookup = "" }, tree, view } = surroundings;
  addNumbered(view.names, tree);
  const address = addressOf(lookup);
  const steps = known.filter(({ table }) => depthOf(table) !== undefined);
  return {
    relations: () => steps.map((step) => schemaOf(step, view)),
    round(taking) {
      const around = { ...surroundings, ...taking };
      const [step] = planned(steps, taking.plans);
      return async () => {
        const lines = answerTo(step!, address, tree);
        let status = 1;
        if (lines instanceof Failure) {
          const saying = SAYINGS[lines.code];
          taking.messages.warn(
            `netstat: --for ${lookup}: ` +
              (saying === undefined
                ? `cannot ask the kernel: ${lines.reason}`
                : `${saying} (${lines.reason})`),
          );
        } else {
          const telling: Telling = {
            lines: () => lines,
            form: ({ table }) =>
              answerForm(
                { depth: depthOf(table)!, asking: askingOf(step!) },
                () => {},
                view,
              ),
          };
          ({ status } = await show(step!, { steps, around, telling }));
        }
        taking.sink.end();
        return status;
      };
    },
  };
}

function addressOf(text: string): Uint8Array {
  const address = new Address();
  const isAddress = text.includes(":")
    ? parseIpv6(text, address)
    : /^\d+(\.\d+){3}$/.test(text) && parseIpv4(text, address);
  if (isAddress) return address.copy();
  throw new QuestionError(
    { option: "--for", text },
    0,
    "an IPv4 or IPv6 address must stand here, as 192.0.2.1",
  );
}

function askingOf({ table, source }: Step) {
  return depthOf(table)!.asking(source)!;
}

/** Asks the kernel. The answer is the one line. */
function answerTo(
  step: Step,
  address: Uint8Array,
  tree: Tree,
): LineSource | Failure {
  const answer = openLookup(askingOf(step), address, tree);
  if (answer instanceof Failure) return answer;
  let given = false;
  return {
    path: "rtnetlink",
    messages: true,
    get number() {
      return given ? 1 : 0;
    },
    failure: undefined,
    next(line: Line) {
      if (given) return false;
      line.set(answer, 0, answer.length);
      return given = true;
    },
    close() {},
  };
}
