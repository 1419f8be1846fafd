/**
 * The columns that say where on the machine a socket's owner is: unit, container, pod.
 * They are loaded for questions only.
 *
 * @module
 */

import { fact } from "./column.ts";
import type {
  Column,
  Columns,
  Long,
  Need,
  Place,
  Table,
  Value,
  View,
} from "./family.ts";

/** Where a row's socket is. */
export type PlaceOf<Row> = (row: Row, view: View) => Place | undefined;

/** The names of runtimes. */
const RUNTIMES = [
  "docker",
  "containerd",
  "crio",
  "podman",
  "lxc",
  "nspawn",
  "libvirt",
  "libvirt-lxc",
  "ecs",
  "garden",
  "buildkit",
];

/** The key of the column that tells the socket's own cgroup. */
const CGROUP_ID = "cgroup_id";

/** A table with those columns behind its own, if it has owners. */
// deno-lint-ignore no-explicit-any
export function placed(table: Table<any>): Table<any> {
  const { columns, inode } = table;
  if (inode === undefined || !Object.hasOwn(columns, "owners")) return table;
  const own = Object.hasOwn(columns, CGROUP_ID)
    ? columns[CGROUP_ID]
    : undefined;
  const cgroupOf = own &&
    ((row: unknown, view: View) => own.value(row, view) as Long | null);
  const needs: Need[] = own === undefined
    ? ["owner", "place"]
    : ["diag", "owner", "place"];
  return {
    ...table,
    columns: {
      ...columns,
      ...placeColumns(
        (row, view) => view.place(inode(row), cgroupOf?.(row, view) ?? null),
        needs,
      ),
      // a family file may have columns of such names
      ...columns,
    },
  };
}

/** The columns, of what is somewhere. */
export function placeColumns<Row>(
  placeOf: PlaceOf<Row>,
  needs: readonly Need[],
): Columns<Row> {
  const place = <V extends Value>(
    kind: "string?" | "name?",
    value: (place: Place) => V | null,
    about: string,
    more: Pick<Column<Row>, "words"> = {},
  ): Column<Row> =>
    fact(
      kind as "string?",
      (row: Row, view: View) => {
        const found = placeOf(row, view);
        return found === undefined ? null : value(found) as string | null;
      },
      about,
      { set: "place", needs, ...more },
    );
  return {
    unit: place(
      "string?",
      ({ unit }) => unit,
      "Unit of systemd that the owner runs in; null without one. Of a socket that only " +
        "the service manager holds, the `.socket` unit if it was made in its cgroup.",
    ),
    user_unit: place(
      "string?",
      ({ userUnit }) => userUnit,
      "Unit of the user's own service manager, if `unit` is that.",
    ),
    slice: place("string?", ({ slice }) => slice, "Slice that the unit is in."),
    session: place(
      "string?",
      ({ session }) => session,
      "Login session that the owner is in, as `loginctl` has it.",
    ),
    container: place(
      "string?",
      ({ container }) => container,
      "Container or virtual machine that the owner is in: its name or, where that " +
        "cannot be read, the first 12 digits of its id.",
    ),
    container_id: place(
      "string?",
      ({ containerId }) => containerId,
      "The whole id; null where containers have names only.",
    ),
    runtime: place(
      "name?",
      ({ runtime }) => runtime,
      "What runs the container; null if that is not known.",
      { words: RUNTIMES },
    ),
    pod: place(
      "string?",
      ({ pod }) => pod,
      "Name of the Kubernetes pod that the container belongs to; null if it cannot be " +
        "read.",
    ),
    pod_namespace: place(
      "string?",
      ({ podNamespace }) => podNamespace,
      "Kubernetes namespace of the pod; null if it cannot be read.",
    ),
    pod_uid: place(
      "string?",
      ({ podUid }) => podUid,
      "UID of the pod, which needs no right to be known.",
    ),
    cgroup: place(
      "string?",
      ({ cgroup }) => cgroup,
      "Path of the cgroup that all this is told by: the owner's or, where no owner is " +
        "known, the one in which the socket was made.",
    ),
  };
}
