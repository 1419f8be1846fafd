/**
 * Draws who talks to whom. Of all sockets only groups are kept: who has them, what they
 * are connected to, by which ports, and how many there are of each.
 *
 * @module
 */

import type { Long, Value, View } from "../core/contract/family.ts";
import type { Head, Shown, Sink } from "../core/contract/sink.ts";
import type { GraphBy, GraphFormat } from "../core/args/options.ts";
import { writeDot } from "./dot.ts";
import { Gathered, type Node, type Talk } from "./gathered.ts";
import { writeMermaid } from "./mermaid.ts";
import type { Output } from "./out.ts";
import type { Kind } from "./picture.ts";

/** How a picture is drawn. */
export interface GraphOptions {
  /** What columns see of the command line. */
  readonly view: View;
  /** Prints a message on stderr. */
  warn(message: string): void;
  /** The language. */
  readonly language: GraphFormat;
  /** What its boxes stand for; programs, unless given. */
  readonly by: GraphBy | undefined;
  /** Whether there are several network namespaces, each with a frame of its own. */
  readonly several: boolean;
}

/** Reads the columns of a row by their keys; null where there is none. */
class Columns {
  readonly #view: View;
  readonly #shown = new Map<string, Shown["column"]>();
  row: unknown;

  constructor(view: View) {
    this.#view = view;
  }

  begin(shown: readonly Shown[]): void {
    this.#shown.clear();
    for (const { key, column } of shown) this.#shown.set(key, column);
  }

  #value(key: string): Value {
    return this.#shown.get(key)?.value(this.row, this.#view) ?? null;
  }

  text(key: string): string | null {
    const value = this.#value(key);
    return typeof value === "string" ? value : null;
  }

  number(key: string): Long | null {
    const value = this.#value(key);
    return typeof value === "number" || typeof value === "bigint"
      ? value
      : null;
  }

  /** The network namespace that the row is in; empty if there is one only. */
  netns(): string {
    const number = this.number("netns");
    return this.text("netns_name") ?? (number === null ? "" : `${number}`);
  }
}

/** An address, which is that of IPv4 if it is mapped from there. */
function plain(address: string | null): string {
  return address?.replace(/^::ffff:(?=.*\.)/, "") ?? "";
}

/** Whether a socket of this address takes what comes to any. */
function isAny(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

/** What stands in place of the address of a socket that takes what comes to any. */
const ANY_ADDRESS = "any address";

/** What is said of a picture that Mermaid does not draw. */
const TOO_LARGE =
  "netstat: --graph: Mermaid draws 500 arrows and 50000 characters at most, " +
  "unless its page says otherwise (maxEdges, maxTextSize): " +
  "draw less by --where, or take --graph dot";

/** A process of its own title says its name, a colon, and what it does. */
function programOf(name: string): string {
  const end = name.indexOf(": ");
  return end > 0 ? name.slice(0, end) : name;
}

/** Which sockets others connect to: ports with addresses, and paths. */
class Servers implements Sink {
  readonly #columns: Columns;
  readonly #known = new Set<string>();

  constructor(view: View) {
    this.#columns = new Columns(view);
  }

  begin(_: Head, shown: readonly Shown[]): void {
    this.#columns.begin(shown);
  }

  row(row: unknown): boolean {
    const columns = this.#columns;
    columns.row = row;
    const netns = columns.netns();
    const path = columns.text("path");
    const port = columns.number("local_port");
    if (path !== null) this.#known.add(pathKey(netns, path));
    if (port === null) return true;
    const address = plain(columns.text("local_address"));
    const where = isAny(address) ? "" : address;
    const proto = protoOf(columns.text("proto"));
    this.#known.add(portKey(netns, proto, port, where));
    return true;
  }

  end(): void {}

  /** Whether somebody takes what comes to this address. */
  hasPort(netns: string, proto: string, address: string, port: Long): boolean {
    return this.#known.has(portKey(netns, proto, port, address)) ||
      this.#known.has(portKey(netns, proto, port, ""));
  }

  /** Whether somebody listens on this path. */
  hasPath(netns: string, path: string): boolean {
    return this.#known.has(pathKey(netns, path));
  }
}

function pathKey(netns: string, path: string): string {
  return `${netns}\0unix\0${path}`;
}

function portKey(
  netns: string,
  proto: string,
  port: Long,
  address: string,
): string {
  return `${netns}\0${proto}\0${port}\0${address}`;
}

/** A protocol whichever version of IP it goes over. */
function protoOf(proto: string | null): string {
  return proto?.replace(/6$/, "") ?? "";
}

/** An end of a connection came, and does not wait for the other one. */
const DRAWN = true;

/** Draws the sockets that it is given as rows. */
export class Graph implements Sink {
  /** Is given, before that, the sockets that others connect to. */
  readonly servers: Sink;
  readonly #servers: Servers;
  readonly #out: Output;
  readonly #options: GraphOptions;
  readonly #by: GraphBy;
  readonly #columns: Columns;
  readonly #gathered: Gathered;
  /** Connections within this machine of which one end has come, from there to the other. */
  readonly #half = new Map<string, Talk | typeof DRAWN>();
  /** How many connected UNIX sockets there are of which the other end is not told. */
  #lonely = 0;

  /** Draws on `out` once all rows are there. */
  constructor(out: Output, options: GraphOptions) {
    const { view, by = "program" } = options;
    this.#out = out;
    this.#options = options;
    this.#by = by;
    this.#columns = new Columns(view);
    this.#gathered = new Gathered();
    this.servers = this.#servers = new Servers(view);
  }

  /** Rows of these columns follow. */
  begin(_: Head, shown: readonly Shown[]): void {
    this.#columns.begin(shown);
  }

  /** Takes a socket. */
  row(row: unknown): boolean {
    const columns = this.#columns;
    columns.row = row;
    const proto = protoOf(columns.text("proto"));
    const netns = this.#options.several ? columns.netns() : "";
    if (proto === "unix") this.#unix(netns);
    else this.#internet(netns, proto);
    return true;
  }

  #internet(netns: string, proto: string): void {
    const columns = this.#columns;
    const address = plain(columns.text("local_address"));
    const port = columns.number("local_port") ?? 0;
    const remotePort = columns.number("foreign_port") ?? 0;
    const name = columns.text("local_service") ?? `${port}`;
    const own = this.#owner(netns, address);
    if (remotePort === 0) {
      const where = this.#by === "address" || isAny(address)
        ? ""
        : address.includes(":")
        ? `[${address}]`
        : address;
      own.serve({ proto, text: `${where}:${name}`, rank: port });
      return;
    }
    const remote = plain(columns.text("foreign_address"));
    const isServer = this.#servers.hasPort(netns, proto, address, port);
    const remoteName = columns.text("foreign_service") ?? `${remotePort}`;
    if (columns.number("peer_inode") === null) {
      this.#gathered.elsewhere(own, {
        netns,
        address: remote,
        host: columns.text("foreign_host"),
        calls: isServer,
        use: `${proto} ${isServer ? name : remoteName}`,
      });
      return;
    }
    const near = `${netns} ${proto} ${address} ${port}`;
    const far = `${netns} ${proto} ${remote} ${remotePort}`;
    const peer = this.#peer(netns, remote);
    const isClient = this.#servers.hasPort(netns, proto, remote, remotePort);
    this.#connected(
      [near, far],
      isServer === isClient
        ? { from: own, to: peer, directed: false, use: proto }
        : isServer
        ? { from: peer, to: own, directed: true, use: `${proto} ${name}` }
        : {
          from: own,
          to: peer,
          directed: true,
          use: `${proto} ${remoteName}`,
        },
    );
  }

  #unix(netns: string): void {
    const columns = this.#columns;
    const path = columns.text("path");
    const inode = columns.number("inode") ?? 0;
    const peerInode = columns.number("peer_inode");
    const peerPath = columns.text("peer_path");
    const state = columns.text("state");
    const isDatagram = columns.text("type") === "DGRAM";
    const listens = state === "LISTENING" ||
      (isDatagram && peerPath === null);
    if (listens && path !== null) {
      this.#owner(netns, "")
        .serve({ proto: "unix", text: path, rank: 0 });
    }
    if (state === "LISTENING") return;
    if (peerInode === null) {
      if (state === "CONNECTED" && !isDatagram) this.#lonely++;
      return;
    }
    const own = this.#owner(netns, "");
    const peer = this.#peer(netns, "");
    const both = path !== null && peerPath !== null;
    const isServer = path !== null &&
      (!both || this.#servers.hasPath(netns, path));
    const isClient = peerPath !== null &&
      (!both || this.#servers.hasPath(netns, peerPath));
    this.#connected(
      [`unix ${inode}`, `unix ${peerInode}`],
      isServer === isClient
        ? { from: own, to: peer, directed: false, use: "unix" }
        : isServer
        ? { from: peer, to: own, directed: true, use: `unix ${path}` }
        : { from: own, to: peer, directed: true, use: `unix ${peerPath}` },
    );
  }

  /**
   * Takes a connection within this machine, of which both ends can come. An end that no
   * process has waits for the other one: until a connection is accepted, only that tells
   * who listens.
   */
  #connected([near, far]: readonly [string, string], talk: Talk): void {
    const fromThere = `${far} ${near}`;
    const other = this.#half.get(fromThere);
    const isOpen = this.#columns.number("inode") !== 0;
    if (other === undefined) {
      this.#half.set(`${near} ${far}`, isOpen ? DRAWN : talk);
      if (isOpen) this.#gathered.between(talk);
      return;
    }
    this.#half.delete(fromThere);
    if (other !== DRAWN) this.#gathered.between(isOpen ? talk : other);
  }

  /** Who has the socket of the row. */
  #owner(netns: string, address: string): Node {
    const columns = this.#columns;
    return this.#node(netns, address, {
      isOpen: columns.number("inode") !== 0,
      prefix: "",
    });
  }

  /** Who has the socket at the other end, which is on this machine. */
  #peer(netns: string, address: string): Node {
    const columns = this.#columns;
    return this.#node(netns, address, {
      isOpen: columns.number("peer_inode") !== 0,
      prefix: "peer_",
    });
  }

  #node(
    netns: string,
    address: string,
    { isOpen, prefix }: { readonly isOpen: boolean; readonly prefix: string },
  ): Node {
    const columns = this.#columns;
    const gathered = this.#gathered;
    const other = isOpen ? "unknown" : "nobody";
    switch (this.#by) {
      case "address":
        return gathered.node(
          netns,
          "own",
          isAny(address) ? ANY_ADDRESS : address,
        );
      case "program": {
        const name = columns.text(
          prefix === "" ? "program_name" : "peer_program",
        );
        return name === null
          ? gathered.node(netns, other)
          : gathered.node(netns, "own", programOf(name));
      }
      case "unit":
      case "container": {
        const name = columns.text(`${prefix}${this.#by}`);
        if (name !== null) return gathered.node(netns, "own", name);
        return columns.number(`${prefix}pid`) === null
          ? gathered.node(netns, other)
          : gathered.node(netns, "none");
      }
    }
  }

  /** What boxes without names of their own are called. */
  #names(): Partial<Record<Kind, string>> {
    return {
      none: `in no ${this.#by}`,
      unknown: "unknown owner",
      nobody: "connections of no process",
    };
  }

  /** Draws. */
  end(): void {
    const { language, warn } = this.#options;
    for (const talk of this.#half.values()) {
      if (talk !== DRAWN) this.#gathered.between(talk);
    }
    if (this.#lonely > 0) {
      warn(
        `netstat: --graph: the kernel does not tell the other ends of ` +
          `${this.#lonely} connected UNIX sockets: they are left out`,
      );
    }
    const picture = this.#gathered.picture({
      names: this.#names(),
      addresses: this.#by === "address",
      several: this.#options.several,
    });
    const out = this.#out;
    if (language === "dot") writeDot(out, picture);
    else if (!writeMermaid(out, picture)) warn(TOO_LARGE);
    out.flush();
  }
}
