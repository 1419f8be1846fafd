/** Questions as they are typed, about the server of the documents. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { netstat } from "./program.ts";

const SERVER = fileURLToPath(new URL("../docs/server", import.meta.url));

interface Question {
  readonly name: string;
  readonly args: readonly string[];
  readonly stdout: string;
}

const QUESTIONS: readonly Question[] = [
  {
    name: "--where leaves net-tools' text, with fewer rows",
    args: ["-tan", "--where", "state = LISTEN and local_port > 443"],
    stdout: `Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State      
tcp        0      0 127.0.0.1:5432          0.0.0.0:*               LISTEN     
`,
  },
  {
    name: "a row must fit each --where",
    args: ["-tn4", "--no-header", "--where=uid = 0", "--where=inode > 0"],
    stdout:
      "tcp        0      0 192.0.2.10:22           198.51.100.7:51514      ESTABLISHED\n",
  },
  {
    name: "--limit leaves it, too",
    args: ["-tan", "--limit", "1"],
    stdout: `Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State      
tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN     
`,
  },
  {
    name: "--columns and --sort",
    args: ["-tln", "--columns", "proto,local_port", "--sort", "-local_port"],
    stdout: `proto  local_port
tcp          5432
tcp6          443
tcp6           80
tcp            22
tcp6           22
`,
  },
  {
    name: "--count has the largest first",
    args: ["-tan", "--count", "state"],
    stdout: `state        count
LISTEN           5
ESTABLISHED      5
TIME_WAIT        1
CLOSE_WAIT       1
`,
  },
  {
    name: "--count and --sum",
    args: ["-tn", "--count=proto", "--sum=recv_q,send_q", "--sort=-recv_q"],
    stdout: `proto  count  recv_q  send_q
tcp6       4       1       0
tcp        3       0       0
`,
  },
  {
    name: "--sum by itself is of all rows",
    args: ["-tan", "--sum", "recv_q"],
    stdout: "recv_q\n     1\n",
  },
  {
    name: "a table without its header",
    args: ["-tan", "--count", "proto", "--no-header"],
    stdout: "tcp6       7\ntcp        5\n",
  },
  {
    name: "--csv",
    args: ["-rn", "--csv", "--columns", "destination,gateway,iface"],
    stdout: `destination,gateway,iface
0.0.0.0,192.0.2.1,eth0
192.0.2.0,0.0.0.0,eth0
`,
  },
  {
    name: "--csv=raw leaves formulas",
    args: [
      "-i",
      "--csv=raw",
      "--where",
      "iface = lo",
      "--columns",
      "iface,mtu",
    ],
    stdout: "iface,mtu\nlo,65536\n",
  },
  {
    name: "--json of these columns",
    args: ["-tn", "--json", "--columns", "local_port", "--limit", "2"],
    stdout: '[{"local_port":22},{"local_port":5432}]\n',
  },
  {
    name: "--openmetrics of counted rows",
    args: ["-tan", "--count", "state", "--limit", "1", "--openmetrics"],
    stdout: `# TYPE netstat_sockets gauge
# HELP netstat_sockets How many rows there are of these values.
netstat_sockets{state="LISTEN"} 5
# EOF
`,
  },
  {
    name: "--where of counters",
    args: ["-s", "--where", "counter = InSegs", "--columns", "section,value"],
    stdout: "section  value\nTcp         17\n",
  },
];

for (const { name, args, stdout } of QUESTIONS) {
  Deno.test(`questions: ${name}`, async () => {
    const answer = await netstat("--root", SERVER, ...args);
    assert.deepEqual(answer, { stdout, stderr: "", exit: 0 });
  });
}

Deno.test("questions: --columns=help lists the columns of the view", async () => {
  const lines = async (...args: string[]) => {
    const { stdout, stderr, exit } = await netstat(
      "--root",
      SERVER,
      ...args,
      "--columns=help",
    );
    assert.deepEqual({ stderr, exit }, { stderr: "", exit: 0 });
    return stdout.trimEnd().split("\n");
  };
  const [header, ...tcp] = await lines("-t");
  assert.match(header!, /^key +kind +unit +set +short +meaning$/);
  assert.ok(
    tcp.some((line) => /^pid +integer +- +@owner +- +Process id/.test(line)),
  );
  const routes = await lines("-r");
  assert.ok(
    routes.some((line) => /^gateway +address +- +- +- +Gateway/.test(line)),
  );
  assert.ok(!routes.some((line) => line.startsWith("pid ")));
  const [csv] = await lines("-r", "--csv");
  assert.equal(csv, "key,kind,unit,set,short,meaning");
});

const WRONG: readonly { readonly args: string[]; readonly stderr: string }[] = [
  {
    args: ["--where", "state = ESTABLISHD"],
    stderr: `netstat: --where: state = ESTABLISHD
                          ^ no such state; did you mean 'ESTABLISHED'? All: `,
  },
  {
    args: ["--count", "stat"],
    stderr: `netstat: --count: stat
                  ^ no column 'stat'; did you mean 'state'? `,
  },
  {
    args: ["--where", "state=LISTEN", "and", "local_port=22"],
    stderr: `netstat: --where: state=LISTEN and local_port=22
                               ^ this is an argument of its own: put single `,
  },
  {
    args: ["--where", "state", "=", "LISTEN"],
    stderr: `netstat: --where: state = LISTEN
                        ^ this is an argument of its own: put single `,
  },
  {
    args: ["--openmetrics"],
    stderr: "netstat: --openmetrics: ",
  },
];

for (const { args, stderr } of WRONG) {
  Deno.test(`questions: ${args.join(" ")} cannot be asked`, async () => {
    const answer = await netstat("--root", SERVER, "-tan", ...args);
    assert.ok(answer.stderr.startsWith(stderr), answer.stderr);
    assert.deepEqual({ ...answer, stderr: "" }, {
      stdout: "",
      stderr: "",
      exit: 1,
    });
  });
}
