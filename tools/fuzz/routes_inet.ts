/**
 * `-r` of IPv4: its table, and the cache of old kernels.
 *
 * @module
 */

import { edited } from "./edit.ts";
import type { Deviation, Format, Input, Subject } from "./format.ts";
import type { Random } from "./random.ts";
import { type Field, scan } from "./scanf.ts";
import {
  decimal,
  device,
  hex,
  hexFlags,
  namesAround,
  routeArgs,
  word4,
} from "./values.ts";

function number(random: Random): string {
  return random.once(2) ? "0" : decimal(random, 32, true);
}

/** `fib_route_seq_show` */
const route: Format = {
  path: "/proc/net/route",
  header: [
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT" +
    " ".repeat(55),
  ],
  line(random) {
    const numbers = () => [number(random), number(random), number(random)];
    return [
      device(random),
      word4(random),
      word4(random),
      hexFlags(random, 4),
      ...numbers(),
      word4(random),
      ...numbers(),
    ].join("\t").padEnd(127);
  },
};

/** `rt_cache_seq_show` */
const cache: Format = {
  path: "/proc/net/rt_cache",
  header: [
    "Iface\tDestination\tGateway \tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU\tWindow\tIRTT\tTOS\tHHRef\tHHUptod\tSpecDst",
  ],
  line(random) {
    const numbers = () => [number(random), number(random), number(random)];
    return [
      device(random),
      word4(random),
      word4(random),
      hexFlags(random, 8),
      ...numbers(),
      word4(random),
      ...numbers(),
      hex(random, 2),
      number(random),
      number(random),
      word4(random),
    ].join("\t");
  },
};

const FAMILIES = [[], [], ["-4"], ["-A", "inet"], ["-44"]];

function args(random: Random): string[] {
  return routeArgs(random, FAMILIES);
}

/** Columns, and how net-tools reads them. */
type Known = readonly (readonly [name: string, conversion: string])[];

const known = (names: string, conversion: string): Known =>
  names.split(" ").map((name) => [name, conversion] as const);
const FIRST: Known = [
  ...known("Iface", "%15s"),
  ...known("Destination Gateway", "%127s"),
  ...known("Flags", "%x"),
  ...known("RefCnt Use Metric", "%d"),
];
const ROUTE: Known = [
  ...FIRST,
  ...known("Mask", "%127s"),
  ...known("MTU Window IRTT", "%d"),
];
const CACHE: Known = [
  ...FIRST,
  ...known("Source", "%127s"),
  ...known("MTU Window IRTT", "%d"),
];
const CACHE_22: Known = [
  ...CACHE,
  ...known("TOS", "%x"),
  ...known("HHRef HHUptod", "%d"),
  ...known("SpecDst", "%127s"),
];
const CACHE_20: Known = [...CACHE, ...known("HH ARP", "%d")];
/** Fields of a line that are addresses, in both files. */
const ADDRESSES = [1, 2, 7, 14];

/** How a line is read, by the file's header: a conversion for each word. */
function formatOf(path: string, header: string): string[] {
  const columns = path === route.path
    ? ROUTE
    : header.includes("SpecDst")
    ? CACHE_22
    : CACHE_20;
  const words = header.split(/[ \t|]+/);
  if (words[0] === "") words.shift();
  let at = 0;
  return columns.flatMap(([name, conversion]) => {
    const found = words.indexOf(name, at);
    const skipped = Array<string>(Math.max(0, found - at)).fill("%*s");
    at = found + 1;
    return [...skipped, conversion];
  });
}

/** Changes the lines of the table, or those of the cache. */
function changed(
  input: Input,
  path: string,
  change: (
    line: string,
    fields: readonly Field[],
    format: readonly string[],
  ) => string | undefined,
): Input | undefined {
  const [header = ""] = (input.tree.get(path) ?? "").split("\n");
  const format = formatOf(path, header);
  return edited(input, {
    paths: [path],
    limit: 1022,
    header: 1,
    line: (line) => change(line, scan(format.join(""), line), format),
  });
}

function hasBadAddress(fields: readonly Field[]): boolean {
  return ADDRESSES.some((i) =>
    fields[i] !== undefined && !/^[0-9a-f]{8}/i.test(fields[i].text)
  );
}

const deviations: readonly Deviation[] = [
  {
    reason:
      "The text has the type of service's digits up to the first letter, as net-tools has them; JSON has the number, which is hexadecimal. One that starts with a letter is 0 in the text, where net-tools skips the line or shows fields of the line before.",
    instead: (input) =>
      changed(input, cache.path, (line, _fields, format) => {
        if (format.at(-1) !== "%127s") return line;
        const known = [...format.keys()].filter((i) => format[i] !== "%*s");
        const before = format.slice(0, known[11]).join("");
        const fields = scan(before, line);
        const [tos] = scan(`${before}%x`, line).slice(11);
        if (fields.length < 11 || tos === undefined) return line;
        const [value] = /^[-+]?\d+/.exec(tos.text) ?? ["0"];
        const end = fields.at(-1)!.end;
        return `${line.slice(0, end)} ${value}${line.slice(tos.end)}`;
      }),
  },
  {
    reason:
      "A route with an address of fewer than eight digits is told and left out; net-tools shows memory left over from before.",
    without(input) {
      const change =
        (least: number) => (line: string, fields: readonly Field[]) =>
          fields.length >= least && hasBadAddress(fields) ? undefined : line;
      const first = changed(input, route.path, change(10));
      return changed(first ?? input, cache.path, change(11)) ?? first;
    },
  },
  {
    reason:
      "A round-trip time that is missing is 0; net-tools shows the one of the line before.",
    instead: (input) =>
      changed(
        input,
        route.path,
        (line, fields) =>
          fields.length === 10
            ? `${line.slice(0, fields.at(-1)!.end)} 0`
            : line,
      ),
  },
  {
    reason:
      "What a line of the cache lacks is 0; net-tools shows that of the line before.",
    instead: (input) =>
      changed(input, cache.path, (line, fields, format) => {
        const conversions = format.filter((one) => one !== "%*s");
        const missing = conversions.slice(fields.length);
        if (missing.length === 0 || fields.length < 12) return line;
        const zeros = missing.map((one) => one === "%d" ? "0" : "00000000");
        return [line.slice(0, fields.at(-1)!.end), ...zeros].join(" ");
      }),
  },
  {
    reason:
      "Rows of an unknown format are not shown, and the status says so; net-tools shows what lies in its memory.",
    expected: (_input, { stdout }) =>
      stdout.includes("ERROR: proc_guess_fmt") ? "sane" : undefined,
  },
  {
    reason:
      "An empty file is called empty; net-tools gives a reason that has nothing to do with it.",
    expected: ({ tree }, { stdout, stderr, exit }) =>
      tree.get(cache.path) !== "" ? undefined : {
        stdout,
        stderr: stderr.replace(
          /^\/proc\/net\/rt_cache: .*$/m,
          "/proc/net/rt_cache: The file is empty",
        ),
        exit,
      },
  },
];

/** Routes of IPv4. */
const routes: Subject = {
  name: "routes_inet",
  inFiles: true,
  formats: [route, cache],
  around: namesAround,
  args,
  deviations,
};

export default routes;
