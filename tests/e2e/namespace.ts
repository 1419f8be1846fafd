/**
 * Runs a program on the files of a golden case, mounted over `/proc`, `/sys` and
 * `/etc` in private namespaces. Needs root.
 *
 * @module
 */

import { byteString } from "../../core/contract/line.ts";
import type { Case, Result } from "../cases.ts";

const SCRIPT = new URL("case.sh", import.meta.url).pathname;

/** The compiled executable; the tests fail if it is not there. */
export const NETSTAT: string = Deno.env.get("NETSTAT") ??
  new URL("../../dist/netstat", import.meta.url).pathname;

/** The reference program, from Debian's net-tools. */
export const REFERENCE = "/usr/bin/netstat";

/** Nothing ends by itself later than this, in seconds. */
const GUARD = 60;

/** Runs a case. */
export async function runCase(golden: Case, program: string): Promise<Result> {
  const child = new Deno.Command("unshare", {
    args: [
      "--mount",
      "--net",
      "--uts",
      "bash",
      SCRIPT,
      golden.path,
      program,
      String(golden.uid),
      ...golden.args,
    ],
    clearEnv: true,
    env: {
      PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
      LC_ALL: "C",
      TZ: "UTC",
      ...golden.env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(
    () => child.kill("SIGTERM"),
    1000 * (golden.timeout ?? GUARD),
  );
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  return { stdout: byteString(stdout), stderr: byteString(stderr), exit: code };
}
