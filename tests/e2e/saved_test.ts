/**
 * What the kernel tells over netlink, asked of it and asked of a tree in which it was
 * saved. Needs root and `python3`.
 */

import assert from "node:assert/strict";
import { byteString } from "../../core/contract/line.ts";
import { differences, type Result } from "../cases.ts";
import { NETSTAT } from "./namespace.ts";
import { look, makeWorld, still, type World } from "./world.ts";

const RECORD = new URL("record.ts", import.meta.url).pathname;
const WORLDS: readonly (readonly string[])[] = [
  ["diag_world.py"],
  ["depth_world.py", "65534"],
];

/** Keys of what moves by itself: ages, and what is left of times. */
const MOVING: readonly string[] = [
  "age_at_least_ms",
  "busy_ratio",
  "idle_ms",
  "tcp_last_ack_recv_ms",
  "tcp_last_data_recv_ms",
  "tcp_last_data_sent_ms",
  "timer_ms",
];

/** Questions. */
const QUESTIONS: readonly (readonly string[])[] = [
  ["-tan", "--columns=@tcp", "--json"],
  ["-tan", "--columns=@default,@tcp,@memory,@backlog,@peer", "--json"],
  ["-tln", "--columns=@default,cookie", "--json"],
  ["-tn", "--columns=@default,cookie,shutdown", "--json"],
  ["-xan", "--columns=@default,@peer", "--json"],
  ["-xan", "--columns=@default,@memory,@backlog,socket_name,uid", "--json"],
  ["-xan", "--json"],
  ["-tan", "--where=tcp_snd_cwnd > 5", "--json"],
  ["-tan", "--where=state = LISTEN and accept_queue > 0", "--columns=@backlog"],
  ["-tanoe", "--where=tcp_snd_cwnd > 5"],
  ["-uan", "--columns=@memory"],
  ["-uan", "--columns=@default,@memory,@peer,shutdown", "--json"],
  ["-tlan", "--columns=@backlog"],
  ["-tan", "--where=mark = 42", "--columns=local_port,mark,cgroup_id"],
  ["-tan", "--count=state", "--sum=rmem_alloc,rcvbuf"],
  ["-tan", "--columns=local_port,rcvbuf,cookie", "--sort=-cookie", "--limit=5"],
  ["-wan", "--columns=@default,@memory", "--json"],
  ["-A", "packet", "-an", "--columns=@default,@memory,cookie", "--json"],
  ["-A", "netlink", "-an", "--columns=@default,@memory,multicast_groups"],
];

/** Said of names of UNIX sockets that look like rows. */
const LEFT_OUT = "netstat: /proc/net/unix: lines of sockets that are not in " +
  "/netlink/sock_diag/unix are left out\n";

/** Listings that files decide. */
const LISTINGS: readonly (readonly string[])[] = [
  ["-an"],
  ["-tanoe"],
  ["-xan"],
  ["-tan", "--json"],
  ["-uan", "--json"],
];

/** What differs between two results: keys of JSON, with both values, or lines of text. */
function different(
  live: Result,
  saved: Result,
  args: readonly string[],
): string[] {
  if (!args.includes("--json")) {
    const text = differences(still(live), still(saved), [...args]);
    return text === "" ? [] : [text];
  }
  const [rows, others] = [rowsOf(live), rowsOf(saved)];
  const found = rows.length === others.length
    ? []
    : [`${rows.length} and ${others.length} rows`];
  for (const [i, row] of rows.entries()) {
    for (const key of Object.keys({ ...row, ...others[i] })) {
      if (MOVING.includes(key)) continue;
      const [one, other] = [row[key], others[i]?.[key]].map((value) =>
        JSON.stringify(value)
      );
      if (one !== other) found.push(`${key} of row ${i}: ${one}, ${other}`);
    }
  }
  return found;
}

function rowsOf({ stdout }: Result): Record<string, unknown>[] {
  return JSON.parse(stdout);
}

/** Saves the network of a world, and its processes, in a new folder. */
async function save(world: World): Promise<string> {
  const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", RECORD, `${world.pid}`, root],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  for await (const { name } of Deno.readDir(`${root}/netlink/sock_diag`)) {
    const bytes = await Deno.readFile(`${root}/netlink/sock_diag/${name}`);
    assert.ok(!byteString(bytes).includes("a secret key"), name);
  }
  return root;
}

/** What the program says of a saved tree, out of the world. */
function ask(args: readonly string[]): Promise<Result> {
  return look({ pid: Deno.pid } as World, NETSTAT, args);
}

/** A question is asked so often until the kernel says the same twice. */
const ATTEMPTS = 5;

/** What is said of the world and, between two times, of its saved tree. */
async function both(
  world: World,
  question: readonly string[],
): Promise<{ live: Result; saved: Result }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const live = await look(world, NETSTAT, question);
    const root = await save(world);
    const saved = await ask([...question, `--root=${root}`]);
    await Deno.remove(root, { recursive: true });
    const again = await look(world, NETSTAT, question);
    if (different(live, again, question).length === 0) return { live, saved };
  }
  return assert.fail("the kernel does not say the same twice");
}

for (const [name, ...args] of WORLDS) {
  Deno.test(`saved: questions beside the kernel's answers: ${name}`, async (t) => {
    const folder = await Deno.makeTempDir({ prefix: "netstat-test-" });
    await Deno.chmod(folder, 0o777);
    const script = new URL(name!, import.meta.url).pathname;
    const world = await makeWorld("--net", "python3", script, folder, ...args);
    try {
      for (const question of QUESTIONS) {
        await t.step(question.join(" "), async () => {
          const { live, saved } = await both(world, question);
          assert.deepEqual(different(live, saved, question), []);
          assert.deepEqual([live.stderr, live.exit, saved.exit], ["", 0, 0]);
          const forged = name === "depth_world.py" &&
            question[0] === "-xan";
          assert.equal(saved.stderr, forged ? LEFT_OUT : "");
        });
      }
      await t.step("what files decide", async () => {
        const root = await save(world);
        const rooted = LISTINGS.map((words) => [...words, `--root=${root}`]);
        const before: Result[] = [];
        for (const words of rooted) before.push(await ask(words));
        await Deno.remove(`${root}/netlink`, { recursive: true });
        for (const [i, words] of rooted.entries()) {
          const after = await ask(words);
          assert.equal(differences(before[i]!, after, [...words]), "");
        }
        await Deno.remove(root, { recursive: true });
      });
    } finally {
      await world.end();
      await Deno.remove(folder, { recursive: true });
    }
  });
}
