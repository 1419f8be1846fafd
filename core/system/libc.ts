/**
 * Every foreign call of the program.
 *
 * @module
 */

import type { Long } from "../contract/family.ts";
import { byteString, untilNul } from "../contract/line.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;
const NETLINK_SOCK_DIAG = 4;
const SOL_NETLINK = 270;
const NETLINK_GET_STRICT_CHK = 12;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NI_NAMEREQD = 8;
const NI_MAXHOST = 1025;
const IF_NAMESIZE = 16;
const NETENT_SIZE = 24;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const POLLERR = 0x8;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const NETLINK_ADD_MEMBERSHIP = 1;

/** Room for a network's name and aliases; one with more has no name. */
const NETENT_STRINGS = 8192;
/** No such file or directory; of netlink, nobody who answers. */
export const ENOENT = 2;
/** No such process: it has ended. */
export const ESRCH = 3;
const EINTR = 4;
/** Permission denied. */
export const EACCES = 13;
/** Invalid argument; of setns(2), a file that is no namespace. */
export const EINVAL = 22;
const O_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;
const EAGAIN = 11;
const POLLIN = 1;
const POLLOUT = 4;
const DOT = 46;
const SEEK_SET = 0;
const STDERR = 2;
/** `linux/magic.h` */
const NSFS_MAGIC = 0x6e73_6673;
/** `linux/sched.h` */
const CLONE_NEWNET = 0x4000_0000;
/** `linux/auxvec.h` */
const AT_SECURE = 23n;
/** No less than `struct sigaction` of glibc has, which starts with the handler. */
const SIGACTION_SIZE = 256;
/** The handler of a signal that is ignored (signal(7)). */
const SIG_IGN = 1n;
/** `asm/unistd.h` */
const SYS_getdents64 = Deno.build.arch === "aarch64" ? 61n : 217n;

/**
 * What is called. Lengths that are returned are those of our buffers, and fit into 32
 * bits: for more of them the runtime would make an object, between the call and whoever
 * reads errno.
 */
const FUNCTIONS = {
  getenv: { parameters: ["buffer"], result: "pointer" },
  geteuid: { parameters: [], result: "u32" },
  getauxval: { parameters: ["usize"], result: "usize" },
  getnameinfo: {
    parameters: ["buffer", "u32", "buffer", "u32", "pointer", "u32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  getnetbyaddr_r: {
    parameters: [
      "u32",
      "i32",
      "buffer",
      "buffer",
      "usize",
      "buffer",
      "buffer",
    ],
    result: "i32",
    nonblocking: true,
  },
  if_indextoname: { parameters: ["u32", "buffer"], result: "pointer" },
  getpwuid: { parameters: ["u32"], result: "pointer" },
  setservent: { parameters: ["i32"], result: "void" },
  getservent: { parameters: [], result: "pointer" },
  endservent: { parameters: [], result: "void" },
  setprotoent: { parameters: ["i32"], result: "void" },
  getprotoent: { parameters: [], result: "pointer" },
  endprotoent: { parameters: [], result: "void" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
  pollAside: {
    name: "poll",
    parameters: ["buffer", "u64", "i32"],
    result: "i32",
    nonblocking: true,
  },
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  setsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "u32"],
    result: "i32",
  },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  recvmmsg: {
    parameters: ["i32", "buffer", "u32", "i32", "pointer"],
    result: "i32",
    nonblocking: true,
  },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  syscall: {
    parameters: ["isize", "i32", "buffer", "usize"],
    result: "i32",
  },
  readlinkat: {
    // a size of 64 bits would be passed more slowly
    parameters: ["i32", "buffer", "buffer", "u32"],
    result: "i32",
  },
  lseek: { parameters: ["i32", "isize", "i32"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  statfs: { parameters: ["buffer", "buffer"], result: "i32" },
  setns: { parameters: ["i32", "i32"], result: "i32" },
  sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  raise: { parameters: ["i32"], result: "i32" },
  strerror: { parameters: ["i32"], result: "pointer" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
} as const;

type Name = keyof typeof FUNCTIONS;

/**
 * Those that are called for each descriptor or interface. For them alone the runtime makes
 * machine code, which takes 0.2 ms a function, and then 0.3 µs less for each call.
 */
const FREQUENT: ReadonlySet<Name> = new Set<Name>([
  ...["ioctl", "readlinkat", "syscall"] as const,
]);

/**
 * One argument more, which no function looks at: a structure, since for functions that are
 * given one the runtime makes no machine code.
 */
const UNUSED = { struct: ["i32"] } as const;
const UNUSED_BYTES = new Uint8Array(4);

/** The C library. A function is opened when it is first called. */
const libc: Deno.DynamicLibrary<typeof FUNCTIONS>["symbols"] = Object.create(
  // the engine asks the proxy for each function that is not open yet
  new Proxy({}, {
    get(_, name: Name) {
      // to open a function may change errno: where that is, is found before
      threadErrno ??= errnoLocation();
      const given: Deno.ForeignFunction = FUNCTIONS[name];
      // the runtime makes no machine code for one that runs on another thread
      const value = FREQUENT.has(name) || given.nonblocking
        ? open({ [name]: given })[name]
        : openSeldom(name, given);
      Object.defineProperty(libc, name, { value });
      return value;
    },
  }),
);

/** Opens a function that is called seldom, so that no machine code is made for it. */
function openSeldom(
  name: string,
  { parameters, ...given }: Deno.ForeignFunction,
): (...args: never[]) => unknown {
  const longer = { ...given, parameters: [...parameters, UNUSED] };
  const { [name]: call } = open({ [name]: longer });
  return (...args) => call!(...args, UNUSED_BYTES);
}

function open<Functions extends Deno.ForeignLibraryInterface>(
  functions: Functions,
): Deno.DynamicLibrary<Functions>["symbols"] {
  return Deno.dlopen("libc.so.6", functions).symbols;
}

/** Machine code that reads the links of descriptors (tools/engine/links.h). */
export interface LinkReader {
  /** Reads a block. */
  read(blocks: Uint8Array<ArrayBuffer>, block: number): void;
  /** Reads on another thread those that nobody has taken, of number -1. */
  readAside(blocks: Uint8Array<ArrayBuffer>, block: -1): Promise<void>;
}

/** The code that the build put into the engine in place of a function of its own. */
export function linkReader(name: string): LinkReader {
  const given = {
    name,
    parameters: ["buffer", "i32"],
    result: "void",
  } as const;
  // without a name it is the program itself
  return Deno.dlopen("", {
    read: given,
    readAside: { ...given, nonblocking: true },
  }).symbols;
}

/**
 * This thread's errno. It is read in the very expression behind a call, and by no function:
 * to call one for the first time compiles it, and what the runtime does then, or when it
 * frees memory, changes errno now and then. Millions of calls that failed, with much garbage
 * between them, had the right one.
 */
let threadErrno: Int32Array | undefined;

function errnoLocation(): Int32Array {
  const location = openSeldom(
    "__errno_location",
    { parameters: [], result: "pointer" },
  ) as () => Deno.PointerObject;
  const { getArrayBuffer } = Deno.UnsafePointerView;
  return new Int32Array(getArrayBuffer(location(), 4));
}

/** The time of day, in nanoseconds since 1970 (`CLOCK_REALTIME`). */
export function timeOfDay(): bigint {
  const time = new BigInt64Array(2);
  libc.clock_gettime(0, new Uint8Array(time.buffer));
  return time[0]! * 1_000_000_000n + time[1]!;
}

/**
 * Whether the kernel gave this program more rights than who started it has
 * (`AT_SECURE`, getauxval(3)): it is setuid or setgid, or has capabilities.
 */
export function isSecureExecution(): boolean {
  return libc.getauxval(AT_SECURE) !== 0n;
}

/**
 * A variable of the environment (`getenv`), as a byte string. Deno's own way knows no
 * variables in the executable, and throws at what is not UTF-8 elsewhere.
 */
export function variable(name: string): string | undefined {
  const value = libc.getenv(new TextEncoder().encode(`${name}\0`));
  return value === null ? undefined : cString(value);
}

/** The effective user id. */
export function geteuid(): number {
  return libc.geteuid();
}

/**
 * The host name of 4 or 16 address bytes (`getnameinfo`), as a byte string. The C
 * library asks in a thread of its own.
 */
export async function hostName(
  address: Uint8Array,
): Promise<string | undefined> {
  const inet6 = address.length === 16;
  // struct sockaddr_in and sockaddr_in6: the address is at offset 4 and 8
  const sockaddr = new Uint8Array(inet6 ? 28 : 16);
  new Uint16Array(sockaddr.buffer)[0] = inet6 ? AF_INET6 : AF_INET;
  sockaddr.set(address, inet6 ? 8 : 4);
  const host = new Uint8Array(NI_MAXHOST);
  const error = await libc.getnameinfo(
    sockaddr,
    sockaddr.length,
    host,
    host.length,
    null,
    0,
    NI_NAMEREQD,
  );
  return error === 0 ? untilNul(host) : undefined;
}

/**
 * The name of the network with these 4 bytes (`getnetbyaddr_r`). The C library asks
 * in a thread of its own.
 */
export async function networkName(
  network: Uint8Array,
): Promise<string | undefined> {
  const number = new DataView(network.buffer, network.byteOffset).getUint32(0);
  // struct netent starts with the name; its strings are in `strings`
  const entry = new Uint8Array(NETENT_SIZE);
  const strings = new Uint8Array(NETENT_STRINGS);
  const found = new BigUint64Array(1);
  const error = await libc.getnetbyaddr_r(
    number,
    AF_INET,
    entry,
    strings,
    BigInt(strings.length),
    new Uint8Array(found.buffer),
    new Uint8Array(4),
  );
  if (error !== 0 || found[0] === 0n) return undefined;
  return pointedString(Deno.UnsafePointer.of(entry)!, 0);
}

/**
 * Errors by which a database of names was not read, beside those by which there is no
 * such database or no server for it: EPERM, EIO, ENOMEM, ENFILE, EMFILE.
 */
const UNREAD = [1, 5, 12, 23, 24];

/** Asks a database of names. Gives `failed` the errno if it could not be read. */
export function ask<Answer>(
  question: () => Answer,
  failed: (errno: number) => void,
): Answer {
  threadErrno ??= errnoLocation();
  threadErrno[0] = 0;
  const answer = question();
  const error = threadErrno[0]!;
  if (UNREAD.includes(error)) failed(error);
  return answer;
}

/** A user's name (`getpwuid`). */
export function userName(uid: number): string | undefined {
  // struct passwd starts with the name
  const entry = libc.getpwuid(uid);
  return entry === null ? undefined : pointedString(entry, 0);
}

/** The name of a network interface (`if_indextoname`). */
export function interfaceName(index: number): string | undefined {
  const name = new Uint8Array(IF_NAMESIZE);
  return libc.if_indextoname(index, name) === null ? undefined : untilNul(name);
}

/** Whether nobody can read any more what is written to a pipe or a socket (`poll`). */
export function isAbandoned(descriptor: number): boolean {
  const pollfd = new Int32Array([descriptor, 0]);
  const found = libc.poll(new Uint8Array(pollfd.buffer), 1n, 0);
  return found > 0 && (pollfd[1]! >>> 16 & POLLERR) !== 0;
}

/**
 * Writes to a descriptor that may be non-blocking (`write`), waiting until it takes
 * something. Returns how many bytes it took, or the errno as a negative number.
 */
export function writeWaiting(
  descriptor: number,
  bytes: Uint8Array<ArrayBuffer>,
): number {
  const { write } = libc;
  for (;;) {
    const taken = write(descriptor, bytes, BigInt(bytes.length));
    if (taken >= 0) return taken;
    const errno = threadErrno![0]!;
    if (errno !== EAGAIN && errno !== EINTR) return -errno;
    // struct pollfd: descriptor, events, and what happened
    const pollfd = new Int32Array([descriptor, POLLOUT]);
    libc.poll(new Uint8Array(pollfd.buffer), 1n, -1);
  }
}

/**
 * Waits until there is something to read, or nobody any more who writes (`poll`), in a
 * thread of its own.
 */
export async function readable(descriptor: number): Promise<void> {
  const pollfd = new Int32Array([descriptor, POLLIN]);
  // a signal ends the call
  while (await libc.pollAside(new Uint8Array(pollfd.buffer), 1n, -1) < 1);
}

/** Calls `each` for every entry of the services database (`getservent`). */
export function eachService(
  each: (name: string, port: number, protocol: string) => void,
): void {
  const { setservent, getservent, endservent } = libc;
  setservent(0);
  for (let entry = getservent(); entry !== null; entry = getservent()) {
    // struct servent: name, aliases, port in network order, protocol
    const view = new Deno.UnsafePointerView(entry);
    const port = view.getUint8(16) << 8 | view.getUint8(17);
    each(pointedString(entry, 0), port, pointedString(entry, 24));
  }
  endservent();
}

/** Calls `each` for every entry of the protocols database (`getprotoent`). */
export function eachProtocol(
  each: (name: string, number: number) => void,
): void {
  const { setprotoent, getprotoent, endprotoent } = libc;
  setprotoent(0);
  for (let entry = getprotoent(); entry !== null; entry = getprotoent()) {
    // struct protoent: name, aliases, number
    const view = new Deno.UnsafePointerView(entry);
    each(pointedString(entry, 0), view.getInt32(16));
  }
  endprotoent();
}

const errorTexts = new Map<number, string>();

/** What the system calls an error (`strerror`). */
export function errorText(errno: number): string {
  let text = errorTexts.get(errno);
  if (text === undefined) {
    const found = libc.strerror(errno);
    text = found === null ? `errno ${errno}` : cString(found);
    errorTexts.set(errno, text);
  }
  return text;
}

/**
 * A datagram socket for ioctls on network interfaces (netdevice(7)). Returns the
 * errno as a negative number if there is none.
 */
export function openInterfaces(): number {
  const descriptor = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return descriptor < 0 ? -threadErrno![0]! : descriptor;
}

/**
 * A netlink socket that is asked about sockets (sock_diag(7)). Returns the errno as
 * a negative number if there is none.
 */
export function openSockDiag(): number {
  return openNetlink(NETLINK_SOCK_DIAG);
}

/**
 * A netlink socket that is asked about routes, interfaces and the like (rtnetlink(7)).
 * Returns the errno as a negative number if there is none.
 */
export function openRtnetlink(): number {
  const descriptor = openNetlink(NETLINK_ROUTE);
  if (descriptor >= 0) {
    // kernels before 4.20 do not know it, and look at less of a request
    const on = new Uint8Array(new Int32Array([1]).buffer);
    libc.setsockopt(descriptor, SOL_NETLINK, NETLINK_GET_STRICT_CHK, on, 4);
  }
  return descriptor;
}

function openNetlink(protocol: number): number {
  const type = SOCK_RAW | SOCK_CLOEXEC;
  const descriptor = libc.socket(AF_NETLINK, type, protocol);
  return descriptor < 0 ? -threadErrno![0]! : descriptor;
}

/** Sends a message (`send`). Returns its length, or the errno as a negative number. */
export function send(
  descriptor: number,
  bytes: Uint8Array<ArrayBuffer>,
): number {
  const length = BigInt(bytes.length);
  const sent = libc.send(descriptor, bytes, length, 0);
  return sent < 0 ? -threadErrno![0]! : sent;
}

/**
 * Has a netlink socket hear of what groups are told, with room for so many bytes of it,
 * or for as many as the system allows. Returns 0, or the errno as a negative number.
 */
export function joinGroups(
  descriptor: number,
  groups: readonly number[],
  room: number,
): number {
  const set = (level: number, option: number, value: number) => {
    const bytes = new Uint8Array(new Int32Array([value]).buffer);
    return libc.setsockopt(descriptor, level, option, bytes, bytes.length);
  };
  if (set(SOL_SOCKET, SO_RCVBUFFORCE, room) < 0) {
    set(SOL_SOCKET, SO_RCVBUF, room);
  }
  for (const group of groups) {
    if (set(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group) < 0) {
      return -threadErrno![0]!;
    }
  }
  return 0;
}

/**
 * Receives a message (`recv`), waiting for one unless it is to be there. Returns its
 * length, which is more than there is room for if it was cut, or the errno as a negative
 * number.
 */
export function receive(
  descriptor: number,
  bytes: Uint8Array<ArrayBuffer>,
  waits = true,
): number {
  const { recv } = libc;
  const flags = waits ? MSG_TRUNC : MSG_TRUNC | MSG_DONTWAIT;
  for (;;) {
    const most = BigInt(bytes.length);
    const got = recv(descriptor, bytes, most, flags);
    if (got >= 0) return got;
    const errno = threadErrno![0]!;
    if (errno !== EINTR) return -errno;
  }
}

/**
 * Receives the messages that are there, on another thread (`recvmmsg`): as many as there
 * are headers. Resolves to how many, negative if there is an error.
 */
export function receiveAside(
  descriptor: number,
  headers: Uint8Array<ArrayBuffer>,
  most: number,
): Promise<number> {
  const flags = MSG_TRUNC | MSG_DONTWAIT;
  return libc.recvmmsg(descriptor, headers, most, flags, null);
}

/**
 * The names in a folder, in the kernel's order, or the errno if not all of it can be
 * read.
 */
export function namesInFolder(path: string): string[] | number {
  const folder = openFolder(path);
  if (folder < 0) return -folder;
  const names: string[] = [];
  const decoder = new TextDecoder();
  const errno = eachName(folder, (bytes, start, end) => {
    names.push(decoder.decode(bytes.subarray(start, end)));
  });
  closeDescriptor(folder);
  return errno === 0 ? names : errno;
}

/** Entries of a folder, many at once: the kernel makes `struct linux_dirent64`. */
const entries = new Uint8Array(32 * 1024);

/**
 * Calls `each` for every entry of an open folder but `.` and `..`, from where it is
 * read, with where its name is. Returns 0, or the errno.
 */
export function eachName(
  folder: number,
  each: (bytes: Uint8Array, start: number, end: number) => void,
): number {
  for (;;) {
    const length = readFolder(folder, entries);
    if (length <= 0) return -length;
    let at = 0;
    while (at < length) {
      // the length at 16, the name at 19
      const start = at + 19;
      at += entries[at + 16]! | entries[at + 17]! << 8;
      let end = start;
      while (entries[end] !== 0) end++;
      const dots = entries[start] === DOT &&
        (end === start + 1 ||
          (end === start + 2 && entries[start + 1] === DOT));
      if (!dots) each(entries, start, end);
    }
  }
}

/** A folder in another one. */
export interface Folder {
  /** Its name, as a byte string. */
  readonly name: string;
  /** Its inode. */
  readonly inode: Long;
}

/** The type of a folder in `struct linux_dirent64`. */
const DT_DIR = 4;

/**
 * The folders in a folder of a file system that tells types, or the errno if not all of
 * it can be read. The path is a byte string.
 */
export function foldersIn(path: string): Folder[] | number {
  const folder = openNamed(cBytes(path));
  if (folder < 0) return -folder;
  const words = new DataView(entries.buffer);
  const folders: Folder[] = [];
  const errno = eachName(folder, (bytes, start, end) => {
    // the inode at 0, the type at 18, the name at 19
    if (bytes[start - 1] !== DT_DIR) return;
    const inode = words.getBigUint64(start - 19, true);
    folders.push({
      name: byteString(bytes, start, end),
      inode: inode <= Number.MAX_SAFE_INTEGER ? Number(inode) : inode,
    });
  });
  closeDescriptor(folder);
  return errno === 0 ? folders : errno;
}

/**
 * What kind of file system a path is in (`statfs`), by its magic number
 * (linux/magic.h), or the errno as a negative number. The path is a byte string.
 */
export function fileSystemOf(path: string): number {
  // struct statfs starts with the type
  const structure = new Uint8Array(256);
  if (libc.statfs(cBytes(path), structure) < 0) return -threadErrno![0]!;
  return new DataView(structure.buffer).getUint32(0, true);
}

/** A byte string as C has it. */
function cBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(`${text}\0`, (char) => char.charCodeAt(0));
}

/**
 * Opens a folder (`open`). Returns its descriptor, or the errno as a negative number.
 */
export function openFolder(path: string): number {
  return openNamed(new TextEncoder().encode(`${path}\0`));
}

/**
 * Opens a namespace where one is mounted. Somebody else may have put anything there
 * meanwhile, of which nothing is opened: a FIFO would be waited for. Returns its
 * descriptor, or the errno as a negative number; ENOENT of anything else.
 */
export function openNamespace(path: string): number {
  const found = openNamed(new TextEncoder().encode(`${path}\0`), O_PATH);
  if (found < 0) return found;
  // leads to the very file that was found
  const at = `/proc/self/fd/${found}`;
  const opened = fileSystemOf(at) === NSFS_MAGIC ? openFolder(at) : -ENOENT;
  closeDescriptor(found);
  return opened;
}

/** Opens the file of this name, which ends with a NUL. */
function openNamed(name: Uint8Array<ArrayBuffer>, flags = 0): number {
  const descriptor = libc.open(name, O_CLOEXEC | flags);
  return descriptor < 0 ? -threadErrno![0]! : descriptor;
}

/**
 * Reads entries of a folder (`getdents64`, which the C library has a function for
 * only since glibc 2.30). Returns how many bytes they take, 0 at the end, or the errno
 * as a negative number.
 */
function readFolder(
  descriptor: number,
  entries: Uint8Array<ArrayBuffer>,
): number {
  const length = BigInt(entries.length);
  const { syscall } = libc;
  const got = syscall(SYS_getdents64, descriptor, entries, length);
  return got < 0 ? -threadErrno![0]! : got;
}

/** Goes to a position in a folder (`lseek`). */
export function seekFolder(descriptor: number, position: number): void {
  libc.lseek(descriptor, BigInt(position), SEEK_SET);
}

/**
 * Reads a symbolic link in a folder (`readlinkat`), whose name ends with a NUL.
 * Returns its length, or the errno as a negative number.
 */
export function readLinkAt(
  folder: number,
  name: Uint8Array<ArrayBuffer>,
  link: Uint8Array<ArrayBuffer>,
): number {
  const length = libc.readlinkat(folder, name, link, link.length);
  return length < 0 ? -threadErrno![0]! : length;
}

/**
 * Calls `use` in another network namespace, that of an open file of nsfs. Returns what it
 * returns, or the errno if the namespace cannot be entered.
 *
 * Only this thread goes there (setns(2)). A thread that is begun meanwhile would stay
 * there for good, and look names up there. So `use` must not await, begin no call that
 * is `nonblocking`, and make no worker. A socket that it makes, and a file of `/proc/net`
 * that it opens, keep their namespace. If there is no way back, the program ends, since
 * all that it showed from then on would be another namespace's.
 */
export function inNamespace<Result>(
  namespace: number,
  use: () => Result,
): { readonly result: Result } | number {
  const way = wayBack ??= openFolder("/proc/thread-self/ns/net");
  if (way < 0) {
    wayBack = undefined;
    return -way;
  }
  const { setns } = libc;
  if (setns(namespace, CLONE_NEWNET) < 0) return threadErrno![0]!;
  try {
    return { result: use() };
  } finally {
    if (setns(way, CLONE_NEWNET) < 0) endOutside(threadErrno![0]!);
  }
}

/** This thread's own network namespace, as an open file. */
let wayBack: number | undefined;

/** Ends the program, which cannot go back to its own network namespace. */
function endOutside(errno: number): never {
  const message = "netstat: cannot go back to the own network namespace: " +
    `${errorText(errno)}\n`;
  writeWaiting(STDERR, new TextEncoder().encode(message));
  Deno.exit(1);
}

/** Closes a descriptor (`close`). */
export function closeDescriptor(descriptor: number): void {
  libc.close(descriptor);
}

/** Does an ioctl on a structure. Returns 0, or the errno. */
export function ioctl(
  descriptor: number,
  request: number,
  structure: Uint8Array<ArrayBuffer>,
): number {
  const { ioctl } = libc;
  return ioctl(descriptor, BigInt(request), structure) < 0
    ? threadErrno![0]!
    : 0;
}

/** Whether a signal is ignored, as by a program that `nohup` starts. */
export function isIgnored(signal: number): boolean {
  const now = new Uint8Array(SIGACTION_SIZE);
  libc.sigaction(signal, null, now);
  return new DataView(now.buffer).getBigUint64(0, true) === SIG_IGN;
}

/**
 * Has a signal do what it does unless a program handles it: end this one, or stop it.
 * Returns when it goes on.
 */
export function obey(signal: number): void {
  const now = new Uint8Array(SIGACTION_SIZE);
  // all zero: the default, with nothing blocked
  libc.sigaction(signal, new Uint8Array(SIGACTION_SIZE), now);
  libc.raise(signal);
  libc.sigaction(signal, now, null);
}

/** A buffer's address, for structures that point to it. */
export function addressOf(buffer: Uint8Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer));
}

/** The C string that the pointer at `offset` of a structure points to. */
function pointedString(
  structure: Deno.PointerObject,
  offset: number,
): string {
  const pointer = new Deno.UnsafePointerView(structure).getPointer(offset);
  return pointer === null ? "" : cString(pointer);
}

/** A C string as a byte string. */
function cString(pointer: Deno.PointerObject): string {
  const view = new Deno.UnsafePointerView(pointer);
  let text = "";
  for (let at = 0;; at++) {
    const byte = view.getUint8(at);
    if (byte === 0) return text;
    text += String.fromCharCode(byte);
  }
}
