/**
 * The recipes of docs/fleet.md, by the programs that they name: what stands in the
 * document is what is run. Needs root, `ansible-core`, `openssh-server`, `rsyslog`,
 * `sqlite3`, `systemd`, `prometheus` and `prometheus-node-exporter`.
 */

import assert from "node:assert/strict";
import { commandsOf } from "../documents.ts";
import { NETSTAT } from "./namespace.ts";
import { makeSystemd } from "./systemd.ts";
import { makeWorld, type World } from "./world.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const DOCUMENT = Deno.readTextFileSync(`${ROOT}docs/fleet.md`);
const METRICS = `${ROOT}tools/package/metrics`;

/** So long is waited for what must come, in milliseconds. */
const PATIENCE = 60_000;

/** The command of the document that begins so. */
function commandOf(start: string): string {
  const found = commandsOf(DOCUMENT)
    .filter(({ line }) => line.startsWith(start));
  assert.equal(found.length, 1, start);
  return found[0]!.line;
}

/** The only block of the document in a language. */
function blockOf(language: string): string {
  const found = [
    ...DOCUMENT.matchAll(
      new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"),
    ),
  ];
  assert.equal(found.length, 1, language);
  return found[0]![1]!;
}

async function waitFor<T>(
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    assert.ok(performance.now() < end, `${look}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function withFolder(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fleet-" });
  try {
    await Deno.chmod(folder, 0o755);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The lines of a file; none, if it is not there yet. */
async function linesOf(file: string): Promise<string[]> {
  const text = await Deno.readTextFile(file).catch(() => "");
  return text.split("\n").slice(0, -1);
}

/** A program's result. */
interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function decoded(
  output: Promise<Deno.CommandOutput>,
): Promise<Ran> {
  const { code, stdout, stderr } = await output;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs lines by bash in a folder, in the network of a world. */
function bash({ pid }: World, folder: string, lines: string): Promise<Ran> {
  return decoded(
    new Deno.Command("nsenter", {
      args: [
        ...["--net", "--mount", `--target=${pid}`, `--wd=${folder}`],
        ...["timeout", "60", "bash", "-c", lines],
      ],
      clearEnv: true,
      env: {
        PATH: `${folder}/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
        HOME: folder,
        HOSTNAME: "web1",
        LC_ALL: "C.UTF-8",
        ANSIBLE_SSH_ARGS: `-F ${folder}/ssh_config`,
      },
      stdin: "null",
    }).output(),
  );
}

Deno.test("Ansible: one command asks three hosts and puts their rows together", async (t) => {
  await withFolder(async (folder) => {
    const world = await makeWorld(
      ...["--net", "--mount", "--propagation", "private"],
      ...["bash", `${ROOT}tests/e2e/fleet_world.sh`, folder, NETSTAT],
    );
    const file = `${folder}/listen.ndjson`;
    const command = `set -o pipefail\n${commandOf("ansible ")}`;
    const rows = async () =>
      (await linesOf(file)).map((line) => JSON.parse(line)).sort((a, b) =>
        a.host < b.host || (a.host === b.host && a.local_port < b.local_port)
          ? -1
          : 1
      );
    const programs = [
      "db1 22 sshd:",
      "db1 5432 postgres",
      "web1 22 sshd:",
      "web1 80 nginx",
      "web1 443 nginx",
      "web2 22 sshd:",
      "web2 80 nginx",
      "web2 443 nginx",
      "web2 8000 python",
    ];
    const told = (all: Awaited<ReturnType<typeof rows>>) =>
      all.map(({ host, local_port, program_name }) =>
        `${host} ${local_port} ${program_name.split(" ")[0]}`
      );
    try {
      await t.step("all hosts", async () => {
        const { code, stdout, stderr } = await bash(world, folder, command);
        assert.equal(code, 0, stderr);
        assert.equal(stdout, "");
        assert.match(stderr, /^db1 \| CHANGED \| rc=0 >>$/m);
        const all = await rows();
        assert.deepEqual(told(all), programs);
        // what the document asks about is such a file
        const [shown] = await linesOf(`${ROOT}docs/fleet/listen.ndjson`);
        assert.deepEqual(Object.keys(JSON.parse(shown!)), Object.keys(all[0]));
      });
      await t.step("SQLite reads the file", async () => {
        await Deno.mkdir(`${folder}/docs/fleet`, { recursive: true });
        await Deno.copyFile(file, `${folder}/docs/fleet/listen.ndjson`);
        await Deno.copyFile(
          `${ROOT}docs/fleet/listen.sql`,
          `${folder}/docs/fleet/listen.sql`,
        );
        const asked = commandsOf(DOCUMENT)
          .filter(({ line }) => line.startsWith("sqlite3 "));
        assert.equal(asked.length, 2);
        for (const { line, output } of asked) {
          // the order of hosts in a row is the order in which they answered
          const { stdout } = await bash(world, folder, line);
          const sorted = (text: string) =>
            text.replaceAll(/\S+,\S+/g, (list) => list.split(",").sort().join())
              .replaceAll(/ +$/gm, "");
          assert.equal(sorted(stdout), sorted(output!));
        }
      });
      await t.step("what is wrong where", async () => {
        const checking = command.replace(
          /netstat .*?(?= --label)/,
          "netstat --check=exposed --ndjson",
        ).replace(/ --columns \S+(?=")/, "");
        const { stderr } = await bash(world, folder, checking);
        assert.match(stderr, /^web1 \| /m);
        const found = (await rows()).map(({ host, check, count }) =>
          `${host} ${check} ${count}`
        );
        assert.deepEqual(found, [
          "db1 exposed 2",
          "web1 exposed 3",
          "web2 exposed 4",
        ]);
      });
      await t.step("one host does not answer", async () => {
        const { code, stderr } = await bash(
          world,
          folder,
          `ip link set web2 down\n${command}`
            .replace("ansible ", "ansible --timeout 2 "),
        );
        assert.notEqual(code, 0);
        assert.match(stderr, /^web2 \| UNREACHABLE! /m);
        assert.deepEqual(
          told(await rows()),
          programs.filter((one) => !one.startsWith("web2")),
        );
      });
    } finally {
      await world.end();
    }
  });
});

Deno.test("docs/fleet.md: the statement is that of the file", async () => {
  const file = await Deno.readTextFile(`${ROOT}docs/fleet/listen.sql`);
  assert.equal(file.replaceAll(/^--.*\n/gm, ""), blockOf("sql"));
});

Deno.test("rsyslog: keeps the rows of a stream, and tells what changed", async () => {
  await withFolder(async (folder) => {
    const world = await makeWorld(
      ...["--net", "--mount", "--propagation", "private"],
      ...["bash", "-ec"],
      'ip link set lo up; mkdir "$0/bin"; ln -s "$1" "$0/bin/netstat"; ' +
        "echo ready; cat",
      ...[folder, NETSTAT],
    );
    const conf = blockOf("conf").replaceAll("/var/log/", `${folder}/`);
    await Deno.writeTextFile(`${folder}/rsyslog.conf`, conf);
    const command = commandOf("netstat -tlnp --watch")
      .replace("--watch=5", "--watch=0.2")
      .replace("logs.example", "127.0.0.1");
    const running = bash(
      world,
      folder,
      `rsyslogd -n -i $PWD/pid -f $PWD/rsyslog.conf &
logger=$!
until netstat -tln --no-header --where 'local_port = 10514' | grep -q .; do
  sleep 0.1
done
(${command}) &
stream=$!
until [ -e listen ]; do sleep 0.1; done
/usr/bin/python3 -c '
import pathlib, socket, time
held = socket.create_server(("127.0.0.1", 4433))
while not pathlib.Path("close").exists(): time.sleep(0.1)' &
wait $!
until [ -e end ]; do sleep 0.1; done
kill $logger
wait $stream`,
    );
    try {
      const changes = () => linesOf(`${folder}/netstat.log`);
      const has = (pattern: RegExp) => async () =>
        (await changes()).find((line) => pattern.test(line));
      await waitFor(has(/^\S+Z web1 added port 10514 rsyslogd$/));
      await Deno.writeTextFile(`${folder}/listen`, "");
      await waitFor(has(/^\S+Z web1 added port 4433 \S*python3$/));
      await Deno.writeTextFile(`${folder}/close`, "");
      await waitFor(has(/^\S+Z web1 removed port 4433 /));
      await Deno.writeTextFile(`${folder}/end`, "");
      // the stream ends with the connection
      const { code, stderr } = await running;
      assert.equal(stderr, "");
      assert.notEqual(code, 124, "it went on without one");
      const rows = (await linesOf(`${folder}/netstat.ndjson`))
        .map((line) => JSON.parse(line));
      assert.deepEqual(
        rows.filter(({ local_port }) => local_port === 4433)
          .map(({ change, host }) => `${change} ${host}`),
        ["added web1", "removed web1"],
      );
    } finally {
      for (const name of ["listen", "close", "end"]) {
        await Deno.writeTextFile(`${folder}/${name}`, "");
      }
      await running;
      await world.end();
    }
  });
});

const EXPORTER = 9100;
const PROMETHEUS = 9090;
/** Where nobody accepts. */
const FULL = 7080;

/** What prepares the machine that systemd runs on. */
const SETUP = `mount -t tmpfs none /var/lib/prometheus
mkdir /var/lib/prometheus/node-exporter
chmod 755 /var/lib/prometheus /var/lib/prometheus/node-exporter
mount --bind "${NETSTAT}" /usr/bin/netstat
[ ! -e /usr/sbin/policy-rc.d ] || mount --bind /bin/true /usr/sbin/policy-rc.d
cp "${METRICS}/textfile" /run/textfile
for unit in service timer; do
  sed 's|/usr/lib/netstat/|/run/|' "${METRICS}/netstat-metrics.$unit" \\
    >"/run/systemd/system/netstat-metrics.$unit"
done`;

/** A service of the machine's, that runs a command. */
function unit(command: string): string {
  return `[Unit]
DefaultDependencies=no
[Service]
ExecStart=${command}
`;
}

/** A listener that never accepts, and as many connections as the kernel takes. */
const BACKLOG = `
import socket, time
listener = socket.create_server(("127.0.0.1", ${FULL}), backlog=1)
held = []
for _ in range(4):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(("127.0.0.1", ${FULL}))
    held.append(client)
time.sleep(1e6)`;

const CONFIG = `global:
  scrape_interval: 1s
  evaluation_interval: 1s
rule_files: [/run/alerts.yml]
scrape_configs:
  - job_name: node
    static_configs: [{ targets: ["127.0.0.1:${EXPORTER}"] }]
`;

Deno.test("Prometheus: an alert fires where nobody accepts", async (t) => {
  const systemd = await makeSystemd(SETUP);
  const { bash } = systemd;
  const folder = "/var/lib/prometheus/node-exporter";
  /** What Prometheus answers. */
  const api = async (path: string) => {
    const text = await bash(
      'python3 -c "$1" "$2" 2>/dev/null || true',
      "import sys, urllib.request as r; " +
        "sys.stdout.buffer.write(r.urlopen(sys.argv[1]).read())",
      `http://127.0.0.1:${PROMETHEUS}/api/v1/${path}`,
    );
    return text === "" ? undefined : JSON.parse(text).data;
  };
  const start = async (name: string, command: string) => {
    await bash(
      'echo "$2" >/run/systemd/system/$1.service; systemctl start $1.service',
      name,
      unit(command),
    );
  };
  try {
    await t.step("the units are sound, and locked up", async () => {
      const said = await bash(
        "systemd-analyze verify --man=no " +
          "/run/systemd/system/netstat-metrics.* 2>&1",
      );
      assert.equal(said, "");
      const judged = await bash(
        "systemd-analyze security --offline=yes --threshold=20 " +
          "/run/systemd/system/netstat-metrics.service 2>&1",
      );
      assert.match(judged, /exposure level .*: \d\.\d (OK|SAFE)/);
    });
    await t.step("the service writes files, each whole", async () => {
      await Deno.writeTextFile(
        `/proc/${systemd.pid}/root/run/backlog.py`,
        BACKLOG,
      );
      await start("backlog", "/usr/bin/python3 /run/backlog.py");
      await bash("systemctl start netstat-metrics.service");
      const names = await bash(`ls -A ${folder}`);
      assert.deepEqual(names.trim().split("\n"), [
        "netstat-checks.prom",
        "netstat-counters.prom",
        "netstat-listen.prom",
        "netstat-states.prom",
      ]);
      const text = await bash(`cat ${folder}/netstat-listen.prom`);
      assert.match(text, /^netstat_sockets_accept_queue\{.*"7080"\} \d$/m);
      assert.match(text, /# EOF\n$/);
      const checks = await bash(`cat ${folder}/netstat-checks.prom`);
      assert.match(
        checks,
        /^netstat_check_status\{check="full-backlog"\} 2$/m,
      );
    });
    await t.step("what fails leaves the file as it was", async () => {
      const before = await bash(`stat -c %i:%Y ${folder}/*`);
      const status = await bash(
        "/run/textfile listen -tln --count nothing 2>/dev/null || echo $?",
      );
      assert.equal(status, "1\n");
      assert.equal(await bash(`stat -c %i:%Y ${folder}/*`), before);
    });
    await t.step("one more line, as the document has it", async () => {
      const line = blockOf("ini").replace("/usr/lib/netstat/", "/run/");
      await bash(
        `mkdir /run/systemd/system/netstat-metrics.service.d
echo "$1" >/run/systemd/system/netstat-metrics.service.d/override.conf
systemctl daemon-reload
systemctl start netstat-metrics.service`,
        line,
      );
      const text = await bash(`cat ${folder}/netstat-programs.prom`);
      assert.match(text, /\{program_name="python3",state="LISTEN"\} 1\n/);
      // without the rights that it adds
      await bash(
        `sed -i '/^Cap\\|^Protect/d' "$1"
systemctl daemon-reload
systemctl start netstat-metrics.service`,
        "/run/systemd/system/netstat-metrics.service.d/override.conf",
      );
      const less = await bash(`cat ${folder}/netstat-programs.prom`);
      assert.match(less, /\{state="LISTEN"\} 1\n/);
      assert.doesNotMatch(less, /program_name=/);
    });
    await t.step("the timer, and an alert", async () => {
      const rules = await Deno.readTextFile(`${ROOT}docs/fleet/alerts.yml`);
      await bash(
        `mkdir /run/systemd/system/netstat-metrics.timer.d
printf '[Timer]\\nOnCalendar=\\nOnCalendar=*:*:*\\nAccuracySec=0\\n' \\
  >/run/systemd/system/netstat-metrics.timer.d/often.conf
printf '[Service]\\n[Unit]\\nStartLimitIntervalSec=0\\n' \\
  >/run/systemd/system/netstat-metrics.service.d/often.conf
echo "$1" >/run/alerts.yml
echo "$2" >/run/prometheus.yml
rm ${folder}/*
systemctl daemon-reload
systemctl start netstat-metrics.timer`,
        rules.replaceAll(/\bfor: \d+m/g, "for: 1s"),
        CONFIG,
      );
      await start(
        "exporter",
        "/usr/bin/prometheus-node-exporter --collector.disable-defaults " +
          `--collector.textfile --collector.textfile.directory=${folder} ` +
          `--web.listen-address=127.0.0.1:${EXPORTER}`,
      );
      await start(
        "prometheus",
        "/usr/bin/prometheus --config.file=/run/prometheus.yml " +
          "--storage.tsdb.path=/run/data " +
          `--web.listen-address=127.0.0.1:${PROMETHEUS}`,
      );
      const alert = await waitFor(async () => {
        const found = (await api("alerts"))?.alerts
          .find(({ labels }: { labels: Record<string, string> }) =>
            labels.alertname === "AcceptQueueFull"
          );
        return found?.state === "firing" ? found : undefined;
      });
      assert.equal(alert.labels.local_port, `${FULL}`);
      assert.equal(alert.labels.severity, "critical");
      assert.equal(
        alert.annotations.summary,
        `127.0.0.1:${EXPORTER}: the program at port ${FULL} does not accept ` +
          "its connections, and more are turned away",
      );
      const bad = await api("query?query=node_textfile_scrape_error");
      assert.equal(bad.result[0].value[1], "0");
      // and not of those that are well
      const { alerts } = await api("alerts");
      const ports = alerts
        .filter(({ labels }: { labels: Record<string, string> }) =>
          labels.alertname === "AcceptQueueFull"
        )
        .map(({ labels }: { labels: Record<string, string> }) =>
          labels.local_port
        );
      assert.deepEqual(ports, [`${FULL}`]);
    });
    await t.step("it ends when the program is gone", async () => {
      await bash("systemctl stop backlog.service");
      await waitFor(async () =>
        (await api("alerts")).alerts
          .every(({ labels }: { labels: Record<string, string> }) =>
            labels.alertname !== "AcceptQueueFull"
          ) || undefined
      );
    });
    await t.step("the timer ends with the package", async () => {
      const isActive = () =>
        bash("systemctl is-active netstat-metrics.timer || true");
      await bash("systemctl start netstat-metrics.timer");
      assert.equal(await isActive(), "active\n");
      // that system need not have the folder that this project is in
      const script = await Deno.readTextFile(`${ROOT}tools/package/prerm`);
      await bash('DPKG_ROOT= sh -c "$1" prerm remove', script);
      assert.equal(await isActive(), "inactive\n");
    });
  } finally {
    await systemd.end();
  }
});

Deno.test("Prometheus: what alert rules say, by promtool", async () => {
  for (
    const args of [["check", "rules", "alerts.yml"], [
      "test",
      "rules",
      "alerts_test.yml",
    ]]
  ) {
    const { code, stderr } = await decoded(
      new Deno.Command("promtool", { args, cwd: `${ROOT}docs/fleet` }).output(),
    );
    assert.equal(code, 0, stderr);
  }
});

Deno.test("Prometheus: each alert has a test, and stands in the document", async () => {
  const rules = await Deno.readTextFile(`${ROOT}docs/fleet/alerts.yml`);
  const tests = await Deno.readTextFile(`${ROOT}docs/fleet/alerts_test.yml`);
  const names = Array.from(
    rules.matchAll(/- alert: (\w+)/g),
    ([, name]) => name!,
  );
  assert.ok(names.length > 3);
  const tabled = Array.from(
    DOCUMENT.matchAll(/^\| `([A-Z]\w+)` +\|/gm),
    ([, name]) => name!,
  );
  assert.deepEqual(tabled, names);
  for (const name of names) {
    assert.match(
      tests,
      new RegExp(
        `alertname: ${name}\n +eval_time: \\w+\n +exp_alerts:\n`,
      ),
    );
  }
});

Deno.test("--label: rows of family files have it", async () => {
  const listing = async (...label: string[]) => {
    const { code, stdout } = await decoded(
      new Deno.Command(NETSTAT, {
        args: [
          ...["--family", "docs/arp.ts", "--root", "docs/arp", "-A", "arp"],
          ...["-a", "--ndjson", ...label],
        ],
        cwd: ROOT,
      }).output(),
    );
    assert.equal(code, 0);
    return stdout;
  };
  const plain = await listing();
  assert.match(plain, /^\{"family":"arp",.*\n\{/);
  assert.equal(
    await listing("--label", "host=web1"),
    plain.replaceAll(/^\{/gm, '{"host":"web1",'),
  );
});
