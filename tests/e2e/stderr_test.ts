/**
 * A standard error that takes nothing: the listing goes on and ends as the
 * reference's does. Needs root.
 */

import { compare, makeWorld } from "./world.ts";

/** Runs what follows with a pipe for stderr that is full and not waited for. */
const FULL_PIPE = `import os, sys
end, full = os.pipe()
os.set_blocking(full, False)
for size in 65536, 1:
    try:
        while True: os.write(full, b"x" * size)
    except BlockingIOError: pass
os.dup2(full, 2)
os.set_inheritable(end, True)
os.execvp(sys.argv[1], sys.argv[1:])`;

/** Runs what follows with a pipe for stderr that nobody reads. */
const CLOSED_PIPE = 'exec 3> >(:); wait $!; exec "$@" 2>&3 3>&-';

/** Standard errors that take nothing, by what runs a program with them. */
const DEAF: readonly { name: string; through: readonly string[] }[] = [
  { name: "/dev/full", through: ["bash", "-c", 'exec "$@" 2>/dev/full', "-"] },
  { name: "closed", through: ["bash", "-c", 'exec "$@" 2>&-', "-"] },
  {
    name: "for reading only",
    through: ["bash", "-c", 'exec "$@" 2</dev/null', "-"],
  },
  {
    name: "a pipe that nobody reads, SIGPIPE ignored",
    through: ["bash", "-c", `trap '' PIPE; ${CLOSED_PIPE}`, "-"],
  },
  {
    name: "a pipe that nobody reads",
    through: ["bash", "-c", CLOSED_PIPE, "-"],
  },
  {
    name: "a full pipe, non-blocking",
    through: ["python3", "-c", FULL_PIPE],
  },
];

/** Arguments that make messages, with a listing or without. */
const NOISY = [
  "-anv",
  "-an",
  "-A ax25,inet -rn",
  "-rn6v",
  "-x -A foo",
  "--no-such-option",
  "-Z",
  "-r -i",
  "-s -A ipx",
];

Deno.test("what cannot be told is forgotten, and the listing goes on", async (t) => {
  const world = await makeWorld("--net", "sh", "-c", "echo ready; cat >&2");
  try {
    for (const { name, through } of DEAF) {
      await t.step(name, async () => {
        for (const args of NOISY) {
          await compare(world, args.split(" "), { through });
        }
      });
    }
  } finally {
    await world.end();
  }
});
