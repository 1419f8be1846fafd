/**
 * JSON output: strings, and whole listings as an array and as lines.
 */

import assert from "node:assert/strict";
import { byteString } from "../core/contract/line.ts";
import { findFamily, loadFamilies } from "../core/views/registry.ts";
import { writeString } from "../render/spelling.ts";
import { loadCases, makeTree, type Result } from "./cases.ts";
import { collector, netstat } from "./program.ts";
import { withTree } from "./trees.ts";

type Row = Record<string, unknown>;

/** Byte strings, what JSON makes of them, and how it is spelled. */
const STRINGS: { name: string; input: string; want: string; text?: string }[] =
  [
    { name: "nothing", input: "", want: "", text: '""' },
    { name: "ASCII", input: "abc ~", want: "abc ~", text: '"abc ~"' },
    { name: "quotes", input: 'a"b"', want: 'a"b"', text: '"a\\"b\\""' },
    { name: "backslashes", input: "\\n\\", want: "\\n\\", text: '"\\\\n\\\\"' },
    { name: "a slash", input: "/run", want: "/run", text: '"/run"' },
    {
      name: "controls",
      input: String.fromCharCode(...Array(32).keys()),
      want: String.fromCharCode(...Array(32).keys()),
    },
    { name: "DEL", input: "a\x7f", want: "a\x7f", text: '"a\\u007f"' },
    { name: "é", input: "caf\xc3\xa9!", want: "café!", text: '"caf\xc3\xa9!"' },
    { name: "漢", input: "\xe6\xbc\xa2", want: "漢", text: '"\xe6\xbc\xa2"' },
    {
      name: "😀",
      input: "\xf0\x9f\x98\x80",
      want: "😀",
      text: '"\xf0\x9f\x98\x80"',
    },
    {
      name: "C1",
      input: "\xc2\x80\xc2\x9b",
      want: "\x80\x9b",
      text: '"\\u0080\\u009b"',
    },
    { name: "U+00A0", input: "\xc2\xa0", want: "\xa0", text: '"\xc2\xa0"' },
    {
      name: "no UTF-8",
      input: "caf\xe9",
      want: "caf\udce9",
      text: '"caf\\udce9"',
    },
    {
      name: "a lone C1 byte",
      input: "\x85",
      want: "\udc85",
      text: '"\\udc85"',
    },
    { name: "truncated", input: "\xe6\xbc", want: "\udce6\udcbc" },
    { name: "overlong", input: "\xc0\xaf", want: "\udcc0\udcaf" },
    { name: "a surrogate", input: "\xed\xa0\x80", want: "\udced\udca0\udc80" },
    { name: "mixed", input: "\xff\xc3\xa9\n\xff", want: "\udcffé\n\udcff" },
    {
      name: "long",
      input: "\xff".repeat(50_000),
      want: "\udcff".repeat(50_000),
    },
  ];

for (const { name, input, want, text } of STRINGS) {
  Deno.test(`writeString: ${name}`, () => {
    const written = collector();
    writeString(written.out, input);
    const got = written.text();
    assert.equal(JSON.parse(decode(got)), want);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(got, /[\x00-\x1f\x7f]/);
    if (text !== undefined) assert.equal(got, text);
  });
}

Deno.test("writeString: every byte, alone and after an ASCII one", () => {
  for (let byte = 0; byte < 256; byte++) {
    const written = collector();
    writeString(written.out, `a${String.fromCharCode(byte)}`);
    const code = byte < 0x80 ? byte : 0xdc00 + byte;
    const want = `a${String.fromCharCode(code)}`;
    assert.equal(JSON.parse(decode(written.text())), want);
  }
});

/** The third row of the case inet/tcp-all-columns, as it must be. */
const SSHD: Row = {
  family: "inet",
  proto: "tcp",
  recv_q: 0,
  send_q: 36,
  local_address: "192.168.1.10",
  local_host: null,
  local_port: 22,
  local_service: null,
  foreign_address: "192.168.1.77",
  foreign_host: null,
  foreign_port: 51514,
  foreign_service: null,
  state: "ESTABLISHED",
  state_num: 1,
  user: null,
  uid: 0,
  inode: 1003,
  program_name: "sshd: root@pts/0",
  pid: 2044,
  owners: [{
    pid: 2044,
    fd: 4,
    comm: null,
    cmdline: ["sshd: root@pts/0"],
    cmdline_length: 17,
    uid: null,
    user: null,
  }],
  timer: "keepalive",
  timer_num: 2,
  timer_ms: 15000,
  retransmits: 0,
  timeout: 0,
};

/** What is shown of that socket only where it is asked for. */
const RARE = {
  tcp_rto_us: 1_000_000,
  tcp_ato_us: null,
  tcp_quick_acks: 0,
  tcp_pingpong: false,
  tcp_snd_cwnd: 10,
  tcp_snd_ssthresh: 0,
  fastopen_queue_max: null,
  refcnt: 1,
  entry: 2,
};

Deno.test("--json: what few people want to know is shown if it is asked for", async () => {
  const keys = Object.keys(RARE).join();
  const { stdout } = await inCase(
    "inet/tcp-all-columns",
    ["-nta", "--json", "--columns", keys],
  );
  assert.deepEqual(rowsOf(stdout)[2], RARE);
  const all = await inCase(
    "inet/tcp-all-columns",
    ["-nta", "--json", "--columns", "@all"],
  );
  for (const [key, value] of Object.entries(RARE)) {
    assert.equal(rowsOf(all.stdout)[2]![key], value, key);
  }
});

Deno.test("--json: one array of rows with every column", async () => {
  const { stdout, stderr, exit } = await inCase(
    "inet/tcp-all-columns",
    ["-ntap", "--json"],
  );
  assert.equal(stderr, "");
  assert.equal(exit, 0);
  assert.equal(stdout.indexOf("\n"), stdout.length - 1, "one line");
  const rows = rowsOf(stdout);
  assert.equal(rows.length, 5);
  assert.deepEqual(rows[2], SSHD);
  assert.deepEqual(Object.keys(rows[2]!), Object.keys(SSHD), "in this order");
  assert.equal(rows[4]!.program_name, null);
  assert.equal(rows[4]!.pid, null);
  assert.deepEqual(rows[4]!.owners, []);
});

Deno.test("--ndjson: the same rows, one a line", async () => {
  const args = ["-ntap"];
  const array = await inCase("inet/tcp-all-columns", [...args, "--json"]);
  const lines = await inCase("inet/tcp-all-columns", [...args, "--ndjson"]);
  assert.equal(lines.exit, 0);
  assert.ok(lines.stdout.endsWith("}\n"));
  const rows = decode(lines.stdout).trimEnd().split("\n");
  assert.equal(rows.length, 5);
  assert.deepEqual(rows.map((row) => JSON.parse(row)), rowsOf(array.stdout));
});

Deno.test("--json: the columns do not depend on those of the text", async () => {
  const plain = await inCase("inet/tcp-all-columns", ["-nta", "--json"]);
  const much = await inCase("inet/tcp-all-columns", ["-ntaeoW", "--json"]);
  assert.equal(plain.stdout, much.stdout);
});

Deno.test("--json: owners only with -p, contexts only with -Z", async () => {
  const owner = ["program_name", "pid", "owners"];
  const name = "listing/selinux-all-columns";
  const cases = [
    { args: ["-nta"], absent: [...owner, "security_context"], present: [] },
    { args: ["-ntap"], absent: ["security_context"], present: owner },
    { args: ["-ntaZ"], absent: [], present: [...owner, "security_context"] },
  ];
  for (const { args, absent, present } of cases) {
    const { stdout } = await inCase(name, [...args, "--json"]);
    const rows = rowsOf(stdout);
    assert.ok(rows.length > 0);
    for (const row of rows) {
      for (const key of present) assert.ok(key in row, `${args} ${key}`);
      for (const key of absent) assert.ok(!(key in row), `${args} ${key}`);
    }
  }
  const { stdout } = await inCase(name, ["-ntaZ", "--json"]);
  assert.equal(
    rowsOf(stdout)[0]!.security_context,
    "system_u:system_r:sshd_t:s0-s0:c0.c1023",
  );
});

Deno.test("--json: rows have the keys of their family's columns", async () => {
  const families = await loadFamilies();
  const { stdout } = await inCase("listing/selinux-all-columns", [
    "-naZ",
    "--json",
  ]);
  const rows = rowsOf(stdout);
  assert.deepEqual(
    [...new Set(rows.map((row) => row.family))].sort(),
    ["inet", "unix"],
  );
  for (const row of rows) {
    const keys = Object.keys(row);
    assert.equal(keys[0], "family");
    const tables = findFamily(families, row.family as string)!.tables;
    const specs = tables.map(({ columns }) =>
      Object.keys(columns).filter((key) => !columns[key]!.rare).join()
    );
    assert.ok(specs.includes(keys.slice(1).join()), keys.join());
  }
});

Deno.test("--json: numbers beyond 2^53 are exact", async () => {
  const { stdout } = await inCase("inet/tcp-queues-large", ["-nt", "--json"]);
  assert.ok(stdout.includes('"recv_q":9223372036854775807,"send_q":-1,'));
  assert.ok(stdout.includes('"recv_q":2147483647,"send_q":999999999,'));
  assert.equal(rowsOf(stdout).length, 3);
});

Deno.test("--json: an empty listing is an empty array", async () => {
  for (const name of ["inet/tcp-empty-file", "inet/tcp-header-only"]) {
    assert.deepEqual(await inCase(name, ["-nt", "--json"]), {
      stdout: "[]\n",
      stderr: "",
      exit: 0,
    });
    assert.deepEqual(await inCase(name, ["-nt", "--ndjson"]), {
      stdout: "",
      stderr: "",
      exit: 0,
    });
  }
});

Deno.test("--json: a table that is missing is told, and the array is whole", async () => {
  for (const [format, stdout] of [["--json", "[]\n"], ["--ndjson", ""]]) {
    const got = await inCase("inet/tcp-missing", ["-t", format!]);
    assert.equal(got.stdout, stdout);
    assert.match(got.stderr, /^netstat: no support for `AF INET \(tcp\)' on/);
    assert.equal(got.exit, 1);
  }
});

Deno.test("--json: a malformed line is quoted with its number", async () => {
  const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    await Deno.mkdir(`${root}/proc/net`, { recursive: true });
    await Deno.writeTextFile(`${root}/proc/net/tcp`, 'header\n\n a"\x1b\n');
    assert.deepEqual(await netstat("--root", root, "-nt", "--json"), {
      stdout: "[]\n",
      stderr: 'Cannot parse /proc/net/tcp: line 2: ""\n' +
        'Cannot parse /proc/net/tcp: line 3: " a\\"\\u001b"\n',
      exit: 0,
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("--json: -p does not change the number of a line", async () => {
  const connection = "   0: 0100007F:0016 0100007F:C93A 01 00000000:00000000 " +
    "00:00000000 00000000     0        0 17\n";
  const file = `header\n${connection.repeat(3)}bad\n`;
  await withTree({ "proc/net/tcp": file }, async (root) => {
    for (const args of ["-ltn", "-ltnp"]) {
      const { stdout, stderr } = await netstat(
        `--root=${root}`,
        args,
        "--json",
      );
      assert.equal(stdout, "[]\n");
      assert.match(stderr, /^Cannot parse \/proc\/net\/tcp: line 5: "bad"$/m);
    }
  });
});

Deno.test("--json: the name of a section is spelled as any text", () => {
  const name = 'S"\x1b\x9b\xff\xc3\xa9';
  const long = "L".repeat(60_000);
  const file = [name, long].map((s) => `${s}: A\n${s}: 1\n`).join("");
  return withTree({ "proc/net/snmp": "" }, async (root) => {
    const bytes = Uint8Array.from(file, (c) => c.charCodeAt(0));
    await Deno.writeFile(`${root}/proc/net/snmp`, bytes);
    const { stdout } = await netstat(`--root=${root}`, "-s", "--json");
    assert.deepEqual(rowsOf(stdout).map((row) => row.section), [
      'S"\x1b\udc9b\udcffé',
      long,
    ]);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f]/);
  });
});

Deno.test("--json: paths keep every byte", async () => {
  const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
  const path = '@a b\t"\\\x7f\xff\xc3\xa9\x00z';
  try {
    await Deno.mkdir(`${root}/proc/net`, { recursive: true });
    const text = "Num RefCount Protocol Flags Type St Inode Path\n" +
      `0000000000000000: 00000002 00000000 00000000 0001 03 77 ${path}\n`;
    const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
    await Deno.writeFile(`${root}/proc/net/unix`, bytes);
    const { stdout } = await netstat("--root", root, "-x", "--json");
    const [row] = rowsOf(stdout);
    assert.equal(row!.path, '@a b\t"\\\x7f\udcffé\x00z');
    assert.equal(row!.inode, 77);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

/** Runs the program on the tree of a golden case. */
async function inCase(name: string, args: string[]): Promise<Result> {
  const golden = loadCases().find((c) => c.name === name);
  assert.ok(golden, name);
  const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    makeTree(golden, root);
    return await netstat("--root", root, ...args);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function rowsOf(stdout: string): Row[] {
  const rows = JSON.parse(decode(stdout));
  assert.ok(Array.isArray(rows));
  return rows;
}

/** The characters of a byte string, which must be UTF-8. */
function decode(text: string): string {
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  assert.equal(byteString(bytes), text);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
    .decode(bytes);
}
