/**
 * The usage and version texts, made from the option table.
 *
 * @module
 */

import type { Family } from "../core/contract/family.ts";
import { toUtf8 } from "../core/contract/line.ts";
import type { Option } from "../core/args/options.ts";

/** The program's own version. */
export const VERSION = "0.2.0";

/** The families that have routes, which net-tools always prints on stderr. */
export const ROUTING_FAMILIES =
  `    inet (DARPA Internet) inet6 (IPv6) ax25 (AMPR AX.25) 
    netrom (AMPR NET/ROM) rose (AMPR ROSE) ipx (Novell IPX) 
    ddp (Appletalk DDP) x25 (CCITT X.25) 
`;

const GROUPS: readonly [Option["group"], string][] = [
  ["mode", "Show, instead of sockets:"],
  ["select", "Sockets of these protocols and families only:"],
  ["family", "Families by name, as -A takes them:"],
  ["display", "How and how much:"],
  ["question", "Questions about whatever is shown:"],
  ["new", "Beyond net-tools:"],
];

/** What to begin with: what to type, and what it shows. */
const EXAMPLES: readonly [string, string][] = [
  ["-tulpn", "what listens here, and whose it is"],
  ["-tan --count=state", "how many connections, by their state"],
  ["-tanp --where 'local_port = 443'", "those of one port"],
  ["--check", "what is wrong here"],
  ["--save now.tgz", "keep all of it in a file, for later"],
  ["-tan --diff now.tgz", "what has changed since then"],
];

/** A family that was loaded from a file. */
export interface FileFamily
  extends Pick<Family, "name" | "words" | "hidden" | "about"> {
  /** The file. */
  readonly file: string;
}

/**
 * The usage text, a byte string: one option a line, short then long, as completions
 * parse it, and the families that were loaded from files.
 */
export function usage(
  options: readonly Option[],
  families: readonly FileFamily[] = [],
): string {
  const lines = [
    "usage: netstat [OPTION]...",
    "Show network sockets: those that are not listening, without -a or -l.",
  ];
  const all = documented(options);
  for (const [group, title] of GROUPS) {
    lines.push("", title);
    for (const option of all) {
      if (option.group !== group) continue;
      lines.push(`  ${names(option).padEnd(32)} ${option.help}`);
    }
  }
  if (families.length > 0) {
    lines.push("", "Families from files, as -A takes them:");
    for (const { name, words = [name], hidden, about, file } of families) {
      const asked = hidden ? " (only if asked for)" : "";
      const text = `  ${words.join(", ").padEnd(34)} ${about}${asked}`;
      lines.push(...[text, `${" ".repeat(37)}from ${file}`].map(printable));
    }
  }
  lines.push("", "To begin with (man netstat explains all of it):");
  for (const [words, shown] of EXAMPLES) {
    lines.push(`  ${`netstat ${words}`.padEnd(41)} ${shown}`);
  }
  lines.push("", "Families with routing tables:");
  return lines.join("\n") + "\n";
}

/** Text of a file as a byte string without control bytes. */
function printable(text: string): string {
  return toUtf8(text.replace(/\p{Cc}/gu, "."));
}

/** The options that documents list: of two with one long name, that with a letter. */
export function documented(options: readonly Option[]): Option[] {
  return options.filter((option) =>
    option.short !== undefined ||
    !options.some(({ short, long }) =>
      short !== undefined && long === option.long
    )
  );
}

function names({ short, long, value, implied }: Option): string {
  const letter = short === undefined ? "    " : `-${short}`;
  if (long === undefined) return letter;
  const separator = short === undefined ? "" : ", ";
  const behind = value === undefined
    ? ""
    : implied === undefined
    ? `=${value}`
    : `[=${value}]`;
  return `${letter}${separator}--${long}${behind}`;
}

/** The version text. */
export function version(): string {
  return `netstat ${VERSION}, a drop-in for net-tools 2.10\n`;
}
