/**
 * What `--check` makes of the other options.
 *
 * @module
 */

import type { Asked, Stop } from "./options.ts";

/**
 * Asks for checks. The list can stand behind `--check` as a word of its own, since it is
 * an operand then.
 */
export function checking(asked: Asked): Asked | Stop {
  const other = otherOf(asked);
  if (other !== undefined) {
    return {
      stop: "error",
      error: `netstat: --check asks its own questions: take ${other} out`,
    };
  }
  if (asked.question.label !== undefined && asked.format === "text") {
    return {
      stop: "error",
      error: "netstat: --check has no columns in its text: add --ndjson, or " +
        "take --label out",
    };
  }
  const { check, operands } = asked;
  const lists = [check ?? "", ...operands].filter((list) => list !== "");
  return { ...asked, check: lists.join(), operands: [] };
}

/** An option that means nothing to checks. */
function otherOf(asked: Asked): string | undefined {
  const { modes, families, protocols, groups, question, netns } = asked;
  const asking = Object.keys(question).filter((name) => name !== "label");
  if (asking.length > 0) return `--${asking[0]}`;
  if (modes.length > 0) return `--${modes[0]}`;
  if (families.length > 0) return `-A ${families[0]}`;
  if (protocols.size > 0) return `--${[...protocols][0]}`;
  if (groups) return "--groups";
  if (asked.graph !== undefined) return "--graph";
  if (asked.watch !== undefined) return "--watch";
  if (asked.save !== undefined) return "--save";
  if (asked.lookup !== undefined) return "--for";
  if (asked.continuous) return "--continuous";
  return netns.length > 0 ? "--netns" : undefined;
}
