/**
 * Host names from a DNS server of the test's own: both programs ask it, over
 * loopback in namespaces of their own. Needs root.
 */

import assert from "node:assert/strict";
import { byteString } from "../../core/contract/line.ts";
import { NETSTAT } from "./namespace.ts";
import { compare, look, makeWorld, type World } from "./world.ts";

const PROGRAM = new URL("names_world.ts", import.meta.url).pathname;

/** What never reaches a terminal. */
// deno-lint-ignore no-control-regex
const CONTROL = /\xc2[\x80-\x9f]|[\x00-\x09\x0b-\x1f\x7f]/;

/** Lends a world in which there are connections of these kinds. */
async function withNames(
  delay: number,
  kinds: string[],
  use: (world: World, queries: () => string[]) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "names-" });
  const world = await makeWorld(
    "--net",
    "--mount",
    Deno.execPath(),
    "run",
    "-A",
    PROGRAM,
    folder,
    `${delay}`,
    ...kinds,
  );
  const queries = () => {
    const text = Deno.readTextFileSync(`${folder}/queries`);
    Deno.truncateSync(`${folder}/queries`);
    return text.trim().split("\n");
  };
  try {
    await use(world, queries);
  } finally {
    await world.end();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Starts the executable in the world, and goes on. */
function start({ pid }: World, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command("nsenter", {
    args: ["--mount", "--net", `--target=${pid}`, NETSTAT, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the executable in the world. */
function netstat(world: World, ...args: string[]) {
  return look(world, NETSTAT, args, { mounts: true });
}

Deno.test("names are looked up together, each address once", async () => {
  await withNames(20, ["quick:60", "six:20"], async (world, queries) => {
    await compare(world, ["-t"], { mounts: true });
    queries();
    const { stdout } = await netstat(world, "-taW");
    assert.match(stdout, / host-59\.example:7000 /);
    assert.match(stdout, / six-19\.example:7000 /);

    const asked = queries().map((line) => line.split(" "));
    const atOnce = Math.max(...asked.map(([, open]) => Number(open)));
    assert.ok(atOnce > 16, `${atOnce} at once`);
    const names = asked.map(([name]) => name);
    // an address of IPv4 is another one where IPv6 maps it
    assert.equal(names.length, 2 * 60 + 20 + 1);

    await netstat(world, "-ta", "--numeric-hosts");
    await netstat(world, "-tan");
    assert.deepEqual(queries(), [""]);
  });
});

Deno.test("names of routes: gateways, and networks by DNS", async () => {
  await withNames(20, ["gateway:40"], async (world, queries) => {
    await compare(world, ["-r"], { mounts: true });
    queries();
    const { stdout } = await netstat(world, "-r");
    assert.match(stdout, /^10\.50\.39\.0 +gateway-39 /m);
    const open = queries().map((line) => Number(line.split(" ")[1]));
    assert.ok(Math.max(...open) > 16);
  });
});

Deno.test("a server that never answers costs one timeout", async (t) => {
  await withNames(1, ["quick:3", "never:150"], async (world) => {
    const numeric = await netstat(world, "-t", "--numeric-hosts");
    const limit = ["--resolve-timeout", "0.5"];

    await t.step("the rest is numeric, in order", async () => {
      const begin = performance.now();
      const { stdout, stderr, exit } = await netstat(world, "-t", ...limit);
      const seconds = (performance.now() - begin) / 1000;
      assert.ok(seconds < 4, `${seconds} s`);
      assert.equal(exit, 0);
      assert.equal(stderr, "");
      const rows = stdout.split("\n");
      const want = numeric.stdout.split("\n");
      assert.equal(rows.length, want.length);
      let named = 0;
      for (const [i, row] of rows.entries()) {
        if (row === want[i]) continue;
        assert.match(row, / (localhost|host-[0-2]\.example):/);
        assert.equal(row.slice(0, 19), want[i]!.slice(0, 19));
        named++;
      }
      assert.ok(named > 0);
    });

    await t.step("what is known is printed before the wait", async () => {
      const child = start(world, "-t", "--resolve-timeout=2000");
      const reader = child.stdout.getReader();
      const { value } = await reader.read();
      assert.match(byteString(value!), /^Active Internet .*\nProto /);

      // the end comes at once, whoever is still waited for
      const begin = performance.now();
      child.kill("SIGINT");
      const { signal } = await child.status;
      assert.equal(signal, "SIGINT");
      assert.ok(performance.now() - begin < 2000);
      await reader.cancel();
      await child.stderr.cancel();
    });

    await t.step("JSON has no names then", async () => {
      const { stdout } = await netstat(world, "-t", "--json", ...limit);
      const rows: Record<string, unknown>[] = JSON.parse(stdout);
      const never = rows.filter((row) =>
        `${row.foreign_address}`.includes("127.2.")
      );
      assert.equal(never.length, 150);
      assert.ok(never.every((row) => row.foreign_host === null));
    });

    await t.step("no time at all", async () => {
      const { stdout } = await netstat(world, "-t", "--resolve-timeout=0");
      const rows = (text: string) => text.split("\n").length;
      assert.equal(rows(stdout), rows(numeric.stdout));
    });
  });
});

Deno.test("JSON: users and services do not wait for hosts", async (t) => {
  await withNames(1, ["never:20"], async (world, queries) => {
    const files = 'echo "world 7000/tcp" >/etc/services; ' +
      // whoever asks as this file says finds nobody
      "sed -i 's/files$/nowhere/' /etc/nsswitch.conf";
    await look(world, "/bin/sh", ["-c", files], { mounts: true });
    queries();
    const rowsOf = async (...args: string[]) => {
      const begin = performance.now();
      const { stdout, stderr } = await netstat(world, "-t", "--json", ...args);
      assert.ok(performance.now() - begin < 4000);
      assert.equal(stderr, "");
      assert.deepEqual(queries(), [""]);
      const rows: Record<string, unknown>[] = JSON.parse(stdout);
      assert.equal(rows.length, 40);
      for (const { local_host, foreign_host } of rows) {
        assert.deepEqual([local_host, foreign_host], [null, null]);
      }
      return rows;
    };
    const valuesOf = (rows: Record<string, unknown>[], key: string) =>
      new Set(rows.map((row) => row[key]));

    await t.step("-n takes them from this machine's files", async () => {
      const rows = await rowsOf("-n");
      assert.deepEqual(valuesOf(rows, "user"), new Set(["root"]));
      for (const row of rows) {
        const services = [row.local_service, row.foreign_service];
        const ports = [row.local_port, row.foreign_port];
        const want = ports.map((port) => port === 7000 ? "world" : null);
        assert.deepEqual(services, want);
      }
    });

    await t.step("their own options leave them out", async () => {
      const users = await rowsOf("-n", "--numeric-users");
      assert.deepEqual(valuesOf(users, "user"), new Set([null]));
      assert.ok(valuesOf(users, "local_service").has("world"));
      const ports = await rowsOf("--numeric-ports", "-n");
      assert.deepEqual(valuesOf(ports, "user"), new Set(["root"]));
      assert.deepEqual(valuesOf(ports, "local_service"), new Set([null]));
    });

    await t.step("--numeric-hosts asks as nsswitch.conf says", async () => {
      const rows = await rowsOf("--numeric-hosts");
      assert.deepEqual(valuesOf(rows, "user"), new Set([null]));
      const files = "sed -i 's/nowhere/files/' /etc/nsswitch.conf";
      await look(world, "/bin/sh", ["-c", files], { mounts: true });
      const named = await rowsOf("--numeric-hosts");
      assert.deepEqual(valuesOf(named, "user"), new Set(["root"]));
      assert.ok(valuesOf(named, "local_service").has("world"));
    });

    await t.step("the text has numbers only", async () => {
      await compare(world, ["-ten"], { mounts: true });
    });

    await t.step("that hosts came too late is told", async () => {
      const limit = "--resolve-timeout=0.5";
      const { stdout, stderr } = await netstat(world, "-t", "--ndjson", limit);
      assert.match(stdout, /"foreign_host":null,.*"user":"root"/);
      assert.equal(
        stderr,
        "netstat: not all names came within 0.5 s: --numeric-hosts asks for " +
          "none, --resolve-timeout=SECONDS waits longer\n",
      );
    });

    await t.step(
      "where nothing is to be asked, there are numbers",
      async () => {
        const none = "sed -Ei 's/^(services|protocols|passwd):.*/\\1:/' " +
          "/etc/nsswitch.conf";
        await look(world, "/bin/sh", ["-c", none], { mounts: true });
        await compare(world, ["--numeric-hosts", "-te"], { mounts: true });
        await compare(world, ["--numeric-hosts", "-wa"], { mounts: true });
      },
    );
  });
});

Deno.test("-c shows names that came too late in a later round", async () => {
  await withNames(1, ["late:3"], async (world) => {
    const child = start(world, "-ct", "--resolve-timeout=0.2");
    const reader = child.stdout.getReader();
    let text = "";
    while (!text.includes(" late-2.example:7000 ")) {
      const { done, value } = await reader.read();
      assert.ok(!done);
      text += byteString(value);
    }
    child.kill("SIGTERM");
    await child.status;
    await reader.cancel();
    await child.stderr.cancel();
    const [, first, second] = text.split("Active Internet connections");
    assert.match(first!, / 127\.4\.0\.2:7000 /);
    assert.ok(second !== undefined);
  });
});

/** A family file whose rows have names. */
const PEERS = `export default ({ foreign }) => ({
  name: "peers",
  about: "The other ends of TCP connections",
  hidden: true,
  tables: [{
    name: "peers",
    sources: [{ path: "/proc/net/tcp", proto: "peers", rank: 1 }],
    frozen: { title: { text: () => "Peers", always: false } },
    columns: {
      peer: {
        cell: { header: "Peer", width: -20 },
        about: "Name or number.",
        kind: "string",
        needs: "names",
        value: (row, view) => view.names.host(row.address) ?? row.address.join("."),
      },
    },
    lineLimit: 8191,
    row: () => ({ address: new Uint8Array(4) }),
    parse(line, row) {
      const hex = /^ *\\d+: \\S+ ([0-9A-F]{8}):/.exec(line.text(line.start, line.end));
      if (!hex) return false;
      row.address = Uint8Array.fromHex(hex[1]).reverse();
      return true;
    },
    keep: (row) => row.address[0] !== 0,
  }],
});
`;

Deno.test("family files may ask for names, and wait for them", async () => {
  await withNames(1, ["quick:3", "never:3"], async (world) => {
    const file = await Deno.makeTempFile({ suffix: ".js" });
    await Deno.writeTextFile(file, PEERS);
    // longer than a thread may be silent
    const waiting = ["--family", file, "-A", "peers", "--resolve-timeout=6"];
    const { stdout, stderr, exit } = await netstat(world, ...waiting);
    await Deno.remove(file);
    assert.equal(stderr, "");
    assert.equal(exit, 0);
    for (let n = 0; n < 3; n++) {
      assert.match(stdout, new RegExp(`^host-${n}\\.example *$`, "m"));
      assert.match(stdout, new RegExp(`^127\\.2\\.0\\.${n} *$`, "m"));
    }
  });
});

Deno.test("names that a server made up to do harm", async (t) => {
  await withNames(1, ["hostile:15"], async (world) => {
    await t.step(
      "what the C library lets pass is the reference's",
      async () => {
        await compare(world, ["-tW"], { mounts: true });
      },
    );
    await t.step("no control byte gets through", async () => {
      for (const args of [["-tW"], ["-t", "--json"], ["-t", "--ndjson"]]) {
        const { stdout } = await netstat(world, ...args);
        assert.doesNotMatch(stdout, CONTROL);
        if (args.includes("--json")) JSON.parse(stdout);
      }
    });
  });
});

Deno.test("--resolve-timeout: what is no number of seconds", async () => {
  for (const value of ["", "x", "-1", "1e3", "1s", "99999999"]) {
    const { stdout, stderr, success } = await new Deno.Command(NETSTAT, {
      args: ["-r", `--resolve-timeout=${value}`],
    }).output();
    assert.ok(!success);
    assert.equal(stdout.length, 0);
    assert.equal(
      byteString(stderr),
      "netstat: --resolve-timeout needs a number of seconds, at most 2147483: " +
        `'${value}'\n`,
    );
  }
});
