/**
 * The interfaces view: which interfaces there are, and in which order they stand.
 * Their names are in a file, or have an address; the system tells the rest.
 *
 * @module
 */

import type { Around, Round, Surroundings, Viewing } from "./around.ts";
import type { Device, DeviceTable } from "../contract/device.ts";
import { atoi } from "../contract/line.ts";
import { cannotParse, type Warnings } from "../contract/said.ts";
import { depthOf } from "../contract/depth.ts";
import { type Devices, devicesOf } from "../system/devices.ts";
import { Failure, tell } from "../system/failures.ts";
import { warnOfLack } from "./lack.ts";
import type { Links } from "./links.ts";
import { deepIfAsked, loadInterfaces } from "./registry.ts";
import type { Malformed } from "../contract/relation.ts";
import { Rows } from "./rows.ts";
import { keepOf, laterOf, schemaOf, shapeOf, type Step } from "./shape.ts";

/** Shows the interfaces. */
export async function interfacesView(
  surroundings: Surroundings,
): Promise<Viewing> {
  const { asked } = surroundings;
  const [table] = await deepIfAsked([await loadInterfaces()], asked);
  return {
    relations: () => [schemaOf({ table: table! }, surroundings.view)],
    round(taking) {
      const step: DeviceStep = { table: table!, plan: taking.plans?.[0] };
      return interfacesRound(step, { ...surroundings, ...taking });
    },
  };
}

/** A table of interfaces, and what is done with its rows. */
interface DeviceStep extends Pick<Step, "plan"> {
  readonly table: DeviceTable;
}

function interfacesRound(step: DeviceStep, around: Around): Round {
  const { sink } = around;
  const shape = shapeOf(step, around);
  const { head, shown, layout } = shape;
  // net-tools: further rounds of -c have no title
  const { title: _, ...untitled } = layout;
  return async (isFirst) => {
    sink.begin(head, shown, isFirst ? layout : untitled);
    const links = depthOf(step.table) !== undefined && shape.needs.has("diag")
      ? (await import("./links.ts")).linksOf(step.table, shape, around)
      : undefined;
    // of a saved tree, what netlink told in place of ioctls
    const told = around.tree.live
      ? undefined
      : (await import("../system/told_devices.ts")).toldDevices(around.tree);
    try {
      return list(step, around, { links, told });
    } finally {
      links?.close();
      sink.end();
    }
  };
}

/** Lists the interfaces once. Returns the exit status. */
function list(
  step: DeviceStep,
  around: Around,
  { links, told: known }: {
    readonly links: Links | undefined;
    readonly told: Devices | undefined;
  },
): number {
  const { table, plan } = step;
  const { tree, view, sink, messages } = around;
  const keep = keepOf(step, view);
  const later = laterOf(step, view);
  const unknown: Device = table.row();
  const counted = readRows(table, unknown, around);
  // of flags and MTU alone net-tools makes the rows of its text
  const shortly = messages.frozen && view.extend === 0 && plan === undefined;
  const devices = known ?? devicesOf(tree, { shortly });
  if (devices instanceof Failure) {
    sink.unread?.(devices);
    messages.warn(`netstat: cannot ask for interfaces: ${devices.reason}`);
    return 1;
  }
  try {
    const names = new Set([...counted.keys(), ...devices.names()]);
    let status = 0;
    let addressed = shortly;
    for (const name of [...names].sort(compareNames)) {
      const device = devices.ask(name);
      if (device instanceof Failure) {
        if (tree.live && isGone(name, table, around)) continue;
        const reason = device.code === "ENODEV"
          ? "Device not found"
          : device.reason;
        messages.warn(
          `${name}: error fetching interface information: ${reason}`,
        );
        messages.warn(`missing interface information: ${device.reason}`);
        sink.unread?.(device);
        status = 1;
        // net-tools: one that cannot be asked ends the listing
        if (messages.frozen) break;
        continue;
      }
      const row = {
        ...counted.get(name) ?? unknown,
        ...device,
        ...links?.find(name),
      };
      if (!addressed) readAddresses(table, unknown, around);
      addressed = true;
      if (keep?.(row) === false || later?.(row) === false) continue;
      if (!sink.row(row)) break;
    }
    if (names.size > 0) {
      devices.notes().forEach((note) => messages.warn(note));
    }
    return status;
  } finally {
    devices.close();
  }
}

/** Whether an interface that was there a moment ago is not there any more. */
function isGone(name: string, table: DeviceTable, { tree }: Around): boolean {
  const messages = { warn() {} };
  const known = readRows(table, table.row(), { tree, messages });
  return known.size > 0 && !known.has(name);
}

/** What the reading of a file needs. */
interface Reading extends Pick<Around, "tree"> {
  readonly messages: Warnings;
}

/** The rows of the file by name, each as far as its line tells; the last one counts. */
function readRows(
  table: DeviceTable,
  unknown: Device,
  { tree, messages }: Reading,
): Map<string, Device> {
  const found = new Map<string, Device>();
  const [{ path }] = table.sources;
  const lines = tree.open(path, table.lineLimit);
  const limited = (failure: Failure, what: string) =>
    tell(
      failure,
      messages,
      `Warning: cannot ${what} ${path} (${failure.reason}). Limited output.`,
    );
  if (lines instanceof Failure) {
    limited(lines, "open");
    warnOfLack([lines], { tree, messages });
    return found;
  }
  const row = { ...unknown };
  const rows = new Rows(lines, table, row, told(path, messages));
  while (rows.next()) found.set(row.name, { ...row });
  lines.close();
  if (lines.failure) limited(lines.failure, "read");
  return found;
}

/** Reads the addresses of all interfaces into what their rows share. */
function readAddresses(
  { reference }: DeviceTable,
  row: Device,
  { tree, messages }: Reading,
): void {
  const { path } = reference;
  const lines = tree.open(path, reference.lineLimit);
  // a kernel without IPv6 has no such file
  if (lines instanceof Failure) return;
  const rows = new Rows(lines, reference, row, told(path, messages));
  while (rows.next());
  lines.close();
}

/** Tells of malformed lines, and goes on. */
function told(path: string, messages: Warnings): Malformed {
  return (line, number) => {
    const text = line.text();
    messages.warn(cannotParse({ path, number, text }));
    return true;
  };
}

/**
 * Compares names as net-tools orders them: by text, then by the number at its end,
 * and aliases of one interface by their number.
 */
export function compareNames(a: string, b: string): number {
  const [one, two] = [partsOf(a), partsOf(b)];
  const at = one.findIndex((part, i) => part !== two[i]);
  return at < 0 ? 0 : one[at]! < two[at]! ? -1 : 1;
}

/** What names are ordered by, the first part that differs. */
function partsOf(whole: string): (string | number)[] {
  const [, name, alias] = /^(.*?)(?::(\d+))?$/s.exec(whole)!;
  const [, text, number] = /^(.*?)(\d*)$/s.exec(name!)!;
  return [text!, atoi(number) ?? 0, name!, atoi(alias) ?? -1, whole];
}
