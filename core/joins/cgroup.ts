/**
 * What a cgroup's path tells: the unit of systemd, the container, the pod. Files are left
 * to others; no name is looked up here, and nothing is believed that whoever is inside of
 * a container or of a unit could have written behind it in the path.
 *
 * @module
 */

/** What runs a container, or a machine. */
export type Runtime =
  | "docker"
  | "containerd"
  | "crio"
  | "podman"
  | "lxc"
  | "nspawn"
  | "libvirt"
  | "libvirt-lxc"
  | "ecs"
  | "garden"
  | "buildkit";

/** A container as a path tells it. */
export interface Contained {
  /** What runs it; null if the path does not tell. */
  readonly runtime: Runtime | null;
  /** Its id; null where the runtime has names only. */
  readonly id: string | null;
  /** Its name; null where the runtime has ids, by which it is looked up. */
  readonly name: string | null;
}

/** What a path tells. */
export interface Located {
  /** The unit of the system's service manager. */
  readonly unit: string | null;
  /** The slice that it is in. */
  readonly slice: string | null;
  /** The unit of a user's service manager. */
  readonly userUnit: string | null;
  /** The user whose service manager that is, or who runs the container. */
  readonly user: number | null;
  /** The login session. */
  readonly session: string | null;
  /** The container that the host runs; one inside of it is its own affair. */
  readonly container: Contained | undefined;
  /** The UID of the pod of Kubernetes. */
  readonly pod: string | null;
  /** Whether it is where a service manager itself runs, which holds sockets for others. */
  readonly manages: boolean;
}

/** What stands in front of the path of a process outside of the reader's namespace. */
const OUTSIDE = /^(?:\/\.\.)+(?=\/|$)/;
/** What stands behind that of a cgroup that was removed. */
const DELETED = / \(deleted\)$/;

/** Hierarchies of version 1 in the order in which they are believed; systemd's first. */
const HIERARCHIES = ["name=systemd", "pids", "memory", "cpu", "devices"];

/**
 * Of `/proc/PID/cgroup`, lines `ID:CONTROLLERS:PATH`, the path that tells most: that of
 * version 2 unless it is the root beside others, systemd's, or else the longest. Where
 * container runtimes use version 1, only its paths name the container. Undefined without
 * any line.
 */
export function pathIn(text: string): string | undefined {
  let unified: string | undefined;
  const others: string[] = [];
  let systemd: string | undefined;
  for (const line of text.split("\n")) {
    // paths can have colons
    const [, id, names, path] = /^(\d+):([^:]*):(\/.*)$/s.exec(line) ?? [];
    if (path === undefined) continue;
    if (id === "0" && names === "") unified ??= path;
    else {
      const controllers = names!.split(",");
      if (controllers.includes(HIERARCHIES[0]!)) systemd ??= path;
      else if (controllers.some((name) => HIERARCHIES.includes(name))) {
        others.push(path);
      }
    }
  }
  const longest = others.reduce(
    (most, path) => path.length > most.length ? path : most,
    "",
  );
  const paths = [unified, systemd, longest]
    .filter((path) => path !== undefined && path !== "");
  return paths.find((path) => locate(path!).container !== undefined) ??
    paths.find((path) => path !== "/") ?? paths[0];
}

/** The segments of a path that mean something. */
function segmentsOf(path: string): string[] {
  return path.replace(DELETED, "").replace(OUTSIDE, "").split("/")
    .filter((segment) => segment !== "");
}

/** What a path tells. */
export function locate(path: string): Located {
  const segments = segmentsOf(path);
  const found = containerIn(segments);
  // behind where a container begins, names are those that it gives
  const own = segments.slice(0, found?.end);
  const manager = own.findIndex((segment) => USER_MANAGER.test(segment));
  const system = own.slice(0, manager < 0 ? undefined : manager + 1);
  const unit = unitIn(system);
  const user = manager < 0
    ? null
    : Number(USER_MANAGER.exec(own[manager]!)![1]);
  const userUnit = manager < 0 ? null : unitIn(own.slice(manager + 1));
  const slices = slicesIn(system);
  return {
    unit,
    slice: slices === 0 ? null : unescaped(system[slices - 1]!),
    userUnit,
    user,
    session: unit === null ? null : SESSION.exec(unit)?.[1] ?? null,
    container: found?.container,
    pod: podIn(segments.slice(0, found && found.at + 1)),
    manages: segments.at(-1) === MANAGER,
  };
}

/** The scope of a service manager. */
const MANAGER = "init.scope";
const USER_MANAGER = /^user@(\d{1,10})\.service$/;
const SESSION = /^session-(.+)\.scope$/s;
const UNIT = /.\.(?:service|scope|socket|mount|swap|slice)$/s;
const SLICE = /.\.slice$/s;

/** How many slices a path begins with. */
function slicesIn(segments: readonly string[]): number {
  const first = segments.findIndex((segment) => !SLICE.test(segment));
  return first < 0 ? segments.length : first;
}

/**
 * The unit: what follows the slices, as the service manager itself has it, or the last of
 * them. What stands behind a unit is named by whoever runs in it. Null of the manager.
 */
function unitIn(segments: readonly string[]): string | null {
  const slices = slicesIn(segments);
  const next = segments[slices];
  if (next === MANAGER) return null;
  const unit = next !== undefined && UNIT.test(next)
    ? next
    : segments[slices - 1];
  return unit === undefined ? null : unescaped(unit);
}

/**
 * A name as it was before systemd escaped it: `\x2d` is a byte, and `_` stands in front
 * of names that the kernel could take for its own. A `-` that stands for a `/` stays.
 */
export function unescaped(name: string): string {
  return name.replace(/^_/, "").replace(
    /\\x([0-9a-f]{2})/gi,
    (_, digits) => String.fromCharCode(parseInt(digits, 16)),
  );
}

/** A container in a path. */
interface Found {
  readonly container: Contained;
  /** How many segments are the host's. */
  readonly end: number;
}

/** A container, and the segment in which it begins. */
interface FoundAt extends Found {
  readonly at: number;
}

/** The first container in a path. */
function containerIn(segments: readonly string[]): FoundAt | undefined {
  for (let at = 0; at < segments.length; at++) {
    const found = containerAt(segments, at);
    if (found === "none") return undefined;
    if (found !== undefined) return { ...found, at };
  }
  return undefined;
}

const ID = /^[0-9a-f]{64}$/;
const SCOPE =
  /^(docker|cri-containerd|nerdctl|crio|libpod)-([0-9a-f]{64})\.scope$/;
const MONITOR =
  /^(?:crio|libpod)-conmon-[0-9a-f]{64}\.scope$|^lxc\.monitor(?:\.|$)/;
/** What runc makes of systemd's way to write it, where it does without systemd. */
const COLONS = /\.slice:([^:]+):([0-9a-f]{64})$/;
const PODMAN = /^libpod-([0-9a-f]{64})$/;
const NSPAWN = /^systemd-nspawn@(.+)\.service$/s;
const MACHINE = /^machine-(.+)\.scope$/s;
const MACHINES = /^machine(?:-.+)?\.slice$/s;
const TASK = /^(?:[0-9a-f]{64}|[0-9a-f]{32}-\d+)$/;

const PREFIXES: Readonly<Record<string, Runtime>> = {
  docker: "docker",
  "cri-containerd": "containerd",
  nerdctl: "containerd",
  crio: "crio",
  libpod: "podman",
};

/** The container that begins at a segment; `none` if it is what watches one. */
function containerAt(
  segments: readonly string[],
  at: number,
): Found | "none" | undefined {
  const segment = segments[at]!;
  const next = segments[at + 1];
  const scope = SCOPE.exec(segment);
  if (scope !== null) return byId(PREFIXES[scope[1]!]!, scope[2]!, at + 1);
  if (MONITOR.test(segment)) return "none";
  const colons = COLONS.exec(segment);
  if (colons !== null) {
    const runtime = Object.hasOwn(PREFIXES, colons[1]!)
      ? PREFIXES[colons[1]!]!
      : null;
    return byId(runtime, colons[2]!, at);
  }
  const podman = PODMAN.exec(segment);
  if (podman !== null) return byId("podman", podman[1]!, at);
  if (segment.startsWith("lxc.payload.")) {
    return byName("lxc", segment.slice("lxc.payload.".length), at);
  }
  const nspawn = NSPAWN.exec(segment);
  if (nspawn !== null) {
    if (next === SUPERVISOR) return "none";
    return byName("nspawn", unescaped(nspawn[1]!), at + 1);
  }
  const machine = MACHINE.exec(segment);
  if (machine !== null && MACHINES.test(segments[at - 1] ?? "")) {
    if (next === SUPERVISOR) return "none";
    return machineOf(unescaped(machine[1]!), at + 1);
  }
  // Podman has the id of a pod in front
  if (ID.test(segment) && !PODMAN.test(next ?? "")) {
    return byId(null, segment, at);
  }
  if (next === undefined) return undefined;
  switch (segment) {
    case "docker":
      return ID.test(next) ? byId("docker", next, at) : undefined;
    case "lxc":
    case "lxc.payload":
      return byName("lxc", next, at);
    case "garden":
    case "buildkit":
      return byId(segment, next, at);
    case "ecs": {
      const task = segments[at + 2];
      return task !== undefined && TASK.test(task)
        ? byId("ecs", task, at)
        : undefined;
    }
    default:
      return undefined;
  }
}

/** Where nspawn itself runs, beside what it runs. */
const SUPERVISOR = "supervisor";

function byId(runtime: Runtime | null, id: string, end: number): Found {
  return { container: { runtime, id, name: null }, end };
}

function byName(runtime: Runtime, name: string, end: number): Found {
  return { container: { runtime, id: null, name }, end };
}

/** A machine that systemd-machined knows; libvirt says which kind it is. */
function machineOf(name: string, end: number): Found {
  const [, kind, own] = /^(qemu|lxc)-\d+-(.+)$/s.exec(name) ?? [];
  if (own === undefined) return byName("nspawn", name, end);
  return byName(kind === "qemu" ? "libvirt" : "libvirt-lxc", own, end);
}

/** A slice of a pod, or its folder below `kubepods`. */
const POD_SLICE =
  /^kubepods(?:-besteffort|-burstable)?-pod([0-9a-f_]+)\.slice(?::|$)/;
const POD_FOLDER = /^pod([0-9a-f-]+)$/;

/** The UID of a pod. */
function podIn(segments: readonly string[]): string | null {
  let below = false;
  for (const segment of segments) {
    const slice = POD_SLICE.exec(segment);
    if (slice !== null) return slice[1]!.replaceAll("_", "-");
    const folder = below ? POD_FOLDER.exec(segment) : null;
    if (folder !== null) return folder[1]!;
    below ||= segment === "kubepods";
  }
  return null;
}
