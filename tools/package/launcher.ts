/**
 * The program that packages put at `/usr/bin/netstat`: it runs the executable,
 * which is elsewhere, with its own arguments and environment, and is nothing else.
 *
 * Scanners for rootkits look through the file called `netstat`, and a JavaScript
 * engine contains all that they look for (docs/security.md). A shell script there
 * would be reported as well, by rkhunter; and a script never learns the name that it
 * was called by, which messages begin with.
 *
 * Less than 800 bytes of machine code are easier to have than a C compiler for two
 * machines. `objdump -d` shows them.
 *
 * @module
 */

/** How long a path the launcher has room for, in bytes, NUL included. */
export const PATH_ROOM = 256;

/** What is told, with the path behind it, if the executable cannot be run. */
const COMPLAINT = "netstat: Cannot run ";

const encoder = new TextEncoder();

/** Where the code finds its data, in bytes from the start of the file. */
interface Places {
  readonly code: number;
  readonly newline: number;
  readonly complaint: number;
  readonly path: number;
}

/** A machine that there are packages for. */
interface Machine {
  /** `e_machine` of ELF. */
  readonly elf: number;
  /** Not less than the size of any page. */
  readonly page: number;
  /** The whole program. */
  code(at: Places): Uint8Array;
}

/** AMD64; a system call destroys rax, rcx and r11. */
const X86_64: Machine = {
  elf: 62,
  page: 0x1000,
  code({ code, newline, complaint, path }) {
    const bytes: number[] = [];
    const add = (...more: number[]) => void bytes.push(...more);
    /** What is added to the address behind these four bytes. */
    const to = (place: number) =>
      add(...int32(place - (code + bytes.length + 4)));

    add(0x48, 0x8b, 0x04, 0x24); //             mov rax, [rsp]: argc
    add(0x48, 0x8d, 0x74, 0x24, 0x08); //       lea rsi, [rsp + 8]: argv
    add(0x48, 0x8d, 0x54, 0xc6, 0x08); //       lea rdx, [rsi + rax * 8 + 8]: envp
    add(0x48, 0x8d, 0x3d), to(path); //         lea rdi, [rip + path]
    add(0xb8, ...int32(59)); //                 mov eax, execve
    add(0x0f, 0x05); //                         syscall

    add(0x48, 0x8d, 0x35), to(complaint); //    lea rsi, [rip + complaint]
    add(0x31, 0xd2); //                         xor edx, edx
    add(0xff, 0xc2); //                     up: inc edx
    add(0x80, 0x3c, 0x16, 0x00); //             cmp byte [rsi + rdx], 0
    add(0x75, 0xf8); //                         jne up
    add(0xbf, ...int32(2)); //                  mov edi, stderr
    add(0xb8, ...int32(1)); //                  mov eax, write
    add(0x0f, 0x05); //                         syscall

    add(0x48, 0x8d, 0x35), to(newline); //      lea rsi, [rip + newline]
    add(0xba, ...int32(1)); //                  mov edx, 1
    add(0xb8, ...int32(1)); //                  mov eax, write
    add(0x0f, 0x05); //                         syscall

    add(0xbf, ...int32(127)); //                mov edi, 127
    add(0xb8, ...int32(60)); //                 mov eax, exit
    add(0x0f, 0x05); //                         syscall
    return Uint8Array.from(bytes);
  },
};

/** ARMv8; a system call destroys x0. */
const AARCH64: Machine = {
  elf: 183,
  page: 0x10000,
  code({ code, newline, complaint, path }) {
    const words: number[] = [];
    const add = (word: number) => void words.push(word);
    /** `mov xREGISTER, number` */
    const mov = (register: number, number: number) =>
      add(0xd2800000 | number << 5 | register);
    /** `adr xREGISTER, place` */
    const adr = (register: number, place: number) => {
      const offset = place - (code + words.length * 4);
      add(0x10000000 | (offset & 3) << 29 | offset >> 2 << 5 | register);
    };
    const svc = () => add(0xd4000001);

    add(0xf94003e0); //       ldr x0, [sp]: argc
    add(0x910023e1); //       add x1, sp, #8: argv
    add(0x8b000c22); //       add x2, x1, x0, lsl #3
    add(0x91002042); //       add x2, x2, #8: envp
    adr(0, path);
    mov(8, 221); //           execve
    svc();

    adr(1, complaint);
    mov(2, 0);
    add(0x91000442); //   up: add x2, x2, #1
    add(0x38626823); //       ldrb w3, [x1, x2]
    add(0x35ffffc3); //       cbnz w3, up
    mov(0, 2); //             stderr
    mov(8, 64); //            write
    svc();

    adr(1, newline);
    mov(0, 2);
    mov(2, 1);
    mov(8, 64);
    svc();

    mov(0, 127);
    mov(8, 93); //            exit
    svc();
    return Uint8Array.from(words.flatMap(int32));
  },
};

const MACHINES: Readonly<Record<string, Machine>> = {
  "x86_64": X86_64,
  "aarch64": AARCH64,
};

/** The bytes of a number, the lowest first. */
function int32(number: number): number[] {
  return [0, 8, 16, 24].map((shift) => number >> shift & 0xff);
}

/**
 * A launcher for this machine (`x86_64` or `aarch64`) that runs the executable at
 * this absolute path. The path is the end of the file, filled up with NULs to
 * {@linkcode PATH_ROOM}, so that an installer can put another one there.
 */
export function launcher(machine: string, executable: string): Uint8Array {
  const { elf, page, code } = MACHINES[machine]!;
  const path = encoder.encode(executable);
  if (path.length >= PATH_ROOM) {
    throw new RangeError(`${executable} is longer than ${PATH_ROOM - 1} bytes`);
  }

  const names = encoder.encode("\0.text\0.rodata\0.shstrtab\0");
  const headers = 64;
  const segments = 2 * 56;
  const sections = 4 * 64;
  const start = headers + segments + sections;
  const length = code({ code: 0, newline: 0, complaint: 0, path: 0 }).length;
  const strings = start + length;
  const newline = strings + names.length;
  const complaint = newline + 1;
  const places: Places = {
    code: start,
    newline,
    complaint,
    path: complaint + COMPLAINT.length,
  };
  const size = places.path + PATH_ROOM;

  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const put = (width: 2 | 4 | 8, ...values: number[]) => {
    for (const value of values) {
      if (width === 2) view.setUint16(at, value, true);
      if (width === 4) view.setUint32(at, value, true);
      if (width === 8) view.setBigUint64(at, BigInt(value), true);
      at += width;
    }
  };

  // 64 bits, little-endian, version 1; position-independent
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  at = 16;
  put(2, 3, elf);
  put(4, 1);
  put(8, start, headers, headers + segments);
  put(4, 0);
  put(2, headers, 56, 2, 64, 4, 3);

  // all of the file, to be read and run; a stack that cannot be run
  put(4, 1, 5);
  put(8, 0, 0, 0, size, size, page);
  put(4, 0x6474e551, 6);
  put(8, 0, 0, 0, 0, 0, 16);

  const section = (
    name: number,
    type: number,
    flags: number,
    from: number,
    to: number,
  ) => {
    put(4, name, type);
    put(8, flags, flags === 0 ? 0 : from, from, to - from);
    put(4, 0, 0);
    put(8, 1, 0);
  };
  section(0, 0, 0, 0, 0);
  section(1, 1, 6, start, strings); // .text
  section(7, 1, 2, newline, size); // .rodata
  section(15, 3, 0, strings, newline); // .shstrtab

  bytes.set(code(places), start);
  bytes.set(names, strings);
  bytes.set(encoder.encode(`\n${COMPLAINT}${executable}`), newline);
  return bytes;
}
