/**
 * Makes sockets of many kinds in many states, says `ready` (and what the kernel
 * does not have), and keeps them until stdin closes. Wants a network namespace of
 * its own, in which `lo` is up, and a short folder for socket files:
 *
 * ```sh
 * unshare --net sh -c 'ip link set lo up; deno run -A sockets.ts /tmp/folder'
 * ```
 *
 * @module
 */

const libc = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  accept4: {
    parameters: ["i32", "pointer", "pointer", "i32"],
    result: "i32",
  },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  setsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "u32"],
    result: "i32",
  },
  close: { parameters: ["i32"], result: "i32" },
}).symbols;

const UNIX = 1;
const INET = 2;
const INET6 = 10;

const STREAM = 1;
const DGRAM = 2;
const RAW = 3;
const SEQPACKET = 5;

const UDPLITE = 136;
const ICMP = 1;
const ICMPV6 = 58;
const OSPF = 89;

const CLOEXEC = 0o2000000;
const NONBLOCK = 0o4000;
const DONTWAIT = 0x40;
const SHUT_WR = 1;

const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_KEEPALIVE = 9;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

/** An address in the form that the kernel takes. */
type Address = Uint8Array<ArrayBuffer>;

function check(result: number, what: string): number {
  if (result < 0) throw new Error(`Cannot ${what}`);
  return result;
}

/** `address` in dots, in host order `port`. */
function in4(address: string, port: number): Address {
  const numbers = address.split(".").map(Number);
  return Uint8Array.of(
    INET,
    0,
    port >> 8,
    port & 255,
    ...numbers,
    ...new Array(8).fill(0),
  );
}

/** The unspecified address, loopback, or an IPv4 address to be mapped. */
function in6(address: string, port: number): Address {
  const bytes = new Uint8Array(28);
  bytes.set([INET6, 0, port >> 8, port & 255]);
  if (address === "::1") bytes[23] = 1;
  else if (address !== "::") {
    bytes.set([255, 255, ...address.split(".").map(Number)], 18);
  }
  return bytes;
}

/** A path, or an abstract name, which starts with a NUL. */
function un(name: string): Address {
  const path = new TextEncoder().encode(name);
  return Uint8Array.of(UNIX, 0, ...path, ...(path[0] === 0 ? [] : [0]));
}

function socket(family: number, type: number, protocol = 0): number {
  const fd = libc.socket(family, type | CLOEXEC, protocol);
  return check(fd, `make a socket (${family}, ${type}, ${protocol})`);
}

function bind(fd: number, address: Address): number {
  check(libc.bind(fd, address, address.length), `bind to ${address}`);
  return fd;
}

function connect(fd: number, address: Address): number {
  check(libc.connect(fd, address, address.length), `connect to ${address}`);
  return fd;
}

function option(fd: number, level: number, name: number, value: number): void {
  const bytes = new Uint8Array(new Int32Array([value]).buffer);
  check(libc.setsockopt(fd, level, name, bytes, 4), `set option ${name}`);
}

function listener(
  address: Address,
  { backlog = 16, type = STREAM, only6 = false, shared = false } = {},
): number {
  const family = address[0]!;
  const fd = shared
    ? check(libc.socket(family, type, 0), "make a socket to share")
    : socket(family, type);
  if (family !== UNIX) option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (only6) option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  bind(fd, address);
  check(libc.listen(fd, backlog), "listen");
  return fd;
}

function client(address: Address, type = STREAM): number {
  return connect(socket(address[0]!, type), address);
}

/** Begins to connect where nobody answers. */
function knock(address: Address): void {
  const fd = socket(address[0]!, STREAM | NONBLOCK);
  libc.connect(fd, address, address.length);
}

function accept(fd: number): number {
  return check(libc.accept4(fd, null, null, CLOEXEC), "accept");
}

function send(fd: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  if (Number(libc.send(fd, bytes, BigInt(bytes.length), 0)) < 0) {
    throw new Error("Cannot send");
  }
}

/** Sends until nothing more goes in. */
function stuff(fd: number): void {
  const bytes = new Uint8Array(16384);
  while (Number(libc.send(fd, bytes, 16384n, DONTWAIT)) > 0);
}

/** Both ends of a connection over loopback; small buffers if it is to be stuffed. */
function connection(
  listening: number,
  address: Address,
  small = false,
): { near: number; far: number } {
  const near = socket(address[0]!, STREAM);
  if (small) {
    option(near, SOL_SOCKET, SO_SNDBUF, 8192);
    option(near, SOL_SOCKET, SO_RCVBUF, 8192);
  }
  connect(near, address);
  return { near, far: accept(listening) };
}

function tcp(): void {
  listener(in4("0.0.0.0", 22));
  listener(in4("127.0.0.1", 631));
  listener(in4("127.0.0.2", 5432));
  const dual = listener(in6("::", 80));
  listener(in6("::", 443), { only6: true });
  const six = listener(in6("::1", 8080));
  // more rows than the kernel hands out in one read
  for (let port = 10_001; port <= 10_040; port++) {
    listener(in4("127.0.0.1", port));
  }

  // waiting to be accepted
  const pending = in4("127.0.0.1", 7001);
  listener(pending, { backlog: 5 });
  for (let i = 0; i < 3; i++) send(client(pending), "hello");

  // the queue is full after one: further ones are not answered
  for (const full of [in4("127.0.0.1", 7002), in6("::1", 7003)]) {
    listener(full, { backlog: 0 });
    client(full);
    knock(full);
    knock(full);
  }

  const address = in4("127.0.0.1", 7004);
  const listening = listener(address);
  option(listening, SOL_SOCKET, SO_RCVBUF, 8192);

  const both = connection(listening, address);
  send(both.near, "to the far end");
  send(both.far, "to the near end, and longer");
  const alive = connection(listening, address);
  option(alive.near, SOL_SOCKET, SO_KEEPALIVE, 1);
  stuff(connection(listening, address, true).near);

  const half = connection(listening, address);
  check(libc.shutdown(half.near, SHUT_WR), "shut down");

  const past = connection(listening, address);
  libc.close(past.near);
  libc.close(past.far);

  // a FIN behind data that the other end has no room for
  const finWait1 = connection(listening, address, true);
  stuff(finWait1.near);
  check(libc.shutdown(finWait1.near, SHUT_WR), "shut down");
  const lastAck = connection(listening, address, true);
  check(libc.shutdown(lastAck.near, SHUT_WR), "shut down");
  stuff(lastAck.far);
  check(libc.shutdown(lastAck.far, SHUT_WR), "shut down");

  send(connection(six, in6("::1", 8080)).near, "six");
  send(connection(dual, in6("127.0.0.1", 80)).far, "mapped");
  connection(dual, in4("127.0.0.1", 80));
}

/** Unconnected, connected, and with a datagram that nobody reads. */
function datagrams(protocol: number, port: number): void {
  bind(socket(INET, DGRAM, protocol), in4("0.0.0.0", port));
  const four = socket(INET, DGRAM, protocol);
  bind(four, in4("127.0.0.1", port + 1));
  send(connect(four, in4("127.0.0.1", port)), "four");

  const any = socket(INET6, DGRAM, protocol);
  option(any, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  bind(any, in6("::", port + 2));
  const six = socket(INET6, DGRAM, protocol);
  bind(six, in6("::1", port + 3));
  send(connect(six, in6("::1", port + 2)), "six");

  const mapped = socket(INET6, DGRAM, protocol);
  connect(mapped, in6("127.0.0.1", port));
}

function raw(): void {
  socket(INET, RAW, ICMP);
  bind(socket(INET, RAW, OSPF), in4("127.0.0.1", 0));
  connect(socket(INET, RAW, 255), in4("127.0.0.1", 0));
  socket(INET6, RAW, ICMPV6);
  connect(socket(INET6, RAW, OSPF), in6("::1", 0));
}

function ping(): void {
  Deno.writeTextFileSync(
    "/proc/sys/net/ipv4/ping_group_range",
    "0 2147483647",
  );
  bind(socket(INET, DGRAM, ICMP), in4("127.0.0.1", 0));
  bind(socket(INET6, DGRAM, ICMPV6), in6("::1", 0));
}

function unix(folder: string): void {
  const stream = un(`${folder}/stream`);
  const listening = listener(stream);
  client(stream);
  accept(listening);
  send(client(stream), "not accepted");

  const packets = un(`${folder}/seqpacket`);
  const receiving = listener(packets, { type: SEQPACKET });
  client(packets, SEQPACKET);
  accept(receiving);

  const log = un(`${folder}/dgram`);
  bind(socket(UNIX, DGRAM), log);
  send(client(log, DGRAM), "a datagram");
  send(connect(bind(socket(UNIX, DGRAM), un(`${folder}/named`)), log), "two");

  for (const type of [STREAM, DGRAM, SEQPACKET]) {
    const pair = new Uint8Array(8);
    check(libc.socketpair(UNIX, type | CLOEXEC, 0, pair), "make a pair");
    socket(UNIX, type);
  }

  for (
    const name of [
      "\0abstract",
      "\0an abstract name with blanks",
      "\0with\0zeros\0",
      "\0" + "long ".repeat(21),
      `${folder}/`.padEnd(107, "0123456789"),
      `${folder}/a path with  blanks `,
      `${folder}/Grüße–日本`,
      `${folder}/control-\x01\x07\x1b[31m\x7f-\u0085\u009b-end`,
      "\0control-\x02\x1b]0;title\x07-end",
      // a blank to sscanf, as well as control bytes
      `${folder}/tab\tvertical\vfeed\freturn\rend`,
    ]
  ) {
    listener(un(name));
  }
  listener(un(`${folder}/unlinked`));
  Deno.removeSync(`${folder}/unlinked`);

  const here = Deno.cwd();
  Deno.chdir(folder);
  listener(un("relative"));
  Deno.chdir(here);
}

/** Processes with odd names, each holding what it inherited until stdin closes. */
function children(folder: string): Deno.ChildProcess[] {
  const shared = listener(in4("127.0.0.1", 9001), { shared: true });
  const own = listener(un(`${folder}/inherited`), { shared: true });
  const first = spawn("a name with  blanks --and=more");
  libc.close(own);
  const second = spawn("/opt/some where/pro gram: x");
  libc.close(shared);

  const third = listener(in4("127.0.0.1", 9002), { shared: true });
  // jc cannot read a name that is cut within a letter, by the length of the pid
  const shell = spawn("-Grüße\x1b[2J\x01shell");
  libc.close(third);
  const fourth = listener(in6("::1", 9003), { shared: true });
  const nameless = spawn("");
  libc.close(fourth);
  return [first, second, shell, nameless];
}

function spawn(name: string): Deno.ChildProcess {
  return new Deno.Command("bash", {
    args: ["-c", 'exec -a "$0" cat', name],
    stdin: "piped",
    stdout: "null",
  }).spawn();
}

if (import.meta.main) {
  const folder = Deno.args[0]!;
  const lacks: string[] = [];
  const perhaps = (name: string, make: () => void) => {
    try {
      make();
    } catch {
      lacks.push(name);
    }
  };
  tcp();
  datagrams(0, 5000);
  perhaps("udplite", () => datagrams(UDPLITE, 6000));
  raw();
  perhaps("ping", ping);
  unix(folder);
  const held = children(folder);

  const ready = ["ready", ...lacks.map((name) => `without-${name}`)].join(" ");
  Deno.stdout.writeSync(new TextEncoder().encode(ready + "\n"));
  for await (const _ of Deno.stdin.readable);
  for (const child of held) {
    await child.stdin.close();
    await child.status;
  }
}
