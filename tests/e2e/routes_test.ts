/**
 * Real routes in a network namespace of their own, shown by the reference and by
 * the executable. Needs root.
 */

import assert from "node:assert/strict";
import type { Result } from "../cases.ts";
import { NETSTAT } from "./namespace.ts";
import { compare, look, makeWorld, type World } from "./world.ts";

const SCRIPT = new URL("routes_world.sh", import.meta.url).pathname;

// NET/ROM has two files; if both are missing, net-tools tells a reason of the second
// one that depends on how it wrote the first one's
const COMMANDS = [
  "-r",
  "-rn",
  "-re",
  "-rne",
  "-ree",
  "-rnee",
  "-rneee",
  "-rneeee",
  "-rN",
  "-rWv",
  "-rnW",
  "-r --numeric-hosts",
  "-r --numeric-ports",
  "-rnF",
  "-rnC",
  "-rnFC",
  "-r4",
  "-r6",
  "-rn6",
  "-rne6",
  "-rnee6",
  "-rN6",
  "-rnW6",
  "-rn6C",
  "-rn6FC",
  "-r64",
  "-rn -A inet,inet6,inet",
  "-rn -A inet,unix",
  "-rn --ax25",
  "-rn --rose",
  "-rn --ipx",
  "-rn --x25",
  "-rn --ddp",
  "-rn --ddp -6",
  "-rtuan",
  "-grn",
];

/** The routes have files of names of their own. */
const MOUNTS = { mounts: true };

/** A row of `--json`. */
type JsonRow = Record<string, unknown>;

async function jsonOf(world: World, ...args: string[]): Promise<JsonRow[]> {
  const { stdout, stderr, exit } = await look(world, NETSTAT, args, MOUNTS);
  assert.equal(stderr, "");
  assert.equal(exit, 0);
  return JSON.parse(stdout);
}

/** The rows of a text, as words. */
/** An address as the text has it. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}

function wordsOf({ stdout }: Result): string[][] {
  return stdout.split("\n").slice(2, -1).map((line) => line.split(/ +/));
}

Deno.test("live routes", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "routes-" });
  await Deno.chmod(folder, 0o755);
  const world = await makeWorld("--mount", "--net", "bash", SCRIPT, folder);
  try {
    for (const args of COMMANDS) {
      await t.step(`netstat ${args}`, async () => {
        await compare(world, args.split(" "), MOUNTS);
      });
    }

    await t.step("JSON of IPv4 has what the text has", async () => {
      const { ours } = await compare(world, ["-rnee"], MOUNTS);
      const rows = await jsonOf(world, "-rn", "--json");
      assert.deepEqual(
        rows.map((row) => {
          const rejects = `${row.flags}`.includes("!");
          const unless = (value: unknown) => rejects ? "-" : `${value}`;
          return [
            row.destination,
            unless(row.gateway),
            row.genmask,
            row.flags,
            `${Number(row.metric) | 0}`,
            unless(row.refcnt),
            `${row.use}`,
            unless(`${row.iface}`.slice(0, 6)),
            unless(row.mss),
            unless(row.window),
            unless(row.irtt),
          ];
        }),
        wordsOf(ours),
      );
      assert.ok(rows.length >= 15, `${rows.length} rows`);
      assert.ok(rows.some((row) => row.metric === 4278198272));
      assert.ok(rows.some((row) => row.iface === "wlx00c0ca123456"));
    });

    await t.step("JSON of IPv6 has what the text has", async () => {
      const { ours } = await compare(world, ["-rn6"], MOUNTS);
      const rows = await jsonOf(world, "-rn6", "--json");
      assert.deepEqual(
        rows.map((row) => [
          plain(`${row.destination}/${row.prefix_length}`),
          plain(`${row.gateway}`),
          row.flags,
          `${Number(row.metric) | 0}`,
          `${row.refcnt}`,
          `${row.use}`,
          row.iface,
        ]),
        wordsOf(ours),
      );
      assert.ok(rows.length >= 15, `${rows.length} rows`);
    });

    await t.step("JSON has names beside addresses", async () => {
      const rows = await jsonOf(world, "-r64", "--json");
      const pairs = rows.flatMap((row) => [
        [row.destination, row.destination_host],
        [row.gateway ?? row.gateway, row.gateway_host ?? row.gateway_host],
      ]);
      for (
        const want of [
          ["0.0.0.0", "default"],
          ["10.1.0.2", "router.example.net"],
          ["10.20.0.0", "remote-network-with-a-long-name"],
          ["2001:db8:1::2", "router6.example.net"],
        ]
      ) {
        assert.ok(pairs.some((pair) => `${pair}` === `${want}`), `${want}`);
      }
    });
  } finally {
    await world.end();
    await Deno.remove(folder, { recursive: true });
  }
});
