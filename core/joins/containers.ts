/**
 * Names of containers and of their pods, from the files of what runs them. No daemon is
 * asked, and nothing that a container has itself is read: it could have any name there.
 * Containers of a user are looked up in his files only, so that he can give his own
 * names, and no others.
 *
 * @module
 */

import { byteString, toUtf8 } from "../contract/line.ts";
import { Failure } from "../system/failures.ts";
import { geteuid } from "../system/libc.ts";
import type { Tree } from "../system/scan.ts";
import type { Contained, Runtime } from "./cgroup.ts";

/** What files tell of a container, as byte strings; null is what they do not tell. */
export interface Named {
  /** What runs it. */
  readonly runtime: Runtime | null;
  /** Its name. */
  readonly name: string | null;
  /** The name of its pod. */
  readonly pod: string | null;
  /** The pod's namespace. */
  readonly podNamespace: string | null;
}

/** The id of a container by which files are named. */
const ID = /^[0-9a-f]{64}$/;

/** So much of a file is read: what is longer is not understood. */
const FILE_MOST = 16 << 20;

/** Where docker keeps containers, if it is not told otherwise. */
const DOCKER = ["/var/lib/docker", "/var/snap/docker/common/var-lib-docker"];

/** Where containerd keeps what it runs. */
const CONTAINERD = [
  "/run/containerd",
  "/run/k3s/containerd",
  "/var/snap/microk8s/common/run/containerd",
];
const TASKS = "io.containerd.runtime.v2.task";
/** Its namespaces that need not be listed. Docker's containers have no names there. */
const NAMESPACES = ["k8s.io", "default"];
const DOCKERS = "moby";

/** Where Podman and CRI-O keep containers, if they are not told otherwise. */
const STORAGE = ["/var/lib/containers/storage", "/run/containers/storage"];
const DRIVERS = ["overlay", "vfs", "btrfs"];

/** Where their files are, below a user's home. */
const HOME_DOCKER = "/.local/share/docker";
const HOME_STORAGE = "/.local/share/containers/storage";

/** Names of containers; each file is read when it is needed, and once. */
export class Containers {
  /** Whether a file was denied, so that there are ids where there could be names. */
  denied = false;
  readonly #tree: Tree;
  readonly #found = new Map<string, Named>();
  readonly #folders = new Map<string, readonly string[]>();
  /** Names by id, of files that have those of many. */
  readonly #lists = new Map<string, ReadonlyMap<string, string>>();
  #homes: ReadonlyMap<number, string> | undefined;

  /** Names that the files of a tree tell. */
  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** What is known of a container, which may be one of a `user`. */
  named(container: Contained, user: number | null): Named {
    const { id, runtime, name } = container;
    if (id === null || !ID.test(id)) return { ...NOTHING, runtime, name };
    const key = `${user} ${runtime} ${id}`;
    let found = this.#found.get(key);
    if (found === undefined) {
      found = this.#look(runtime, id, user) ?? { ...NOTHING, runtime };
      this.#found.set(key, found);
    }
    return found;
  }

  #look(
    runtime: Runtime | null,
    id: string,
    user: number | null,
  ): Named | undefined {
    switch (runtime) {
      case "docker":
        return this.#docker(id, user);
      case "containerd":
        return this.#containerd(id, user);
      case "crio":
        return this.#crio(id, user);
      case "podman":
        return this.#podman(id, user);
      case "ecs": {
        const docker = this.#docker(id, user);
        return docker && { ...docker, runtime };
      }
      default:
        return this.#docker(id, user) ?? this.#containerd(id, user) ??
          this.#crio(id, user) ?? this.#podman(id, user);
    }
  }

  #docker(id: string, user: number | null): Named | undefined {
    for (const root of this.#dockerRoots(user)) {
      const path = `${root}/containers/${id}/config.v2.json`;
      const config = this.#json(path, user);
      if (config === undefined) continue;
      const told = textsOf(at(at(config, "Config"), "Labels"));
      const name = textIn(config, "Name")?.replace(/^\//, "") || null;
      return {
        runtime: "docker",
        name: told("io.kubernetes.container.name") ?? name,
        pod: told("io.kubernetes.pod.name"),
        podNamespace: told("io.kubernetes.pod.namespace"),
      };
    }
    return undefined;
  }

  #dockerRoots(user: number | null): readonly string[] {
    if (user !== null) return this.#below(user, HOME_DOCKER);
    return this.#kept("docker", () => {
      const config = this.#json("/etc/docker/daemon.json", null);
      const root = config && (textIn(config, "data-root") ??
        textIn(config, "graph"));
      return [...plain(root), ...DOCKER];
    });
  }

  #containerd(id: string, user: number | null): Named | undefined {
    const bases = user === null ? CONTAINERD : [`/run/user/${user}/containerd`];
    for (const base of bases) {
      for (const namespace of this.#namespaces(`${base}/${TASKS}`)) {
        const path = `${base}/${TASKS}/${namespace}/${id}/config.json`;
        const told = this.#annotations(path, user);
        if (told === undefined) continue;
        return {
          runtime: "containerd",
          name: told("io.kubernetes.cri.container-name") ??
            told("nerdctl/name"),
          pod: told("io.kubernetes.cri.sandbox-name"),
          podNamespace: told("io.kubernetes.cri.sandbox-namespace"),
        };
      }
    }
    return undefined;
  }

  #namespaces(folder: string): readonly string[] {
    return this.#kept(folder, () => {
      const names = this.#tree.list(folder);
      if (names instanceof Failure) {
        // they need not be listed to be read
        if (names.code === "EACCES") this.#tree.failures.forget(names);
        return NAMESPACES;
      }
      return [...new Set([...NAMESPACES, ...names])]
        .filter((name) => name !== DOCKERS);
    });
  }

  #crio(id: string, user: number | null): Named | undefined {
    for (const root of this.#storageRoots(user)) {
      const path = `${root}/overlay-containers/${id}/userdata/config.json`;
      const told = this.#annotations(path, user);
      // Podman has such a file, too
      const name = told?.("io.kubernetes.container.name") ?? null;
      if (told === undefined || name === null) continue;
      return {
        runtime: "crio",
        name,
        pod: told("io.kubernetes.pod.name"),
        podNamespace: told("io.kubernetes.pod.namespace"),
      };
    }
    return undefined;
  }

  #podman(id: string, user: number | null): Named | undefined {
    for (const root of this.#storageRoots(user)) {
      for (const driver of DRIVERS) {
        // those that end with their process are in a list of their own
        for (const file of ["containers", "volatile-containers"]) {
          const path = `${root}/${driver}-containers/${file}.json`;
          const name = this.#list(path, user).get(id);
          if (name === undefined) continue;
          return { ...NOTHING, runtime: "podman", name };
        }
      }
    }
    return undefined;
  }

  #storageRoots(user: number | null): readonly string[] {
    if (user !== null) return this.#below(user, HOME_STORAGE);
    return this.#kept("storage", () => {
      const config = this.#read("/etc/containers/storage.conf", null);
      const root = config &&
        /^[ \t]*graphroot[ \t]*=[ \t]*"([^"\n]*)"/m.exec(byteString(config));
      return [...plain(root?.[1]), ...STORAGE];
    });
  }

  #list(path: string, user: number | null): ReadonlyMap<string, string> {
    let names = this.#lists.get(path);
    if (names === undefined) {
      const all = this.#json(path, user);
      names = new Map(
        (Array.isArray(all) ? all : []).flatMap((one) => {
          const id = at(one, "id");
          const name = textIn(at(one, "names"), "0");
          return typeof id === "string" && name !== null ? [[id, name]] : [];
        }),
      );
      this.#lists.set(path, names);
    }
    return names;
  }

  /** A folder below a user's home. */
  #below(user: number, folder: string): readonly string[] {
    this.#homes ??= homesIn(this.#read("/etc/passwd", null));
    return plain(this.#homes.get(user)).map((home) => home + folder);
  }

  #kept(key: string, make: () => readonly string[]): readonly string[] {
    let made = this.#folders.get(key);
    if (made === undefined) this.#folders.set(key, made = make());
    return made;
  }

  /** The annotations of an OCI container, by key. */
  #annotations(path: string, user: number | null): Texts | undefined {
    const config = this.#json(path, user);
    return config === undefined
      ? undefined
      : textsOf(at(config, "annotations"));
  }

  /** What a file of JSON has; undefined if it cannot be read. */
  #json(path: string, user: number | null): object | undefined {
    const bytes = this.#read(path, user);
    if (bytes === undefined) return undefined;
    try {
      const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
      if (typeof value === "object" && value !== null) return value;
    } catch {
      // told below
    }
    if (user === null) {
      const failure = new Failure(path, "EINVAL", "Not understood as JSON");
      this.#tree.failures.add(failure);
    }
    return undefined;
  }

  #read(path: string, user: number | null): Uint8Array | undefined {
    const tree = this.#tree;
    const bytes = user === null
      ? tree.read(path, FILE_MOST)
      : tree.readOf(user, path, FILE_MOST);
    if (!(bytes instanceof Failure)) return bytes;
    const denied = bytes.code === "EACCES" ||
      bytes.code === "EPERM" && geteuid() !== 0;
    if (denied) this.denied = true;
    // a user's files are his own affair
    if (denied || user !== null) tree.failures.forget(bytes);
    return undefined;
  }
}

const NOTHING: Named = {
  runtime: null,
  name: null,
  pod: null,
  podNamespace: null,
};

/** A path that leads nowhere else than it says. */
function plain(path: string | null | undefined): string[] {
  const isPlain = path !== null && path !== undefined &&
    path.startsWith("/") && !path.includes("\0") &&
    !path.split("/").includes("..");
  return isPlain ? [path.replace(/\/+$/, "")] : [];
}

/** The homes of users, by their ids (passwd(5)). */
function homesIn(passwd: Uint8Array | undefined): ReadonlyMap<number, string> {
  const homes = new Map<number, string>();
  if (passwd === undefined) return homes;
  for (const line of new TextDecoder().decode(passwd).split("\n")) {
    const [, , uid, , , home] = line.split(":");
    if (home === undefined || !/^\d{1,10}$/.test(uid!)) continue;
    if (!homes.has(Number(uid))) homes.set(Number(uid), home);
  }
  return homes;
}

/** Texts by key; null is what is not there, or no text. */
type Texts = (key: string) => string | null;

function textsOf(value: unknown): Texts {
  return (key) => textIn(value, key);
}

/** A text in an object, as a byte string; null without one. */
function textIn(value: unknown, key: string): string | null {
  const text = at(value, key);
  return typeof text === "string" && text !== "" ? toUtf8(text) : null;
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null &&
      Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
