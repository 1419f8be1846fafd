/**
 * What Prometheus gets of OpenMetrics: by node_exporter, which reads files, and by a
 * server. Needs root, `prometheus` and `prometheus-node-exporter`.
 */

import assert from "node:assert/strict";
import {
  type Held,
  hold,
  inWorld,
  type Machine,
  netstat,
} from "./questions_world.ts";

/** Questions, and the files that their answers go to. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  sockets: ["-tan", "--count", "state,proto", "--sum", "recv_q"],
  owners: ["-xa", "--count", "program_name"],
  routes: ["-rn", "--count", "iface"],
  interfaces: ["-i"],
  counters: ["-s"],
};

/** What is asked of Prometheus, and its answer; undefined for any number over 0. */
const QUERIES: readonly [query: string, want: number | undefined][] = [
  ['netstat_sockets{state="ESTABLISHED", proto="tcp"}', 5],
  ['sum(netstat_sockets{state="ESTABLISHED"})', 8],
  ["sum(netstat_sockets_recv_q_bytes)", 106],
  ['sum(netstat_sockets{state!=""})', 12],
  ['netstat_sockets{program_name="nginx"}', 1],
  ['netstat_routes{interface="wg0"}', 2],
  ['netstat_interface_rx_drp_packets_total{interface="wg0"}', 3],
  ['netstat_listen_overflows_total{section="TcpExt"}', undefined],
  // with the one in CLOSE_WAIT
  ['netstat_curr_estab{section="Tcp"}', 9],
];

const EXPORTER = 9100;
const SERVER = 9101;
const PROMETHEUS = 9090;

/** So long is waited for numbers, in milliseconds. */
const PATIENCE = 60_000;

/** Serves all files at once, as OpenMetrics. */
const SERVE = (folder: string) => `
import http.server, pathlib, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.strip('/')
        self.send_response(200)
        self.send_header('Content-Type', 'application/openmetrics-text; version=1.0.0')
        self.end_headers()
        self.wfile.write(pathlib.Path('${folder}', name + '.prom').read_bytes())
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(('127.0.0.1', ${SERVER}), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
`;

const CONFIG = `global:
  scrape_interval: 1s
scrape_configs:
  - job_name: exporter
    static_configs: [{ targets: ["127.0.0.1:${EXPORTER}"] }]
${
  Object.keys(FILES).map((name) =>
    `  - job_name: ${name}
    metrics_path: /${name}
    static_configs: [{ targets: ["127.0.0.1:${SERVER}"] }]
`
  ).join("")
}`;

/** Starts a program in the machine's network. */
function start({ pid }: Machine, program: string, ...args: string[]): Held {
  const child = new Deno.Command("nsenter", {
    args: ["--net", `--target=${pid}`, program, ...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async end() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

/** What is at an address of the machine; undefined as long as nobody answers. */
async function get(
  { pid }: Machine,
  path: string,
  query: Record<string, string> = {},
): Promise<string | undefined> {
  const search = new URLSearchParams(query);
  const code = "import sys, urllib.request\n" +
    "sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())";
  const { success, stdout } = await new Deno.Command("nsenter", {
    args: [
      ...["--net", `--target=${pid}`, "python3", "-c", code],
      `http://127.0.0.1:${path}?${search}`,
    ],
    stderr: "null",
  }).output();
  return success ? new TextDecoder().decode(stdout) : undefined;
}

/** What Prometheus answers about what came by a job. */
async function answer(
  machine: Machine,
  query: string,
): Promise<string | undefined> {
  const path = `${PROMETHEUS}/api/v1/query`;
  const text = await get(machine, path, { query });
  return text && JSON.parse(text).data.result[0]?.value[1];
}

async function waitFor<T>(look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    assert.ok(performance.now() < end, `${look}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

Deno.test("Prometheus answers with our numbers", async (t) => {
  await inWorld(async (machine) => {
    const { folder } = machine;
    const metrics = `${folder}/metrics`;
    await Deno.mkdir(metrics);
    for (const [name, args] of Object.entries(FILES)) {
      const { stdout, stderr, exit } = await netstat(
        machine,
        [...args, "--openmetrics"],
      );
      assert.deepEqual([stderr, exit], ["", 0], name);
      await Deno.writeTextFile(`${metrics}/${name}.prom`, stdout);
    }
    await Deno.writeTextFile(`${folder}/prometheus.yml`, CONFIG);
    await Deno.mkdir(`${folder}/data`);
    const running = [
      start(
        machine,
        "prometheus-node-exporter",
        "--collector.disable-defaults",
        "--collector.textfile",
        `--collector.textfile.directory=${metrics}`,
        `--web.listen-address=127.0.0.1:${EXPORTER}`,
      ),
      await hold(machine, SERVE(metrics)),
      start(
        machine,
        "prometheus",
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${PROMETHEUS}`,
      ),
    ];
    try {
      await t.step("node_exporter reads all files", async () => {
        const text = await waitFor(() => get(machine, `${EXPORTER}/metrics`));
        assert.match(text, /^node_textfile_scrape_error 0$/m);
        for (const name of Object.keys(FILES)) {
          assert.ok(
            text.includes(`mtime_seconds{file="${metrics}/${name}.prom"`),
          );
        }
        assert.match(text, /^# HELP netstat_sockets How many rows /m);
      });
      for (const job of ["exporter", ""]) {
        for (const [query, want] of QUERIES) {
          await t.step(`${job || "server"}: ${query}`, async () => {
            const about = job === "" ? 'job!="exporter"' : `job="${job}"`;
            const whole = query.includes("{")
              ? query.replace("{", `{${about}, `)
              : query.replace(")", `{${about}})`);
            const got = Number(
              await waitFor(() => answer(machine, whole)),
            );
            if (want === undefined) assert.ok(got > 0, `${got}`);
            else assert.equal(got, want);
          });
        }
      }
      await t.step("every scrape was understood", async () => {
        const up = await answer(machine, "min(up)");
        assert.equal(up, "1");
        const jobs = await answer(machine, "count(up)");
        assert.equal(Number(jobs), 1 + Object.keys(FILES).length);
      });
      await t.step("types, units and sentences are known", async () => {
        const path = `${PROMETHEUS}/api/v1/targets/metadata`;
        const about = async (metric: string, job: string) => {
          const text = await get(machine, path, {
            metric,
            match_target: `{job="${job}"}`,
          });
          const [one] = JSON.parse(text!).data;
          return [one.type, one.unit];
        };
        assert.deepEqual(
          await about("netstat_sockets_recv_q_bytes", "sockets"),
          ["gauge", "bytes"],
        );
        assert.deepEqual(
          await about("netstat_interface_rx_drp_packets", "interfaces"),
          ["counter", "packets"],
        );
        assert.deepEqual(
          await about("netstat_listen_overflows", "counters"),
          ["counter", ""],
        );
      });
    } finally {
      for (const one of running) await one.end();
    }
  });
});
