/**
 * A network namespace with sockets of many kinds. Needs root.
 *
 * @module
 */

import { makeWorld, type World } from "./world.ts";

const SOCKETS = new URL("sockets.ts", import.meta.url).pathname;

/** The program that holds the sockets. */
export interface Sockets extends World {
  /** Where its UNIX sockets are. */
  readonly folder: string;
  /** What the kernel could not make. */
  readonly lacks: string[];
}

/** Makes a namespace full of sockets (`sockets.ts`). */
export async function makeSockets(): Promise<Sockets> {
  const folder = await Deno.makeTempDir({ prefix: "live-" });
  await Deno.chmod(folder, 0o755);
  const world = await makeWorld(
    "--net",
    "sh",
    "-ec",
    'ip link set lo up; exec "$0" run -A "$@"',
    Deno.execPath(),
    SOCKETS,
    folder,
  );
  const lacks = world.said.trim().split(" ").slice(1)
    .map((word) => word.replace("without-", ""));
  return {
    ...world,
    folder,
    lacks,
    async end() {
      await world.end();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
