/**
 * What `--for` makes of the other options.
 *
 * @module
 */

import type { Asked, Stop } from "./options.ts";

/** The columns of a route that is looked up, unless others are asked for. */
const TEXT = "destination,gateway,iface,preferred_source,type,table";

/** Asks for one route: of the address's family, and with all that is told of it. */
export function lookUp(asked: Asked): Asked | Stop {
  const { lookup, modes, root, format, question } = asked;
  const error = (reason: string): Stop => ({
    stop: "error",
    error: `netstat: --for ${reason}`,
  });
  if (modes[0] !== "route") return error("looks up a route: it needs -r");
  if (root !== "") {
    return error("asks the running kernel: it cannot be given with --root");
  }
  const isCounted = (question.count ?? question.sum) !== undefined;
  const columns = format === "text" ? TEXT : "@default,@route";
  return {
    ...asked,
    families: [lookup!.includes(":") ? "inet6" : "inet"],
    question: isCounted ? question : { columns, ...question },
  };
}
