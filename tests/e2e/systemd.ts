/**
 * A systemd of its own, in namespaces that a test makes, which runs programs as
 * services. Needs root and `systemd`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { byteString } from "../../core/contract/line.ts";
import { makeWorld } from "./world.ts";

/** How a service ended, and what it wrote. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** Its status, or the negative number of the signal that ended it. */
  readonly status: number;
}

/** A systemd. */
export interface Systemd {
  /** The process, as seen from outside. */
  readonly pid: number;
  /** Runs a command as a service with these settings, to its end. */
  run(
    settings: readonly string[],
    command: readonly string[],
  ): Promise<Ended>;
  /** Runs a script by bash where systemd runs; returns what it printed. */
  bash(script: string, ...args: string[]): Promise<string>;
  /** Ends it, and all that it has started. */
  end(): Promise<void>;
}

/**
 * Cgroups of its own, a `/run` of its own, and a target that starts nothing; then
 * `$1`, a part of a script; and systemd, which is the first process. What starts it
 * says that it is ready, and ends it when its standard input ends.
 */
const SETUP = `cgroups=$(mktemp -d)
mount -t cgroup2 none "$cgroups"
own=$cgroups/netstat-test-$$
mkdir "$own"
echo $$ >"$own/cgroup.procs"
umount -R /sys/fs/cgroup
mount -t tmpfs -o mode=755 none /run
mkdir -p /run/systemd/system /run/lock
printf '[Unit]\\nDefaultDependencies=no\\n' >/run/systemd/system/none.target
ip link set lo up
eval "$1"
coproc unshare --cgroup --pid --fork --kill-child --mount-proc bash -euc '
  mount -t cgroup2 none /sys/fs/cgroup
  exec /usr/lib/systemd/systemd --system --unit=none.target \\
    --log-target=console --log-level=err' >/dev/null 2>&1
inside() {
  pid=$(cat "/proc/$COPROC_PID/task/$COPROC_PID/children")
  nsenter --all --target="\${pid% }" "$@" >/dev/null 2>&1
}
until inside systemctl is-active --quiet none.target; do
  kill -0 "$COPROC_PID"
  sleep 0.1
done
echo "ready $pid"
cat >&2
echo $$ >"$cgroups/cgroup.procs"
echo 1 >"$own/cgroup.kill"
wait "$COPROC_PID" || true
until find "$own" -depth -type d -exec rmdir {} + 2>/dev/null; do sleep 0.1; done
umount "$cgroups"
rmdir "$cgroups"`;

/** Starts a systemd, after a part of a script has run where it will. */
export async function makeSystemd(setup: string): Promise<Systemd> {
  const { said, end } = await makeWorld(
    ...["--net", "--mount", "--propagation", "private"],
    ...["bash", "-euc", SETUP, "bash", setup],
  );
  const pid = Number(/^ready (\d+)/.exec(said)![1]);
  const bash = async (script: string, ...args: string[]) => {
    const { success, stdout, stderr } = await new Deno.Command("nsenter", {
      args: [
        ...["--all", `--target=${pid}`, "bash", "-euc", script, "bash"],
        ...args,
      ],
      clearEnv: true,
      env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" },
      stdin: "null",
    }).output();
    assert.ok(success, `${script}: ${new TextDecoder().decode(stderr)}`);
    return byteString(stdout);
  };
  let runs = 0;
  const run = async (
    settings: readonly string[],
    command: readonly string[],
  ) => {
    const name = `run-${++runs}`;
    const unit = `[Unit]
DefaultDependencies=no
StartLimitIntervalSec=0
[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=60
StandardOutput=file:/run/${name}.out
StandardError=file:/run/${name}.err
Environment=LC_ALL=C
ExecStart=${command.map((word) => JSON.stringify(word)).join(" ")}
${settings.join("\n")}
`;
    const show = await bash(
      `echo "$2" >/run/systemd/system/$1.service
systemctl start $1.service 2>/dev/null || true
systemctl show --property=ExecMainCode,ExecMainStatus $1.service
systemctl stop $1.service`,
      name,
      unit,
    );
    const number = (key: string) =>
      Number(new RegExp(`^${key}=(\\d+)$`, "m").exec(show)![1]);
    // CLD_EXITED is 1; else the status is a signal
    const status = number("ExecMainStatus");
    return {
      stdout: await bash(`cat /run/$1.out`, name),
      stderr: await bash(`cat /run/$1.err`, name),
      status: number("ExecMainCode") === 1 ? status : -status,
    };
  };
  return { pid, run, bash, end };
}
