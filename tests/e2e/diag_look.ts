/**
 * Looks at the sockets of a network namespace over netlink, and says what it saw:
 *
 * ```sh
 * deno run -A diag_look.ts rows PROTOCOL [AF]     # all fields, an object a line
 * deno run -A diag_look.ts fields PROTOCOL [AF]   # each field, asked for by itself
 * deno run -A diag_look.ts filters COUNT          # filters that the kernel runs
 * deno run -A diag_look.ts mark                   # one that needs rights
 * ```
 *
 * @module
 */

import { Answer } from "../../core/contract/diag.ts";
import type { Long, Value, View } from "../../core/contract/family.ts";
import { Line } from "../../core/contract/line.ts";
import { pushDown } from "../../core/system/diag_filter.ts";
import { Failure } from "../../core/system/failures.ts";
import { Tree } from "../../core/system/scan.ts";
import { interfaceName } from "../../core/system/libc.ts";
import {
  isUnknown,
  openSockets,
  type Wanted,
} from "../../core/system/sock_diag.ts";
import { showOf } from "../../families/_diag_fields.ts";
import { PROTOCOLS } from "../diag_samples.ts";
import { holds, randomTree, type Socket } from "../filters.ts";

const VIEW = { names: { interface: interfaceName } } as unknown as View;

/** What a function makes of each socket, or why there are none. */
function look<Made>(
  name: string,
  family: number | undefined,
  wanted: Wanted,
  make: (answer: Answer) => Made,
): Made[] | Failure {
  const { asking } = PROTOCOLS[name]!;
  const lines = openSockets(
    { ...asking, family: family ?? asking.family },
    wanted,
    new Tree(),
  );
  if (lines instanceof Failure) return lines;
  const made: Made[] = [];
  const line = new Line();
  const answer = new Answer();
  while (lines.next(line)) {
    answer.set(line.bytes, line.start, line.end, asking.answer);
    made.push(make(answer));
  }
  lines.close();
  return lines.failure ?? made;
}

function say(value: unknown): void {
  const text = JSON.stringify(
    value,
    (_, value) => typeof value === "bigint" ? `${value}` : value,
  );
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

function failed(failure: Failure): void {
  say({ failure: failure.toString(), unknown: isUnknown(failure) });
}

/** All fields of each socket. */
function rows(name: string, family?: number): void {
  const fields = Object.entries(PROTOCOLS[name]!.fields);
  const show = showOf(fields.map(([, field]) => field));
  const found = look(name, family, { show }, (answer) =>
    Object.fromEntries(
      fields.map(([key, field]) => [key, field.value(answer, VIEW)]),
    ));
  if (found instanceof Failure) failed(found);
  else found.forEach(say);
}

/** The fields that tell less if only they are asked for. */
function fields(name: string, family?: number): void {
  const fields = Object.entries(PROTOCOLS[name]!.fields);
  const all = showOf(fields.map(([, field]) => field));
  let known = 0;
  for (const [key, field] of fields) {
    const told = (show: number) => {
      const values = look(
        name,
        family,
        { show },
        (answer) => field.value(answer, VIEW),
      );
      if (values instanceof Failure) throw new Error(values.toString());
      return values.filter((value: Value) => value !== null).length;
    };
    const [least, most] = [told(showOf([field])), told(all)];
    if (least < most) say({ key, least, most });
    if (most > 0) known++;
  }
  say({ known });
}

/** A socket as a filter sees it, and what it is told from others by. */
type Seen = Socket & { readonly id: string };

function seen(answer: Answer): Seen {
  const { fields } = PROTOCOLS.tcp!;
  const value = <V>(key: string) => fields[key]!.value(answer, VIEW) as V;
  const family = answer.bytes[answer.start] === 10 ? 10 : 2;
  const address = (at: number) =>
    answer.bytes.slice(
      answer.start + at,
      answer.start + at + (family === 10 ? 16 : 4),
    );
  const state = value<number>("state_num");
  return {
    id: `${value<Long>("cookie")} ${state}`,
    family,
    state,
    ports: { local: value("local_port"), foreign: value("foreign_port") },
    addresses: { local: address(8), foreign: address(24) },
    index: value("ifindex"),
    mark: value<number | null>("mark") ?? 0,
    cgroup: BigInt(value<Long | null>("cgroup_id") ?? 0),
    autobound: false,
  };
}

function sockets(family: number, wanted: Wanted): Map<string, Seen> {
  const found = look("tcp", family, wanted, seen);
  if (found instanceof Failure) throw new Error(found.toString());
  return new Map(found.map((socket) => [socket.id, socket]));
}

/** Compares what comes for filters with what should. */
function filters(count: number): void {
  const told = {
    filters: 0,
    unasked: 0,
    chosen: 0,
    more: 0,
    missing: [] as unknown[],
  };
  while (told.filters < count) {
    const filter = randomTree(3, true);
    told.filters++;
    for (const family of [2, 10]) {
      const wanted = pushDown(filter, family);
      const before = sockets(family, {});
      const come = wanted === undefined ? new Map() : sockets(family, wanted);
      const after = sockets(family, {});
      if (wanted === undefined) told.unasked++;
      for (const [id, socket] of before) {
        // one that came or went meanwhile says nothing
        if (!after.has(id)) continue;
        const want = holds(filter, socket);
        if (want && !come.has(id)) told.missing.push({ filter, id });
        if (want) told.chosen++;
        else if (come.has(id)) told.more++;
      }
    }
  }
  say(told);
}

/** How many sockets come for a filter that only some may ask for, and how many all are. */
function mark(): void {
  const filter = { is: "mark", mark: 42, mask: 255 } as const;
  const marked = sockets(2, pushDown(filter, 2)!).size;
  say({ marked, all: sockets(2, {}).size });
}

const [what, name, number] = Deno.args;
const family = number === undefined ? undefined : Number(number);
switch (what) {
  case "rows":
    rows(name!, family);
    break;
  case "fields":
    fields(name!, family);
    break;
  case "filters":
    filters(Number(name));
    break;
  default:
    mark();
}
