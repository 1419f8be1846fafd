/**
 * Where on the machine a process or a socket is: in which unit, container and pod. A
 * cgroup's path tells it, and local files tell names; nobody is asked.
 *
 * ```ts
 * const places = new Places(tree);
 * places.ofProcess(4711)?.container; // "web-1"
 * places.ofCgroup(8042)?.unit; // "nginx.service"
 * ```
 *
 * @module
 */

import type { Long, Place } from "../contract/family.ts";
import { byteString } from "../contract/line.ts";
import { cgroupPaths } from "../system/cgroups.ts";
import { Failure } from "../system/failures.ts";
import { geteuid } from "../system/libc.ts";
import type { Tree } from "../system/scan.ts";
import { locate, type Located, pathIn } from "./cgroup.ts";
import { Containers, type Named } from "./containers.ts";

/** So much of `/proc/PID/cgroup` is read: more hierarchies than there are. */
const CGROUP_MOST = 1 << 17;

/** So many digits of a container's id take the place of its name. */
const SHORT = 12;

/** A container's id, which is long enough to be cut. */
const LONG_ID = /^[0-9a-f]{64}$/;

/** Where something is. What takes a file to know is read when it is asked for. */
export class Spot implements Place {
  /** The path of the cgroup, as the kernel tells it. */
  readonly cgroup: string;
  readonly #located: Located;
  readonly #containers: Containers;
  #named: Named | undefined;

  /** Where a cgroup's path leads. */
  constructor(path: string, containers: Containers) {
    this.cgroup = path;
    this.#located = locate(path);
    this.#containers = containers;
  }

  /** Whether a service manager runs there, which holds sockets for others. */
  get manages(): boolean {
    return this.#located.manages;
  }

  /** The unit of systemd. */
  get unit(): string | null {
    return this.#located.unit;
  }

  /** The unit of a user's own service manager. */
  get userUnit(): string | null {
    return this.#located.userUnit;
  }

  /** The slice of the unit. */
  get slice(): string | null {
    return this.#located.slice;
  }

  /** The login session. */
  get session(): string | null {
    return this.#located.session;
  }

  /** The name of the container or, where that cannot be read, the beginning of its id. */
  get container(): string | null {
    const id = this.containerId;
    return this.#names?.name ??
      (id !== null && LONG_ID.test(id) ? id.slice(0, SHORT) : id);
  }

  /** Its whole id; null if it has a name only. */
  get containerId(): string | null {
    return this.#located.container?.id ?? null;
  }

  /** What runs it. */
  get runtime(): string | null {
    const { container } = this.#located;
    return container?.runtime ?? this.#names?.runtime ?? null;
  }

  /** The pod of Kubernetes. */
  get pod(): string | null {
    return this.#names?.pod ?? null;
  }

  /** The pod's namespace. */
  get podNamespace(): string | null {
    return this.#names?.podNamespace ?? null;
  }

  /** The pod's UID. */
  get podUid(): string | null {
    return this.#located.pod;
  }

  get #names(): Named | undefined {
    const { container, user } = this.#located;
    if (container === undefined) return undefined;
    return this.#named ??= this.#containers.named(container, user);
  }
}

/** Finds places. Each process's file is read once, as are those of containers. */
export class Places {
  readonly #tree: Tree;
  readonly #containers: Containers;
  /** By path: many processes are in one. */
  readonly #spots = new Map<string, Spot>();
  readonly #processes = new Map<number, Spot | undefined>();
  #cgroups: ReadonlyMap<Long, string> | undefined;

  /** Places of the running system, or of a saved tree. */
  constructor(tree: Tree) {
    this.#tree = tree;
    this.#containers = new Containers(tree);
  }

  /** Where a process is; undefined if it has ended, or its file cannot be read. */
  ofProcess(pid: number): Spot | undefined {
    if (!this.#processes.has(pid)) this.#processes.set(pid, this.#find(pid));
    return this.#processes.get(pid);
  }

  #find(pid: number): Spot | undefined {
    const text = this.#tree.read(`/proc/${pid}/cgroup`, CGROUP_MOST);
    if (text instanceof Failure) {
      const isOthers = text.code === "EACCES" ||
        text.code === "EPERM" && geteuid() !== 0;
      if (isOthers) this.#tree.failures.forget(text);
      return undefined;
    }
    const path = pathIn(byteString(text));
    return path === undefined ? undefined : this.#at(path);
  }

  /**
   * Where the cgroup of version 2 with this id is; undefined if it is not there any more,
   * or not to be seen. All of them are looked at when the first one is asked for.
   */
  ofCgroup(id: Long): Spot | undefined {
    this.#cgroups ??= cgroupPaths(this.#tree);
    const path = this.#cgroups.get(id);
    return path === undefined ? undefined : this.#at(path);
  }

  #at(path: string): Spot {
    let spot = this.#spots.get(path);
    if (spot === undefined) {
      this.#spots.set(path, spot = new Spot(path, this.#containers));
    }
    return spot;
  }

  /** What is said where ids stand in place of names, which others could see. */
  get note(): string | undefined {
    return this.#containers.denied
      ? "(Not all names of containers could be read; ids are shown in their place,\n" +
        " you would have to be root to see them all.)"
      : undefined;
  }
}
