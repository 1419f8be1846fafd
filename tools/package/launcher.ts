/**
 * The program that packages put at `/usr/bin/netstat`: launcher.c, compiled.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { compileC, type Machine } from "../engine/compile.ts";

/** How long a path the launcher has room for, in bytes, NUL included. */
export const PATH_ROOM = 256;

/**
 * A launcher for this machine that runs the executable at this absolute path. The
 * path is the end of the file, filled up with NULs to {@linkcode PATH_ROOM}, so that
 * an installer can put another one there.
 */
export async function launcher(
  machine: Machine,
  executable: string,
): Promise<Uint8Array> {
  const path = new TextEncoder().encode(executable);
  if (path.length >= PATH_ROOM) {
    throw new RangeError(`${executable} is longer than ${PATH_ROOM - 1} bytes`);
  }
  const script = fileURLToPath(new URL("launcher.ld", import.meta.url));
  const program = await compileC(new URL("launcher.c", import.meta.url), {
    machine,
    options: ["-fpie", "-static-pie", `-Wl,--script=${script}`],
    // without section headers the file ends as its only segment does
    copy: ["--strip-section-headers"],
  });
  const room = program.subarray(-PATH_ROOM);
  if (room.some((byte) => byte !== 0)) {
    throw new Error("launcher.c: the path is not at the end of the file");
  }
  room.set(path);
  return program;
}
