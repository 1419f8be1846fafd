/**
 * The worlds of the bench, made from within: network, mount and PID namespaces of
 * their own are there already, and vanish with the process that they were made for,
 * and with them all that is made here.
 *
 * @module
 */

import { stripTypes } from "../../core/plugins/strip_types.ts";
import { FAMILY_FILE, HOLDERS, RARE, SERVERS, type World } from "./cases.ts";
import { tableOf, TABLES } from "./rows.ts";

/** A tmpfs: what is written here is gone at the end. */
export const SCRATCH = "/mnt";

const FAMILY = new URL("../../docs/arp.ts", import.meta.url).pathname;
const SOCKETS = new URL("sockets.ts", import.meta.url).pathname;
const NAMESPACES = new URL("namespaces.py", import.meta.url).pathname;
const NAMES = new URL("../../tests/e2e/names_world.ts", import.meta.url)
  .pathname;

/** In this time a DNS server of our own answers, in milliseconds. */
const DNS_DELAY = 50;

/** Of sockets in TIME_WAIT a kernel keeps only so many unless told. */
const TIME_WAIT_MOST = "/proc/sys/net/ipv4/tcp_max_tw_buckets";

/** Runs a program that says something only if it fails. */
async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args })
    .output();
  if (success) return;
  const text = new TextDecoder().decode(stderr).trim();
  throw new Error(`${program} ${args.join(" ")}: ${text}`);
}

/** Does commands of `ip`, one a line. */
async function ip(...commands: string[]): Promise<void> {
  const path = `${SCRATCH}/ip`;
  await Deno.writeTextFile(path, commands.join("\n") + "\n");
  await run("ip", "-batch", path);
}

/** A mount of our own to write on, and a network that reaches itself. */
export async function prepare(): Promise<void> {
  await run("mount", "-t", "tmpfs", "none", SCRATCH);
  await ip("link set lo up");
}

/** Starts a module that holds something, and waits until it is there. */
function hold(module: string, ...args: unknown[]): Promise<void> {
  return holdBy([Deno.execPath(), "run", "-A", module], args);
}

async function holdBy(
  [program, ...words]: readonly string[],
  args: readonly unknown[],
): Promise<void> {
  const { stdout } = new Deno.Command(program!, {
    args: [...words, ...args.map(String)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const { value } = await stdout.getReader().read();
  const said = new TextDecoder().decode(value);
  if (said !== "ready\n") throw new Error(`Cannot hold: ${args.join(" ")}`);
}

/** Several processes hold so many sockets of a kind. */
async function holdSockets(kind: string, count: number): Promise<void> {
  const each = Math.ceil(count / HOLDERS);
  await Promise.all(
    Array.from(
      { length: HOLDERS },
      (_, n) => hold(SOCKETS, kind, n, each, SCRATCH),
    ),
  );
}

/** A tree that is mounted over `/proc`, in which one table has so many rows. */
function fileWorld(table: keyof typeof TABLES): Maker {
  const folder = `${SCRATCH}/proc`;
  return async ({ size, before, netstat }) => {
    if (before === 0) {
      await Deno.mkdir(`${folder}/net`, { recursive: true });
      // a compiled program finds its modules by this
      await Deno.mkdir(`${folder}/self`);
      await Deno.symlink(netstat, `${folder}/self/exe`);
      await write(`${folder}/net/tcp6`, tableOf(TABLES.tcp, 0));
      await run("mount", "--bind", folder, "/proc");
    }
    await write(`${folder}/net/${table}`, tableOf(TABLES[table], size));
  };
}

async function write(path: string, texts: Iterable<string>): Promise<void> {
  using file = await Deno.create(path);
  const encoder = new TextEncoder();
  for (const text of texts) {
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length;) {
      at += await file.write(bytes.subarray(at));
    }
  }
}

/** What a world is to be. */
export interface Wanted {
  readonly size: number;
  /** The size that it has already: 0 at first. */
  readonly before: number;
  /** The path of our program. */
  readonly netstat: string;
}

/** Makes a world, or lets it grow. */
export type Maker = (wanted: Wanted) => Promise<void>;

/** How each world is made. */
export const MAKERS: Readonly<Record<World, Maker>> = {
  async small() {
    await ip(
      "link add left up type veth peer name right",
      "link set right up",
      "address add 192.0.2.1/24 dev left",
      "route add default via 192.0.2.2",
      "route add 198.51.100.0/24 via 192.0.2.3",
    );
    await hold(SOCKETS, "listening", 0, 10, SCRATCH);
    await hold(SOCKETS, "unix", 0, 10, SCRATCH);
    const typescript = await Deno.readTextFile(FAMILY);
    await Deno.writeTextFile(`${FAMILY_FILE}.ts`, typescript);
    await Deno.writeTextFile(
      `${FAMILY_FILE}.js`,
      await stripTypes(typescript),
    );
  },

  "tcp file": fileWorld("tcp"),
  "unix file": fileWorld("unix"),
  "route file": fileWorld("route"),

  async interfaces({ size, before }) {
    // without addresses they send nothing, so that counters stay as they are
    await Deno.writeTextFile(
      "/proc/sys/net/ipv6/conf/default/disable_ipv6",
      "1",
    );
    const pairs = [];
    for (let n = before; n < size; n += 2) {
      pairs.push(`link add a${n} up type veth peer name b${n}`);
      pairs.push(`link set b${n} up`);
    }
    await ip(...pairs);
  },

  async sockets({ size }) {
    await holdSockets("tcp", size);
    await hold(SOCKETS, "rare", 0, RARE.sockets, SCRATCH);
  },

  async servers({ size }) {
    await holdSockets("listening", size / 20);
    await holdSockets("unix", size);
  },

  async datagrams({ size }) {
    await holdSockets("udp", size);
  },

  async "time-wait"({ size }) {
    await Deno.writeTextFile(TIME_WAIT_MOST, String(2 * size));
    await holdSockets("time-wait", size);
  },

  async namespaces({ size, before }) {
    if (before === 0) {
      await run("mkdir", "-p", "/run/netns");
      await run("mount", "-t", "tmpfs", "none", "/run/netns");
    }
    await holdBy(["python3", NAMESPACES], [before, size, SERVERS]);
  },

  async "one namespace"({ size }) {
    await holdSockets("listening", size);
  },

  async names({ size }) {
    await hold(NAMES, SCRATCH, DNS_DELAY, `quick:${size}`);
  },
};
