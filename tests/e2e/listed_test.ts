/**
 * Sockets that files only count, as questions list them: beside iproute2's `ss`, and where
 * the kernel does not tell of them. Needs root, `python3` and `strace`.
 */

import assert from "node:assert/strict";
import { NETSTAT } from "./namespace.ts";
import { memory, type Row, ss, stateOf, still } from "./ss.ts";
import { look, type Looking, makeWorld, type World } from "./world.ts";

const WORLD = new URL("listed_world.py", import.meta.url).pathname;
const NOBODY = 65534;
const MPTCP = ["-A", "mptcp", "-an"];

/** What `listed_world.py` says. */
interface Facts {
  readonly pid: number;
  readonly lacks: readonly string[];
}

/** The rows of a question that has an answer. */
async function rowsOf(
  world: World,
  args: readonly string[],
  how: Looking = {},
): Promise<Row[]> {
  const { stdout, stderr, exit } = await look(
    world,
    NETSTAT,
    [...args, "--ndjson"],
    how,
  );
  assert.deepEqual([stderr, exit], ["", 0], args.join(" "));
  return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** The row of a line of `ss`, by the cookie in it. */
function rowFor(line: string, rows: readonly Row[]): Row {
  const [, cookie] = / sk:([0-9a-f]+) /.exec(line)!;
  const row = rows.find((row) => row.cookie === parseInt(cookie!, 16));
  assert.ok(row !== undefined, line);
  return row;
}

/** What `ss` prints of a connection, by the names that it has there. */
const NUMBERS: Readonly<Record<string, string>> = {
  subflows: "mptcp_subflows",
  subflows_max: "mptcp_subflows_max",
  subflows_total: "mptcp_subflows_total",
  write_seq: "mptcp_write_seq",
  snd_una: "mptcp_snd_una",
  rcv_nxt: "mptcp_rcv_nxt",
  local_addr_used: "mptcp_local_addr_used",
  bytes_sent: "mptcp_bytes_sent",
  bytes_received: "mptcp_bytes_received",
  bytes_acked: "mptcp_bytes_acked",
};

async function besideSs(world: World, { pid }: Facts): Promise<void> {
  const columns = "--columns=@default,@memory,@backlog,@tcp,cookie,pid";
  const { lines, rows } = await still(
    world,
    ["-ManeimO"],
    () => rowsOf(world, [...MPTCP, columns]),
  );
  // each way: a listener, two connections, one end accepted, one not
  assert.equal(lines.length, 10);
  assert.equal(rows.length, lines.length);
  for (const line of lines) {
    const row = rowFor(line, rows);
    const [state, received, sent, local, , ...tokens] = line.split(/ +/);
    assert.equal(stateOf(row), state);
    assert.equal(`${row.recv_q}`, received);
    assert.equal(`${row.accept_queue_max ?? row.send_q}`, sent);
    assert.ok(local!.endsWith(`:${row.local_port}`), line);
    assert.ok(tokens.includes(memory(row)), `${memory(row)}: ${line}`);
    assert.ok(tokens.includes(`ino:${row.inode}`), line);
    // nobody has what was not accepted
    assert.equal(row.pid, row.pending_accept ? null : pid);
    const told = new Map(tokens.map((token) => token.split(":", 2)) as [
      string,
      string,
    ][]);
    for (const [name, key] of Object.entries(NUMBERS)) {
      // it leaves out what is 0; large numbers are rounded where they are read here
      assert.equal(Number(told.get(name) ?? 0), row[key], `${name}: ${line}`);
    }
    const token = row.mptcp_token as number | null;
    assert.equal(told.get("token"), token?.toString(16));
  }
  const states = rows.map(({ state }) => state);
  assert.deepEqual(new Set(states), new Set(["LISTEN", "ESTABLISHED"]));
  assert.ok(rows.some((row) => row.mptcp_bytes_sent === 9));
  assert.equal(rows.filter((row) => row.pending_accept).length, 2);
  assert.ok(rows.some((row) => row.mptcp_subflows === 1), "no subflow joined");
}

/** Each subflow is a socket of TCP, with the token and the inode of its connection. */
async function subflowsAreTcp(world: World): Promise<void> {
  const rows = await rowsOf(world, [
    ...MPTCP,
    "--where=mptcp_token is not null and inode > 0",
    "--columns=mptcp_token,inode,mptcp_subflows_total",
  ]);
  const subflows = await rowsOf(world, [
    "-tan",
    "--columns=mptcp_token_local,inode",
  ]);
  assert.ok(rows.length > 3);
  for (const { mptcp_token, inode, mptcp_subflows_total } of rows) {
    const own = subflows.filter((row) => row.mptcp_token_local === mptcp_token);
    assert.equal(own.length, mptcp_subflows_total);
    assert.ok(own.every((row) => row.inode === inode));
  }
}

/** Questions, of which the kernel answers a part, and what says the same without it. */
const TESTS = [
  "state = LISTEN",
  "state != LISTEN and local_port = 7000",
  "local_address = ::1",
  "local_address in 127.0.0.0/8 and foreign_port > 0",
  "foreign_port in 1..65535",
  "proto = MPTCPv6",
  "state = TIME_WAIT",
];

async function sameChoice(world: World): Promise<void> {
  let chosen = 0;
  for (const test of TESTS) {
    const [helped, alone] = await Promise.all(
      [test, `not not (${test})`].map((where) =>
        rowsOf(world, [...MPTCP, `--where=${where}`, "--columns=cookie"])
      ),
    );
    assert.deepEqual(helped, alone, test);
    chosen += helped!.length;
  }
  assert.ok(chosen > 10, `${chosen}`);
}

/** Whether a command line makes netstat ask over netlink for sockets. */
async function asksNetlink(world: World, args: string[]): Promise<boolean> {
  const trace = await Deno.makeTempFile();
  await look(world, NETSTAT, args, {
    through: ["strace", "-f", "-qq", "-e", "trace=socket", "-o", trace],
  });
  const text = await Deno.readTextFile(trace);
  await Deno.remove(trace);
  return text.includes("NETLINK_SOCK_DIAG");
}

Deno.test("listed: beside ss", async (t) => {
  const world = await makeWorld("--net", "python3", WORLD);
  const facts: Facts = JSON.parse(world.said.replace("ready ", ""));
  const { lacks } = facts;
  try {
    await t.step({
      name: "MPTCP",
      ignore: lacks.includes("mptcp"),
      fn: async (t) => {
        await t.step("what ss tells", () => besideSs(world, facts));
        await t.step(
          "subflows are sockets of TCP",
          () => subflowsAreTcp(world),
        );
        await t.step("the kernel chooses as we do", () => sameChoice(world));

        await t.step("-l and neither", async () => {
          const states = async (...args: string[]) => {
            const rows = await rowsOf(world, [
              ...["-A", "mptcp", "-n", "--columns=state"],
              ...args,
            ]);
            return [...new Set(rows.map(({ state }) => state))];
          };
          assert.deepEqual(await states("-l"), ["LISTEN"]);
          assert.deepEqual(await states(), ["ESTABLISHED"]);
        });

        await t.step("text", async () => {
          const { stdout, stderr, exit } = await look(world, NETSTAT, [
            ...["-A", "mptcp", "-lnp", "--where=local_port = 7000"],
          ]);
          assert.deepEqual([stderr, exit], ["", 0]);
          const [title, header, ...lines] = stdout.trimEnd().split("\n");
          assert.equal(title, "Active Multipath TCP sockets");
          assert.match(header!, /^Proto +Recv-Q +Send-Q +Local Address +Port /);
          assert.deepEqual(
            lines.map((line) => line.trim().split(/ +/)),
            [
              [
                "MPTCP",
                "1",
                "0",
                "127.0.0.1",
                "7000",
                "0.0.0.0",
                "0",
                "LISTEN",
              ],
              ["MPTCPv6", "1", "0", "::1", "7000", "::", "0", "LISTEN"],
            ].map((cells) => [...cells, `${facts.pid}/python3`]),
          );
        });

        await t.step("a user without rights", async () => {
          const rows = await rowsOf(
            world,
            [...MPTCP, "--columns=cookie,local_port,mark,mptcp_token"],
            { uid: NOBODY },
          );
          const lines = await ss(world, "-Mane");
          assert.equal(rows.length, lines.length);
          for (const line of lines) {
            assert.equal(rowFor(`${line} `, rows).mark, null);
          }
        });
      },
    });

    for (const family of ["vsock", "tipc", "smc", "xdp"]) {
      await t.step(family, async () => {
        const { stdout, stderr, exit } = await look(world, NETSTAT, [
          ...["-A", family, "-a", "--columns=inode", "--no-header"],
        ]);
        if (exit === 0) {
          const lines = family === "smc" ? [] : await ss(world, `--${family}`);
          const rows = stdout.split("\n").filter(Boolean);
          if (family !== "smc") assert.equal(rows.length, lines.length);
          assert.equal(stderr, "");
        } else {
          const name = `AF ${family.toUpperCase()} (sock_diag)`;
          assert.equal(
            stderr,
            `netstat: no support for \`${name}' on this system.\n`,
          );
          assert.deepEqual([stdout, exit], ["", 1]);
        }
      });
    }

    await t.step("what files count", async () => {
      for (const family of ["mptcp", "vsock", "tipc", "smc", "xdp"]) {
        const rows = await rowsOf(world, ["-A", family]);
        const total = rows.reduce((n, row) => n + Number(row.sockets), 0);
        // of VM sockets a kernel may count none, however many there are
        if (family === "vsock") continue;
        assert.equal(total > 0, !lacks.includes(family), family);
      }
    });

    await t.step("net-tools' options ask nobody for more", async () => {
      // TCP is, which has another source
      const plain = ["-an", "--source=procfs"];
      for (const args of [["-A", "mptcp,vsock,tipc,smc,xdp"], plain]) {
        assert.equal(await asksNetlink(world, args), false, args.join(" "));
      }
      assert.equal(await asksNetlink(world, [...MPTCP, "--count=state"]), true);
    });
  } finally {
    await world.end();
  }
});
