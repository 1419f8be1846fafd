/**
 * Sockets over netlink, beside iproute2's `ss`: the same sockets, and the same numbers of
 * each. Needs root.
 */

import assert from "node:assert/strict";
import {
  memory,
  nameOf,
  type Row,
  ss,
  stateOf,
  still,
  tcpTokens,
} from "./ss.ts";
import { look, makeWorld, type World } from "./world.ts";

const LOOK = new URL("diag_look.ts", import.meta.url).pathname;
const WORLD = new URL("diag_world.py", import.meta.url).pathname;

/** What `diag_look.ts` says. */
async function ours(
  world: World,
  args: readonly string[],
  uid = 0,
): Promise<Row[]> {
  const { stdout, stderr, exit } = await look(
    world,
    Deno.execPath(),
    ["run", "-A", "--quiet", "--no-config", LOOK, ...args],
    { uid },
  );
  assert.deepEqual([stderr, exit], ["", 0]);
  return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

async function tcpIsTheSame(world: World): Promise<void> {
  const options = ["-tanieemoO"];
  const { lines, rows } = await still(world, options, async () => [
    ...await ours(world, ["rows", "tcp", "2"]),
    ...await ours(world, ["rows", "tcp", "10"]),
  ]);
  assert.equal(rows.length, lines.length);
  const states = new Set<unknown>();
  for (const row of rows) {
    const cookie = (row.cookie as number).toString(16);
    const line = lines.find((line) => line.includes(` sk:${cookie} `)) ??
      lines.find((line) => line.endsWith(` sk:${cookie}`));
    assert.ok(line !== undefined, `no socket ${cookie}`);
    const [state, received, sent, , , ...tokens] = line.split(/ +/);
    states.add(row.state);
    assert.equal(stateOf(row), state);
    assert.equal(`${row.recv_q}`, received);
    const most = row.accept_queue_max ?? row.send_q;
    assert.equal(`${most}`, sent);
    const want = tcpTokens(row);
    for (const token of want) {
      assert.ok(tokens.includes(token), `${token} is not in ${line}`);
    }
    // and nothing of that is left out
    const names = want.map(nameOf);
    for (const name of ["rtt", "cwnd", "mss", "skmem", "minrtt", "fwmark"]) {
      const told = tokens.some((token) => nameOf(token) === name);
      assert.equal(names.includes(name), told, `${name} in ${line}`);
    }
  }
  for (const state of ["LISTEN", "ESTABLISHED", "TIME_WAIT", "CLOSE"]) {
    assert.ok(states.has(state), `no ${state}`);
  }
  const queue = rows.find((row) => row.local_port === 22 && row.accept_queue);
  assert.deepEqual([queue?.accept_queue, queue?.accept_queue_max], [3, 5]);
  const device = rows.find((row) => row.local_port === 443);
  assert.equal(device?.iface, "lo");
}

/** Sockets whose cookies `ss` prints: it says as much of their memory. */
async function memoryIsTheSame(
  world: World,
  name: string,
  options: readonly string[],
  families: readonly string[],
): Promise<void> {
  const { lines, rows } = await still(world, options, async () => {
    const all: Row[] = [];
    for (const family of families) {
      all.push(...await ours(world, ["rows", name, family]));
    }
    return all;
  });
  assert.equal(rows.length, lines.length);
  assert.ok(rows.length > 1);
  for (const row of rows) {
    const cookie = (row.cookie as number).toString(16);
    const line = lines.find((line) => line.split(" ").includes(`sk:${cookie}`));
    assert.ok(line !== undefined, `no socket ${cookie}`);
    assert.ok(line.includes(`ino:${row.inode} `), line);
    assert.ok(line.includes(memory(row)), `${memory(row)} is not in ${line}`);
  }
}

/** UNIX sockets, which `ss` names by their inodes. */
async function unixIsTheSame(world: World): Promise<void> {
  const { lines, rows } = await still(
    world,
    ["-xanemO"],
    () => ours(world, ["rows", "unix"]),
  );
  assert.ok(lines.length > 5);
  for (const line of lines) {
    const [, received, sent, name, inode, peer, skmem, arrow] =
      / (\d+) +(\d+) +(\S.*?) +(\d+) +\S+ +(\d+) +(skmem:\S+) (\S+)/
        .exec(line)!;
    const row = rows.find((row) => inode === `${row.inode}`);
    assert.ok(row !== undefined, line);
    assert.equal(skmem, memory(row));
    assert.equal(row.path ?? "*", name);
    assert.equal(`${row.peer_inode ?? 0}`, peer);
    assert.equal(`${row.recv_q}`, received);
    assert.equal(`${row.accept_queue_max ?? row.send_q}`, sent);
    const arrows = ["<->", "-->", "<--", "---"];
    assert.equal(arrow, arrows[row.shutdown_num as number]);
  }
  const listening = rows.find((row) => row.accept_queue_max === 4);
  assert.equal(listening?.accept_queue, 1);
  assert.equal((listening?.pending_inodes as string[]).length, 1);
  assert.ok(rows.some((row) => row.socket_name === "\0a\0name\0"));
}

Deno.test("diag: beside ss", async (t) => {
  const world = await makeWorld("--net", "python3", WORLD);
  const lacks = world.said.trim().split(" ").slice(1);
  try {
    await t.step("tcp", () => tcpIsTheSame(world));
    await t.step(
      "udp",
      () => memoryIsTheSame(world, "udp", ["-uaneemO"], ["2", "10"]),
    );
    await t.step(
      "packet",
      () => memoryIsTheSame(world, "packet", ["-0aneemO"], ["17"]),
    );
    await t.step("mptcp", async () => {
      if (lacks.includes("mptcp")) {
        const [row] = await ours(world, ["rows", "mptcp", "2"]);
        assert.equal(row?.unknown, true);
      } else {
        const options = ["-ManieemO"];
        await memoryIsTheSame(world, "mptcp", options, ["2", "10"]);
        const rows = await ours(world, ["rows", "mptcp", "2"]);
        const lines = await ss(world, ...options);
        for (const { mptcp_token: token } of rows) {
          if (token === null) continue;
          const hex = (token as number).toString(16);
          assert.ok(lines.some((line) => line.includes(` token:${hex} `)));
        }
      }
    });
    await t.step("unix", () => unixIsTheSame(world));
    await t.step("netlink", async () => {
      const rows = await ours(world, ["rows", "netlink"]);
      const member = rows.find(({ multicast_groups: groups }) =>
        JSON.stringify(groups) === '["1","33"]'
      );
      assert.ok(member !== undefined);
      assert.equal(member.groups, 1);
      assert.equal(member.protocol_num, 0);
      // its own socket, over which it is asked
      assert.ok(rows.some(({ dump }) => dump === true));
    });
    await t.step("packet sockets and what they join", async () => {
      const rows = await ours(world, ["rows", "packet"]);
      const sniffer = rows.find((row) => row.protocol_num === 3);
      assert.equal(sniffer?.iface, "lo");
      assert.equal((sniffer?.memberships as unknown[]).length, 1);
    });

    await t.step("a field needs only the bits that it asks for", async () => {
      for (const name of ["tcp", "udp", "unix", "packet", "netlink"]) {
        const [last, ...less] = (await ours(world, ["fields", name])).reverse();
        assert.deepEqual(less, []);
        assert.ok(Number(last!.known) > 20, `${name}: ${last!.known}`);
      }
    });

    await t.step("filters that the kernel runs", async () => {
      const [told] = await ours(world, ["filters", "150"]);
      assert.deepEqual(told!.missing, []);
      assert.ok(Number(told!.chosen) > 500, `${told!.chosen}`);
      assert.ok(Number(told!.more) < Number(told!.chosen) / 2);
      assert.ok(Number(told!.unasked) > 10);
    });

    await t.step("a filter that only root may ask for", async () => {
      const [root] = await ours(world, ["mark"]);
      assert.ok(Number(root!.marked) >= 3);
      assert.ok(Number(root!.marked) < Number(root!.all));
      const [nobody] = await ours(world, ["mark"], 65534);
      assert.equal(nobody!.marked, nobody!.all);
      assert.equal(nobody!.all, root!.all);
    });

    await t.step("what only root is told", async () => {
      const marks = (rows: readonly Row[]) =>
        rows.filter((row) => row.mark === 42).length;
      assert.ok(marks(await ours(world, ["rows", "tcp"])) >= 3);
      assert.equal(marks(await ours(world, ["rows", "tcp"], 65534)), 0);
      const [packet] = await ours(world, ["rows", "packet"], 65534);
      assert.equal(packet!.filter_instructions, null);
    });

    await t.step("protocols that a kernel need not have", async () => {
      for (const name of ["sctp", "vsock", "smc", "tipc", "xdp"]) {
        for (const row of await ours(world, ["rows", name])) {
          assert.ok(row.failure === undefined || row.unknown === true, name);
        }
      }
    });
  } finally {
    await world.end();
  }
});
