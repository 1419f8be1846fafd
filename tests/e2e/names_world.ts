/**
 * Connections to many addresses, and a DNS server of its own that names them. Says
 * `ready`, and ends when stdin closes. Wants network and mount namespaces of its
 * own:
 *
 * ```sh
 * unshare --net --mount deno run -A names_world.ts FOLDER MILLISECONDS KIND:COUNT…
 * ```
 *
 * In the folder it makes what stands for `/etc`, and `queries`: a line for each
 * query, with the number of those that were not answered yet.
 *
 * @module
 */

import assert from "node:assert/strict";
import dgram from "node:dgram";

const PORT = 7000;

/** Addresses of a kind: the n-th one, and what the server makes of its name. */
interface Kind {
  address(n: number): string;
  /** The labels of the name; undefined if there is no answer. */
  labels(n: number): Uint8Array[] | undefined;
  /** When the answer comes, in milliseconds; as the server was told unless given. */
  readonly after?: number;
  /** Whether the addresses are gateways of routes, and nobody connects to them. */
  readonly gateway?: boolean;
}

const quad = (second: number) => (n: number) =>
  `127.${second}.${n >> 8}.${n & 255}`;

const text = (...labels: string[]) =>
  labels.map((label) => Uint8Array.from(label, (c) => c.charCodeAt(0)));

/** Labels that no honest server sends. */
const HOSTILE: readonly string[] = [
  "\x1b[31mred",
  "line\nbreak",
  "bell\x07",
  "c1-\x9b1m",
  "utf8-\xc2\x9b1m",
  "nul\0nul",
  "back\\slash",
  "quote\"'",
  "two words",
  "dot.dot",
  "gr\xc3\xbc\xc3\x9fe",
  "\xff\xfe",
  "-rf",
  "%s%n",
  "x".repeat(63),
];

const KINDS: Readonly<Record<string, Kind>> = {
  quick: { address: quad(1), labels: (n) => text(`host-${n}`, "example") },
  six: {
    address: (n) => `2001:db8:1::${(n + 1).toString(16)}`,
    labels: (n) => text(`six-${n}`, "example"),
  },
  never: { address: quad(2), labels: () => undefined },
  hostile: {
    address: quad(3),
    labels: (n) => text(HOSTILE[n % HOSTILE.length]!, "example"),
  },
  late: {
    address: quad(4),
    labels: (n) => text(`late-${n}`, "example"),
    after: 1700,
  },
  gateway: {
    address: (n) => `10.9.0.${n + 2}`,
    labels: (n) => text(`gateway-${n}`),
    gateway: true,
  },
};

const TYPE_PTR = 12;

/** What is asked: `5.0.1.127.in-addr.arpa`, and where the question ends. */
function questionOf(query: Uint8Array): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = 0; (length = query[at]!) !== 0; at += length + 1) {
    labels.push(
      new TextDecoder().decode(query.subarray(at + 1, at + 1 + length)),
    );
  }
  return { name: labels.join(".").toLowerCase(), end: at + 5 };
}

/** The answer to a query; one without a name says that there is none. */
function answerTo(
  query: Uint8Array,
  end: number,
  labels: Uint8Array[] | undefined,
): Uint8Array {
  const header = query.slice(0, 12);
  header[2] = 0x81;
  header[3] = labels === undefined ? 0x83 : 0x80; // NXDOMAIN, or all is well
  header.set([0, 1, 0, labels === undefined ? 0 : 1, 0, 0, 0, 0], 4);
  const data = labels === undefined
    ? []
    : [...labels.flatMap((label) => [label.length, ...label]), 0];
  const record = [0xc0, 12, 0, TYPE_PTR, 0, 1, 0, 0, 0, 60, 0, data.length];
  return Uint8Array.from([
    ...header,
    ...query.subarray(12, end),
    ...(labels === undefined ? [] : [...record, ...data]),
  ]);
}

/** The name by which the reverse of an address is asked for. */
function reverse(address: string): string {
  if (!address.includes(":")) {
    return address.split(".").reverse().join(".") + ".in-addr.arpa";
  }
  const [front, back] = address.split("::").map((part) => part.split(":"));
  const groups = [
    ...front!,
    ...new Array(8 - front!.length - back!.length).fill("0"),
    ...back!,
  ];
  const digits = groups.map((group) => group.padStart(4, "0")).join("");
  return [...digits].reverse().join(".") + ".ip6.arpa";
}

async function run(command: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args }).output();
  assert.ok(success, `${command} ${args.join(" ")}`);
}

async function makeEtc(folder: string): Promise<void> {
  const files = {
    "resolv.conf": "nameserver 127.0.0.1\n",
    "nsswitch.conf":
      "hosts: files dns\nnetworks: files dns\nservices: files\npasswd: files\n",
    hosts: "127.0.0.1 localhost\n",
    passwd: "root:x:0:0:root:/root:/bin/sh\n",
    services: "",
  };
  await Deno.mkdir(`${folder}/etc`);
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/etc/${name}`, content);
  }
  await run("mount", "--bind", `${folder}/etc`, "/etc");
}

function serve(
  names: ReadonlyMap<string, () => { kind: Kind; n: number }>,
  delay: number,
  log: Deno.FsFile,
): Promise<void> {
  const socket = dgram.createSocket("udp4");
  let open = 0;
  socket.on("message", (query: Uint8Array, { port, address }) => {
    const { name, end } = questionOf(query);
    open++;
    log.writeSync(new TextEncoder().encode(`${name} ${open}\n`));
    const asked = names.get(name)?.();
    const labels = asked?.kind.labels(asked.n);
    if (asked !== undefined && labels === undefined) return;
    setTimeout(() => {
      open--;
      socket.send(answerTo(query, end, labels), port, address);
    }, asked?.kind.after ?? delay);
  });
  return new Promise((resolve) => socket.bind(53, "127.0.0.1", resolve));
}

/** Makes a device, and routes by these gateways. */
async function route(gateways: readonly string[]): Promise<void> {
  const ip = (words: string) => run("ip", ...words.split(" "));
  await ip("link add left type veth peer name right");
  await ip("address add 10.9.0.1/16 dev left");
  for (const name of ["left", "right"]) await ip(`link set ${name} up`);
  for (const [n, gateway] of gateways.entries()) {
    await ip(`route add 10.50.${n}.0/24 via ${gateway}`);
  }
}

async function connect(address: string): Promise<Deno.Conn> {
  return await Deno.connect({ hostname: address, port: PORT });
}

if (import.meta.main) {
  const [folder, delay, ...counts] = Deno.args;
  await run("ip", "link", "set", "lo", "up");
  await run("ip", "-6", "route", "add", "local", "2001:db8::/32", "dev", "lo");
  await makeEtc(folder!);

  const names = new Map<string, () => { kind: Kind; n: number }>();
  const addresses: string[] = [];
  const gateways: string[] = [];
  for (const [name, count] of counts.map((word) => word.split(":"))) {
    const kind = KINDS[name!]!;
    for (let n = 0; n < Number(count); n++) {
      (kind.gateway ? gateways : addresses).push(kind.address(n));
      names.set(reverse(kind.address(n)), () => ({ kind, n }));
    }
  }
  if (gateways.length > 0) await route(gateways);
  using log = Deno.openSync(`${folder}/queries`, {
    create: true,
    append: true,
  });
  await serve(names, Number(delay), log);

  const listener = Deno.listen({ hostname: "::", port: PORT });
  const connections: Deno.Conn[] = [];
  (async () => {
    for await (const connection of listener) connections.push(connection);
  })();
  for (const address of addresses) connections.push(await connect(address));
  while (connections.length < 2 * addresses.length) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }

  await Deno.stdout.write(new TextEncoder().encode("ready\n"));
  for await (const _ of Deno.stdin.readable);
  Deno.exit();
}
