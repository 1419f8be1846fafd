/** `--label`: in front of every row, in every view and format; and what it cannot be. */

import assert from "node:assert/strict";
import { fromUtf8 } from "../core/contract/line.ts";
import { netstat } from "./program.ts";

const SERVER = new URL("../docs/server", import.meta.url).pathname;
const YESTERDAY = new URL("../docs/yesterday", import.meta.url).pathname;

/** What is printed about the server, without a complaint. */
async function printed(...args: string[]): Promise<string> {
  const { stdout, stderr, exit } = await netstat("--root", SERVER, ...args);
  assert.deepEqual([stderr, exit], ["", 0]);
  return stdout;
}

/** The first lines of what is printed. */
async function linesOf(count: number, ...args: string[]): Promise<string[]> {
  return (await printed(...args)).split("\n").slice(0, count);
}

const HOST = ["--label", "host=web1"];

/** What each view prints, in a format, as its first lines. */
const VIEWS: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly want: readonly string[];
}[] = [
  {
    name: "the text is a table",
    args: ["-tln", "--limit", "1"],
    want: [
      "host  proto  recv_q  send_q  local_address  local_port  " +
      "foreign_address  foreign_port  state",
      "web1  tcp         0       0  0.0.0.0                22  " +
      "0.0.0.0                     0  LISTEN",
    ],
  },
  {
    name: "columns",
    args: ["-tln", "--columns", "local_port,uid", "--limit", "1"],
    want: ["host  local_port  uid", "web1          22    0"],
  },
  {
    name: "it stands where it is named",
    args: ["-tln", "--columns", "local_port,host", "--limit", "1"],
    want: ["local_port  host", "        22  web1"],
  },
  {
    name: "the text of counters",
    args: ["-s", "--limit", "1"],
    want: [
      "host  family  section  counter     value  text",
      "web1  inet    Ip       Forwarding      2  -",
    ],
  },
  {
    name: "CSV",
    args: ["-rn", "--csv", "--columns", "destination,iface"],
    want: ["host,destination,iface", "web1,0.0.0.0,eth0"],
  },
  {
    name: "sums of no rows",
    args: ["-tan", "--sum", "recv_q", "--where", "local_port = 1"],
    want: ["host  recv_q", "web1       0"],
  },
  {
    name: "counted by another column",
    args: ["-tan", "--count", "state", "--csv"],
    want: ["host,state,count", "web1,LISTEN,5"],
  },
  {
    name: "counted by it",
    args: ["-tan", "--count", "host", "--csv"],
    want: ["host,count", "web1,12"],
  },
  {
    name: "counted, other columns",
    args: ["-tan", "--count", "state", "--columns", "count", "--csv"],
    want: ["host,count", "web1,5"],
  },
  {
    name: "--columns help",
    args: ["-tan", "--columns", "help", "--csv"],
    want: [
      "key,kind,unit,set,short,meaning",
      "host,string,,,,A label: the same in every row.",
    ],
  },
  {
    name: "several namespaces",
    args: [
      ...["-tln", "--netns", "staging", "--csv"],
      ...["--columns", "netns_name,local_port"],
    ],
    want: ["host,netns_name,local_port", "web1,staging,5432"],
  },
];

for (const { name, args, want } of VIEWS) {
  Deno.test(`--label: ${name}`, async () => {
    assert.deepEqual(await linesOf(want.length, ...args, ...HOST), want);
  });
}

/** One listing of each view. */
const LISTINGS = [["-tuan"], ["-rn"], ["-i"], ["-s"]];

Deno.test("--label: JSON is what it is without, behind it", async (t) => {
  for (const args of LISTINGS) {
    await t.step(args.join(" "), async () => {
      const plain = await printed(...args, "--ndjson");
      assert.notEqual(plain, "");
      assert.equal(
        await printed(...args, "--ndjson", ...HOST, "--label", "site="),
        plain.replaceAll(/^\{/gm, '{"host":"web1","site":"",'),
      );
    });
  }
});

Deno.test("--label: OpenMetrics has it in every sample", async (t) => {
  for (const args of [["-s"], ["-i"], ["-tan", "--count=state"]]) {
    await t.step(args.join(" "), async () => {
      const text = await printed(...args, "--openmetrics", ...HOST);
      const samples = text.split("\n").filter((line) => /^[^#]/.test(line));
      assert.ok(samples.length > 3);
      assert.deepEqual(
        samples.filter((line) => !/[{,]host="web1"[,}]/.test(line)),
        [],
      );
    });
  }
});

Deno.test("--label: a question can test it, and sort by it", async () => {
  const ports = (where: string) =>
    printed(
      ...["-tln", "--columns", "local_port", "--sort", "host,local_port"],
      ...["--no-header", ...HOST, "--where", where],
    );
  const all = await ports("host = web1 or local_port = 22");
  assert.deepEqual(
    all.trim().split(/\s+/),
    ["22", "22", "80", "443", "5432"].flatMap((port) => ["web1", port]),
  );
  assert.equal(await ports("host ~ ^web and host != web2"), all);
  // any text: a word that it is not is no mistake
  assert.equal(await ports("host = web2"), "");
});

Deno.test("--label: what is compared has it, and goes by other columns", async () => {
  const { stdout, exit } = await netstat(
    ...["--root", SERVER, "-tan", "--diff", YESTERDAY, "--ndjson", ...HOST],
    ...["--columns", "local_port,state"],
  );
  assert.equal(exit, 1);
  const rows = stdout.trim().split("\n");
  assert.equal(rows.length, 4);
  for (const row of rows) {
    assert.match(row, /^\{"change":"(added|removed|changed)","host":"web1",/);
  }
});

Deno.test("--label: any text, and no control byte reaches a terminal", async () => {
  const label = ["--label", 'a=\x1b[2J\n"é=,'];
  const columns = ["-tln", "--limit", "1", "--columns", "local_port"];
  const text = await printed(...columns, ...label, "--no-header");
  assert.equal(fromUtf8(text), '.[2J."é=,          22\n');
  const json = await printed(...columns, ...label, "--json");
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(json, /[\x00-\x09\x0b-\x1f]/);
  assert.deepEqual(JSON.parse(fromUtf8(json)), [
    { a: '\x1b[2J\n"é=,', local_port: 22 },
  ]);
  const counted = ["-tln", "--count", "state", "--openmetrics"];
  const metrics = await printed(...counted, ...label);
  assert.match(
    fromUtf8(metrics),
    /^netstat_sockets\{a="\\\\u001b\[2J\\n\\"é=,",state="LISTEN"\} 5$/m,
  );
  const csv = ["--csv", "--no-header", "--label", "a==1+1"];
  assert.equal(await printed(...columns, ...csv), '"\'=1+1",22\n');
});

Deno.test("--label: findings of checks have it, but for their text", async () => {
  const found = async (...args: string[]) => {
    const { stdout } = await netstat(
      ...["--root", SERVER, "--check=exposed", ...HOST, ...args],
    );
    return stdout;
  };
  assert.match(
    await found("--json"),
    /^\[\{"host":"web1","check":"exposed","severity":/,
  );
  assert.match(await found("--csv"), /^host,check,severity,.*\nweb1,exposed,/);
  assert.match(
    await found("--openmetrics"),
    /^netstat_check_status\{host="web1",check="exposed"\} \d$/m,
  );
  const text = await netstat("--root", SERVER, "--check=exposed", ...HOST);
  assert.equal(
    text.stderr,
    "netstat: --check has no columns in its text: add --ndjson, or take " +
      "--label out\n",
  );
  assert.equal(text.exit, 3);
});

/** What is refused, and why. */
const REFUSED: readonly [args: readonly string[], because: string][] = [
  [["--label", "web1"], "add =VALUE: host=web1"],
  [["--label", ""], "add =VALUE: host=web1"],
  [["--label", "=1"], "a key has small letters, digits and _: "],
  [["--label", "Host=1"], "a key has small letters, digits and _: "],
  [["--label", "a b=1"], "a key has small letters, digits and _: "],
  [["--label", "a__b=1"], "a key has small letters, digits and _: "],
  [["--label", "__proto__=1"], "a key has small letters, digits and _: "],
  [["--label", "é=1"], "a key has small letters, digits and _: "],
  [["--label", "state=1"], "state is a column here: take another key"],
  [["--label", "family=1"], "family is a column here: take another key"],
  [["--label", "netns=1"], "netns is a column here: take another key"],
  // of what only netlink tells as well, though nobody asks for it
  [
    ["--label", "cwnd=1", "--json"],
    "cwnd is short for the column tcp_snd_cwnd",
  ],
  [["-s", "--label", "section=1"], "section is a column here"],
  [["-r", "--label", "table=1"], "table is a column here"],
  [["-i", "--label", "mtu=1"], "mtu is a column here"],
  [["-i", "--label", "interface=1"], "OpenMetrics calls the column iface so"],
  [["--check", "--json", "--label", "severity=1"], "severity is a column here"],
  [["--check", "--json", "--label", "values=1"], "values is a column here"],
  [["--check", "--json", "--label", "status=1"], "status is a column here"],
  [["--label", "count=1"], "count has a meaning of its own"],
  [["--label", "change=1"], "change has a meaning of its own"],
  [["--label", "not=1"], "not has a meaning of its own"],
  [["--label", "a=1", "--label", "a=2"], "a has a value already"],
];

for (const [args, because] of REFUSED) {
  Deno.test(`--label: refused: ${args.join(" ")}`, async () => {
    const { stdout, stderr, exit } = await netstat("--root", SERVER, ...args);
    const status = args.includes("--check") ? 3 : 1;
    assert.deepEqual([stdout, exit], ["", status]);
    const [line, advice] = stderr.split("\n");
    const text = args.at(-1) === "--json" ? args.at(-2)! : args.at(-1)!;
    assert.equal(fromUtf8(line!), `netstat: --label: ${text}`);
    assert.match(advice!, /^ *\^ /);
    assert.ok(advice!.includes(`^ ${because}`), advice);
  });
}

Deno.test("--label: a column of another view is none of this one", async () => {
  const rows = await printed("-tln", "--label", "mtu=x", "--json");
  assert.equal(JSON.parse(rows)[0].mtu, "x");
});
