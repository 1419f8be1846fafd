/**
 * Real sockets in a network namespace of their own, shown by the reference and by
 * the executable. Needs root.
 */

import assert from "node:assert/strict";
import { NETSTAT, REFERENCE } from "./namespace.ts";
import { makeSockets } from "./sockets_world.ts";
import { compare, type Comparing, harmless, look, still } from "./world.ts";

const NOBODY = 65534;

const COMMANDS: readonly { args: string; uid?: number }[] = [
  { args: "-an" },
  { args: "-anp" },
  { args: "-anp", uid: NOBODY },
  { args: "-anee" },
  { args: "-ano" },
  { args: "-l" },
  { args: "-ln" },
  { args: "-tulpn" },
  { args: "-x -p" },
  { args: "-xap" },
  { args: "-an4" },
  { args: "-an6" },
  { args: "-anW" },
  { args: "-ae" },
  { args: "-at" },
  { args: "-au" },
  { args: "-anw" },
  { args: "-anU" },
  { args: "-antuwxpeoW" },
];

const LIVE: Comparing = { still, expected: harmless };

/** Sets that print well where they differ. */
function sorted(items: readonly (readonly unknown[])[]): string[] {
  return items.map((item) => JSON.stringify(item)).sort();
}

/** The columns that JSON is compared by, from the reference's text. */
function internetRows(text: string): unknown[][] {
  const rows: unknown[][] = [];
  for (const line of text.split("\n")) {
    if (!/^(tcp|udp|raw|udpl)/.test(line)) continue;
    const [, proto, local, foreign, state, pid] =
      /^(\S+) +\d+ +\d+ (\S+) +(\S+) +(?:([A-Z][A-Z_0-9]+|\d+) +)?(?:(\d+)\/.*|-) *$/
        .exec(line)!;
    rows.push([
      proto,
      ...split(local!),
      ...split(foreign!),
      // of raw sockets the text shows the number
      state === "7" ? null : state === "1" ? "ESTABLISHED" : state ?? null,
      pid === undefined ? null : Number(pid),
    ]);
  }
  return rows;
}

function split(address: string): [string, number] {
  const [, host, port] = /^(.*):(\d+|\*)$/.exec(address)!;
  return [host!, port === "*" ? 0 : Number(port)];
}

function unixRows(text: string): unknown[][] {
  return text.split("\n").filter((line) => line.startsWith("unix")).map(
    (line) => {
      const [, type, state, inode, pid] =
        /^unix +\d+ +\[ .*?\] +([A-Z]+) +([A-Z]+)? +(\d+) +(?:(\d+)\/|-)/
          .exec(line)!;
      return [type, state ?? null, Number(inode), pid ? Number(pid) : null];
    },
  );
}

/** A row of `--json`. */
type JsonRow = Record<string, unknown>;

function pick(rows: JsonRow[], keys: string[]): unknown[][] {
  return rows.map((row) => keys.map((key) => row[key]));
}

/**
 * `row` with its addresses as the text shows them: net-tools prints an IPv4
 * address mapped into IPv6 without the `::ffff:`.
 */
function asText(row: JsonRow): JsonRow {
  const plain = (address: unknown) => String(address).replace(/^::ffff:/, "");
  return {
    ...row,
    local_address: plain(row.local_address),
    foreign_address: plain(row.foreign_address),
  };
}

Deno.test("live sockets", async (t) => {
  const world = await makeSockets();
  const expect = (name: string) => !world.lacks.includes(name);
  try {
    await t.step("every state is there", async () => {
      const args = ["-anp"];
      const { stdout } = await look(world, REFERENCE, args);
      const want = [
        ...[
          "LISTEN",
          "ESTABLISHED",
          "SYN_SENT",
          "TIME_WAIT",
          "CLOSE_WAIT",
          "FIN_WAIT1",
          "FIN_WAIT2",
          "LAST_ACK",
        ].map((state) => new RegExp(`^tcp .* ${state} `, "m")),
        /^tcp6 .* LISTEN /m,
        /^tcp6 .* SYN_SENT /m,
        /^tcp +3 +0 127\.0\.0\.1:7001 .* LISTEN /m,
        /^tcp +0 +[1-9]\d* .* ESTABLISHED /m,
        /^tcp +[1-9]\d* +0 .* ESTABLISHED /m,
        /^udp +[1-9]\d* +0 0\.0\.0\.0:5000 /m,
        /^udp6 .* ESTABLISHED /m,
        /^raw .*:89 /m,
        /^raw6 .*:58 /m,
        /^unix .* DGRAM /m,
        /^unix .* SEQPACKET /m,
        /^unix .* @abstract/m,
        ...(expect("udplite") ? [/^udpl .*:6000 /m, /^udpl6 .*:6002 /m] : []),
      ];
      for (const row of want) assert.match(stdout, row);
    });

    for (const { args, uid } of COMMANDS) {
      const name = uid === undefined ? args : `${args} as ${uid}`;
      await t.step(name, async () => {
        await compare(world, args.split(" "), {
          ...LIVE,
          ...(uid === undefined ? {} : { uid }),
        });
      });
    }

    await t.step(
      "-p names a process for a listener that two share",
      async () => {
        const { ours } = await compare(world, ["-tlnp"], LIVE);
        assert.match(
          ours.stdout,
          /^tcp +0 +0 127\.0\.0\.1:9001 +0\.0\.0\.0:\* +LISTEN +\d+\/\S/m,
        );
      },
    );

    await t.step("--json -anp has the rows of the text", async () => {
      const ours = await look(world, NETSTAT, ["--json", "-anp"]);
      const reference = await look(world, REFERENCE, ["-anpW"]);
      assert.equal(ours.exit, 0);
      assert.equal(ours.stderr, "");
      const rows: JsonRow[] = JSON.parse(ours.stdout);
      const internet = rows.filter((row) => row.family !== "unix");
      assert.deepEqual(
        sorted(pick(internet.map(asText), [
          "proto",
          "local_address",
          "local_port",
          "foreign_address",
          "foreign_port",
          "state",
          "pid",
        ])),
        sorted(internetRows(reference.stdout)),
      );
      const wanted = unixRows(reference.stdout);
      const known = new Set(wanted.map(([, , inode]) => inode));
      const unix = rows.filter((row) => row.family === "unix");
      const own = unix.filter((row) => !known.has(row.inode as number));
      assert.ok(own.length <= 2 && own.every((row) => row.path === null));
      assert.deepEqual(
        sorted(pick(
          unix.filter((row) => !own.includes(row)),
          ["type", "state", "inode", "pid"],
        )),
        sorted(wanted),
      );
    });

    await t.step("control bytes: none in the text, all in JSON", async () => {
      for (const args of ["-anp", "-xa", "-anpeoW", "-lp"]) {
        const { stdout } = await look(world, NETSTAT, args.split(" "));
        assert.doesNotMatch(
          stdout,
          // deno-lint-ignore no-control-regex
          /[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/,
          args,
        );
      }
      const ours = await look(world, NETSTAT, ["--json", "-anp"]);
      const bytes = Uint8Array.from(ours.stdout, (c) => c.charCodeAt(0));
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
      const rows: JsonRow[] = JSON.parse(text);
      const paths = new Set(rows.map((row) => row.path));
      for (
        const path of [
          `${world.folder}/control-\x01\x07\x1b[31m\x7f-\u0085\u009b-end`,
          "@control-\x02\x1b]0;title\x07-end",
          `${world.folder}/tab\tvertical\vfeed\freturn\rend`,
          `${world.folder}/a path with  blanks `,
          "@an abstract name with blanks",
          `${world.folder}/Grüße–日本`,
          `${world.folder}/`.padEnd(107, "0123456789"),
        ]
      ) {
        assert.ok(paths.has(path), `no ${JSON.stringify(path)}`);
      }
    });
  } finally {
    await world.end();
  }
});
