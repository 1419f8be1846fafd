/**
 * Runs programs and measures them. The clock stands around `posix_spawn` and
 * `wait4`, so that neither a shell nor an event loop is measured; CPU time is the
 * kernel's count for the process.
 *
 * @module
 */

const WRITE = 0o1;
const CREATE = 0o100;
const TRUNCATE = 0o1000;

const libc = Deno.dlopen("libc.so.6", {
  posix_spawn: {
    parameters: ["buffer", "buffer", "buffer", "pointer", "buffer", "buffer"],
    result: "i32",
  },
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_addopen: {
    parameters: ["buffer", "i32", "buffer", "i32", "u32"],
    result: "i32",
  },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  wait4: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32" },
}).symbols;

/** What a program is given besides its arguments. */
const ENVIRONMENT = [
  "LC_ALL=C",
  "TZ=UTC",
  "PATH=/usr/bin:/bin:/usr/sbin:/sbin",
];

/** How a run went. */
export interface Run {
  /** From the start to the end, in milliseconds. */
  readonly wall: number;
  /** User and system time, in milliseconds. */
  readonly cpu: number;
  /** The exit status; -1 if a signal ended it. */
  readonly exit: number;
}

/** Where a program writes to; nowhere unless given. */
export interface Outputs {
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Runs a program to its end. Its path comes first, then its arguments. */
export function spawn(
  command: readonly string[],
  { stdout = "/dev/null", stderr = "/dev/null" }: Outputs = {},
): Run {
  // posix_spawn_file_actions_t has 80 bytes
  const actions = new Uint8Array(128);
  check(libc.posix_spawn_file_actions_init(actions), "prepare");
  const flags = WRITE | CREATE | TRUNCATE;
  for (const [i, path] of ["/dev/null", stdout, stderr].entries()) {
    const how = i === 0 ? 0 : flags;
    check(
      libc.posix_spawn_file_actions_addopen(
        actions,
        i,
        cString(path),
        how,
        0o644,
      ),
      "prepare",
    );
  }
  const argv = command.map(cString);
  const envp = ENVIRONMENT.map(cString);
  const path = cString(command[0]!);
  const [args, environment] = [pointers(argv), pointers(envp)];
  const pid = new Int32Array(1);
  const status = new Int32Array(1);
  // struct rusage: user and system time, each in seconds and microseconds
  const usage = new BigInt64Array(18);

  const begin = performance.now();
  const error = libc.posix_spawn(
    bytesOf(pid),
    path,
    actions,
    null,
    args,
    environment,
  );
  check(error, `run ${command[0]}`);
  const waited = libc.wait4(pid[0]!, bytesOf(status), 0, bytesOf(usage));
  const wall = performance.now() - begin;

  libc.posix_spawn_file_actions_destroy(actions);
  if (waited !== pid[0]) throw new Error(`Cannot wait for ${command[0]}`);
  const [seconds, micros] = [usage[0]! + usage[2]!, usage[1]! + usage[3]!];
  const signal = status[0]! & 0x7f;
  return {
    wall,
    cpu: Number(seconds) * 1000 + Number(micros) / 1000,
    exit: signal === 0 ? status[0]! >> 8 & 0xff : -1,
  };
}

function check(errno: number, what: string): void {
  if (errno !== 0) throw new Error(`Cannot ${what}: errno ${errno}`);
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text + "\0");
}

/** The addresses of strings, and a null; the strings must be kept meanwhile. */
function pointers(
  strings: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  const addresses = strings.map((text) =>
    Deno.UnsafePointer.value(Deno.UnsafePointer.of(text))
  );
  return bytesOf(BigUint64Array.from([...addresses, 0n]));
}

function bytesOf(
  array:
    | Int32Array<ArrayBuffer>
    | BigInt64Array<ArrayBuffer>
    | BigUint64Array<
      ArrayBuffer
    >,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(array.buffer);
}
