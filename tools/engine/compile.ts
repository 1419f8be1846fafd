/**
 * Compiles C for the machines that there are packages for, by Debian's compilers
 * (`gcc-14`, `gcc-14-aarch64-linux-gnu`), without a C library.
 *
 * ```sh
 * ./denow task start
 * ```
 *
 * writes start.ts, the code of start.c.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** The machines, by the names that compilers and the kernel have for them. */
export const MACHINES = ["x86_64", "aarch64"] as const;

/** A machine. */
export type Machine = typeof MACHINES[number];

/** A compiler failed, or is not there; the message says what it said. */
export class CompileError extends Error {}

/** No bytes but those that the source asks for, and the same ones each time. */
const FLAGS = [
  ...["-std=c17", "-Wall", "-Wextra", "-Werror", "-Os"],
  ...["-ffreestanding", "-fno-stack-protector", "-fno-builtin"],
  ...["-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-fno-ident"],
  ...["-nostdlib", "-Wl,--build-id=none", "-Wl,-z,noexecstack"],
];

const OF_MACHINE: Readonly<Record<Machine, readonly string[]>> = {
  // no marks for jumps that nothing checks here
  x86_64: ["-fcf-protection=none"],
  // addresses that are right wherever the code is put
  aarch64: [
    "-mcmodel=tiny",
    "-mbranch-protection=none",
    "-mno-outline-atomics",
  ],
};

async function run(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args: [...args],
    env: { LC_ALL: "C" },
    stdout: "null",
    stderr: "piped",
  }).output().catch((error) => {
    throw new CompileError(
      `Cannot run ${program}: ${error.message} (apt-get install gcc-14 gcc-14-aarch64-linux-gnu)`,
    );
  });
  if (success) return;
  throw new CompileError(
    `${program} failed: ${new TextDecoder().decode(stderr).trim()}`,
  );
}

/** How a C file is made into a program. */
interface Compiling {
  readonly machine: Machine;
  /** More options for the compiler. */
  readonly options: readonly string[];
  /** What objcopy(1) makes of the program. */
  readonly copy: readonly string[];
}

/** Compiles a C file. Returns the program. */
export async function compileC(
  file: URL,
  { machine, options, copy }: Compiling,
): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir({ prefix: "netstat-c-" });
  try {
    const program = `${folder}/program`;
    await run(`${machine}-linux-gnu-gcc-14`, [
      ...FLAGS,
      ...OF_MACHINE[machine],
      ...options,
      "-o",
      program,
      fileURLToPath(file),
    ]);
    await run(`${machine}-linux-gnu-objcopy`, [...copy, program]);
    return await Deno.readFile(program);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The code of start.c, for a machine. */
async function compileStart(machine: Machine): Promise<Uint8Array> {
  const script = fileURLToPath(new URL("start.ld", import.meta.url));
  return await compileC(new URL("start.c", import.meta.url), {
    machine,
    options: ["-fpie", "-static", `-Wl,--script=${script}`],
    copy: ["--output-target=binary", "--only-section=.text"],
  });
}

/** The module start.ts. */
export async function startModule(): Promise<string> {
  let text = `/**
 * The code of start.c, which \`./denow task start\` compiled: not to be edited.
 *
 * @module
 */

/** The code by machine, in hexadecimal. */
export const START: Readonly<Record<string, string>> = {
`;
  for (const machine of MACHINES) {
    const hex = (await compileStart(machine)).toHex();
    const lines = hex.match(/.{1,56}/g)!.map((line) => `"${line}"`);
    text += `  ${machine}: ${lines.join(" +\n    ")},\n`;
  }
  return `${text}};\n`;
}

if (import.meta.main) {
  const path = new URL("start.ts", import.meta.url);
  await Deno.writeTextFile(path, await startModule());
}
