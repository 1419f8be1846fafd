/** Who talks to whom: what is drawn of which sockets, and in both languages the same. */

import assert from "node:assert/strict";
import type { Value, View } from "../core/contract/family.ts";
import { toUtf8 } from "../core/contract/line.ts";
import { NO_LAYOUT } from "../core/query/stage.ts";
import { Graph, type GraphOptions } from "../render/graph.ts";
import { grouped } from "../core/contract/grouped.ts";
import { legible } from "../render/picture.ts";
import { boxesOf, type Seen, seenInDot, seenInMermaid } from "./graphs.ts";
import { collector, netstat } from "./program.ts";
import { withTree } from "./trees.ts";

/** A socket: what its columns have. */
type Socket = Readonly<Record<string, Value>>;

type How = Partial<Pick<GraphOptions, "by" | "several" | "language">>;

/** What is written, and said, of these sockets. */
function write(
  sockets: readonly Socket[],
  { language = "dot", by, several = false }: How = {},
): { text: string; said: string[] } {
  const { out, text } = collector();
  const said: string[] = [];
  const graph = new Graph(out, {
    view: {} as View,
    warn: (message) => said.push(message),
    language,
    by,
    several,
  });
  const keys = new Set(sockets.flatMap(Object.keys));
  const shown = Array.from(keys, (key) => ({
    key,
    column: {
      kind: "string" as const,
      about: "",
      value: (row: Socket) => row[key] ?? null,
    },
  }));
  const isServer = ({ foreign_port, state }: Socket) =>
    foreign_port === 0 || state === "LISTENING";
  const sinks = [
    [graph.servers, sockets.filter(isServer)],
    [graph, sockets],
  ] as const;
  for (const [sink, rows] of sinks) {
    sink.begin({}, shown, NO_LAYOUT);
    for (const row of rows) assert.equal(sink.row(row), true);
    sink.end();
  }
  return { text: text(), said };
}

function draw(sockets: readonly Socket[], how: How = {}): Seen {
  const { text, said } = write(sockets, how);
  assert.deepEqual(said, []);
  return seenInDot(utf8(text));
}

function utf8(bytes: string): string {
  return new TextDecoder("utf-8", { fatal: true })
    .decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
}

let inode = 100;

/** A TCP socket between `ADDRESS PORT` and `ADDRESS PORT`, of a program. */
function tcp(
  program: string | null,
  local: string,
  foreign: string,
  more: Socket = {},
): Socket {
  const [local_address, local_port] = local.split(" ");
  const [foreign_address, foreign_port] = foreign.split(" ");
  return {
    proto: "tcp",
    inode: inode++,
    local_address: local_address!,
    local_port: Number(local_port),
    foreign_address: foreign_address!,
    foreign_port: Number(foreign_port),
    program_name: program,
    ...more,
  };
}

/** Who is at the other end. */
function peer(peer_program: string | null, peer_inode = 7): Socket {
  return { peer_program, peer_inode };
}

const ANY = "0.0.0.0 0";

const CASES: readonly {
  readonly name: string;
  readonly sockets: readonly Socket[];
  readonly how?: How;
  readonly boxes: readonly string[];
  readonly arrows?: readonly string[];
  readonly clusters?: readonly string[];
}[] = [
  { name: "nothing", sockets: [], boxes: [] },
  {
    name: "a server and its clients elsewhere",
    sockets: [
      tcp("nginx: master process", "0.0.0.0 443", ANY),
      tcp("nginx: worker process", "10.0.0.1 443", "10.0.0.9 5000"),
      tcp("nginx: worker process", "10.0.0.1 443", "10.0.0.9 5001"),
      tcp("nginx: worker process", "10.0.0.1 443", "10.0.0.8 5000"),
    ],
    boxes: ["10.0.0.8", "10.0.0.9", "nginx | tcp :443"],
    arrows: ["10.0.0.8 > nginx: tcp 443 ×1", "10.0.0.9 > nginx: tcp 443 ×2"],
  },
  {
    name: "a client, and the names of hosts and services",
    sockets: [
      tcp("curl", "10.0.0.1 5000", "10.0.0.9 443", {
        foreign_host: "web.example",
        foreign_service: "https",
        local_service: "five",
      }),
    ],
    boxes: ["curl", "web.example | 10.0.0.9"],
    arrows: ["curl > web.example: tcp https ×1"],
  },
  {
    name: "both ends of a connection on this machine are one arrow",
    sockets: [
      tcp("postgres: shop", "127.0.0.1 5432", "127.0.0.1 40000", peer("app")),
      tcp("postgres", "127.0.0.1 5432", ANY),
      tcp("app", "127.0.0.1 40000", "127.0.0.1 5432", peer("postgres: shop")),
    ],
    boxes: ["app", "postgres | tcp 127.0.0.1:5432"],
    arrows: ["app > postgres: tcp 5432 ×1"],
  },
  {
    name: "and so is one of which only one end fits the question",
    sockets: [
      tcp("postgres", "127.0.0.1 5432", ANY),
      tcp("app", "127.0.0.1 40000", "127.0.0.1 5432", peer("postgres")),
      tcp("app", "127.0.0.1 40001", "127.0.0.1 5432", peer("postgres")),
    ],
    boxes: ["app", "postgres | tcp 127.0.0.1:5432"],
    arrows: ["app > postgres: tcp 5432 ×2"],
  },
  {
    name: "IPv4 clients of a server for both protocols",
    sockets: [
      tcp("web", ":: 80", ":: 0", { proto: "tcp6" }),
      tcp("web", "0.0.0.0 80", ANY),
      tcp("web", "::ffff:10.0.0.1 80", "::ffff:10.0.0.9 5000", {
        proto: "tcp6",
      }),
      tcp("web", "::ffff:127.0.0.1 80", "::ffff:127.0.0.1 5000", {
        proto: "tcp6",
        ...peer("curl"),
      }),
      tcp("curl", "127.0.0.1 5000", "127.0.0.1 80", peer("web")),
      tcp("web", "fe80::1 80", "fe80::2 5000", { proto: "tcp6" }),
    ],
    boxes: ["10.0.0.9", "curl", "fe80::2", "web | tcp :80"],
    arrows: [
      "10.0.0.9 > web: tcp 80 ×1",
      "curl > web: tcp 80 ×1",
      "fe80::2 > web: tcp 80 ×1",
    ],
  },
  {
    name: "nobody knows who called where neither end listens, or both do",
    sockets: [
      tcp("one", "127.0.0.1 5000", "127.0.0.1 6000", peer("other")),
      tcp("a", "0.0.0.0 70", ANY),
      tcp("b", "0.0.0.0 71", ANY),
      tcp("b", "127.0.0.1 71", "127.0.0.1 70", peer("a")),
    ],
    boxes: ["a | tcp :70", "b | tcp :71", "one", "other"],
    arrows: ["a - b: tcp ×1", "one - other: tcp ×1"],
  },
  {
    name: "a port of one address does not listen on another",
    sockets: [
      tcp("a", "10.0.0.1 70", ANY),
      tcp("a", "10.0.0.2 70", "10.0.0.9 443"),
    ],
    boxes: ["10.0.0.9", "a | tcp 10.0.0.1:70"],
    arrows: ["a > 10.0.0.9: tcp 443 ×1"],
  },
  {
    name: "sockets of nobody, and of somebody who could not be seen",
    sockets: [
      tcp(null, "0.0.0.0 22", ANY),
      tcp(null, "10.0.0.1 22", "10.0.0.9 5000"),
      tcp(null, "10.0.0.1 22", "10.0.0.9 5001", { inode: 0 }),
      tcp("ssh", "127.0.0.1 5000", "127.0.0.1 22", peer(null)),
      tcp("ssh", "127.0.0.1 5001", "127.0.0.1 22", peer(null, 0)),
    ],
    boxes: [
      "10.0.0.9",
      "connections of no process",
      "ssh",
      "unknown owner | tcp :22",
    ],
    arrows: [
      "10.0.0.9 > connections of no process: tcp 22 ×1",
      "10.0.0.9 > unknown owner: tcp 22 ×1",
      "ssh > connections of no process: tcp 22 ×1",
      "ssh > unknown owner: tcp 22 ×1",
    ],
  },
  {
    name: "connections that nobody has accepted yet are the listener's",
    sockets: [
      tcp("web", "0.0.0.0 80", ANY),
      tcp(null, "127.0.0.1 80", "127.0.0.1 5000", {
        inode: 0,
        ...peer("curl"),
      }),
      tcp("curl", "127.0.0.1 5000", "127.0.0.1 80", peer("web", 0)),
      // of which only one end fits the question
      tcp("curl", "127.0.0.1 5001", "127.0.0.1 80", peer("web", 0)),
    ],
    boxes: ["curl", "web | tcp :80"],
    arrows: ["curl > web: tcp 80 ×2"],
  },
  {
    name: "connections of which only an end without a process is drawn",
    sockets: [
      tcp("web", "0.0.0.0 80", ANY),
      tcp(null, "127.0.0.1 80", "127.0.0.1 5000", {
        inode: 0,
        ...peer("curl"),
      }),
    ],
    boxes: ["connections of no process", "curl", "web | tcp :80"],
    arrows: ["curl > connections of no process: tcp 80 ×1"],
  },
  {
    name: "UDP: what talks to everybody is a server",
    sockets: [
      tcp("named", "127.0.0.1 53", ANY, { proto: "udp" }),
      tcp("named", "::1 53", ":: 0", { proto: "udp6" }),
      tcp("dig", "127.0.0.1 5000", "127.0.0.1 53", {
        proto: "udp",
        ...peer("named"),
      }),
      tcp("dig", "10.0.0.1 5000", "10.0.0.9 53", { proto: "udp" }),
    ],
    boxes: ["10.0.0.9", "dig", "named | udp 127.0.0.1:53 [::1]:53"],
    arrows: ["dig > 10.0.0.9: udp 53 ×1", "dig > named: udp 53 ×1"],
  },
  {
    name: "a connection to itself, and two of the same ends",
    sockets: [
      tcp("self", "127.0.0.1 5000", "127.0.0.1 5000", peer("self")),
      ...[1, 2].map(() =>
        tcp("dig", "127.0.0.1 6000", "127.0.0.1 53", {
          proto: "udp",
          ...peer("named"),
        })
      ),
    ],
    boxes: ["dig", "named", "self"],
    arrows: ["dig - named: udp ×2", "self - self: tcp ×1"],
  },
  {
    name: "many addresses: those with most connections, and how many more",
    sockets: [
      tcp("web", "0.0.0.0 80", ANY),
      ...Array.from(
        { length: 1200 },
        (_, i) =>
          tcp("web", "10.0.0.1 80", `10.1.${i >> 8}.${i & 255} ${5000 + i}`),
      ),
      ...Array.from(
        { length: 3 },
        (_, i) => tcp("web", "10.0.0.1 80", `10.2.0.1 ${5000 + i}`),
      ),
    ],
    boxes: [
      "1,193 more addresses",
      ...Array.from({ length: 7 }, (_, i) => `10.1.0.${i}`),
      "10.2.0.1",
      "web | tcp :80",
    ],
    arrows: [
      "1,193 more addresses > web: tcp 80 ×1,193",
      ...Array.from({ length: 7 }, (_, i) => `10.1.0.${i} > web: tcp 80 ×1`),
      "10.2.0.1 > web: tcp 80 ×3",
    ],
  },
  {
    name: "one address more is drawn in place of a box that says so",
    sockets: Array.from(
      { length: 9 },
      (_, i) => tcp("a", `10.0.0.1 ${5000 + i}`, `10.0.0.${i + 2} 443`),
    ),
    boxes: [
      ...Array.from({ length: 9 }, (_, i) => `10.0.0.${i + 2}`),
      "a",
    ].sort(),
    arrows: Array.from(
      { length: 9 },
      (_, i) => `a > 10.0.0.${i + 2}: tcp 443 ×1`,
    ).sort(),
  },
  {
    name: "many ports in a box, and on an arrow",
    sockets: [
      ...Array.from({ length: 20 }, (_, i) => tcp("a", `:: ${80 + i}`, ":: 0")),
      ...Array.from(
        { length: 20 },
        (_, i) => tcp("a", "10.0.0.1 5000", `10.0.0.9 ${[80, 90][i] ?? 1 + i}`),
      ),
      tcp("a", "10.0.0.1 5001", "10.0.0.9 80"),
    ],
    boxes: [
      "10.0.0.9",
      "a | tcp :80 :81 :82 :83 :84 :85 | :86 :87 :88 :89 +10 ports",
    ],
    arrows: [
      "a > 10.0.0.9: tcp 80 ×2, tcp 10 ×1, tcp 11 ×1, tcp 12 ×1, 16 more ×16",
    ],
  },
  {
    name: "by unit",
    how: { by: "unit" },
    sockets: [
      tcp("x", "0.0.0.0 22", ANY, { pid: 1, unit: "ssh.service" }),
      tcp("x", "127.0.0.1 22", "127.0.0.1 5000", {
        ...peer("y"),
        pid: 2,
        unit: "ssh.service",
        peer_pid: 3,
        peer_unit: null,
      }),
      tcp(null, "0.0.0.0 80", ANY),
    ],
    boxes: ["in no unit", "ssh.service | tcp :22", "unknown owner | tcp :80"],
    arrows: ["in no unit > ssh.service: tcp 22 ×1"],
  },
  {
    name: "by container",
    how: { by: "container" },
    sockets: [
      tcp("x", "0.0.0.0 22", ANY, { pid: 1, container: null }),
      tcp("x", "127.0.0.1 22", "127.0.0.1 5000", {
        ...peer("y"),
        pid: 2,
        peer_pid: 3,
        peer_container: "web-1",
      }),
    ],
    boxes: ["in no container | tcp :22", "web-1"],
    arrows: ["web-1 > in no container: tcp 22 ×1"],
  },
  {
    name: "by address",
    how: { by: "address" },
    sockets: [
      tcp(null, "0.0.0.0 22", ANY),
      tcp(null, "127.0.0.1 70", ANY),
      tcp(null, "10.0.0.1 22", "10.0.0.9 5000"),
      tcp(null, "10.0.0.1 5000", "127.0.0.1 70", peer(null)),
      // its other end is gone
      tcp(null, "10.0.0.1 5001", "127.0.0.1 70", { inode: 0 }),
    ],
    boxes: [
      "10.0.0.1",
      "10.0.0.9",
      "127.0.0.1 | tcp :70",
      "any address | tcp :22",
    ],
    arrows: [
      "10.0.0.1 > 127.0.0.1: tcp 70 ×2",
      "10.0.0.9 > 10.0.0.1: tcp 22 ×1",
    ],
  },
  {
    name: "UNIX sockets: paths on both sides, pairs without one, datagrams",
    sockets: [
      unix("dbus", 1, { state: "LISTENING", path: "/run/bus" }),
      unix("dbus", 2, { path: "/run/bus", peer_inode: 3, peer_program: "app" }),
      unix("app", 3, {
        peer_inode: 2,
        peer_path: "/run/bus",
        peer_program: "dbus",
      }),
      // it waits to be accepted
      unix("app", 4, {
        peer_inode: 0,
        peer_path: "/run/bus",
        peer_program: "dbus",
      }),
      unix("app", 5, { peer_inode: 6, peer_program: "app" }),
      unix("app", 6, { peer_inode: 5, peer_program: "app" }),
      // a client with a name of its own
      unix("app", 7, {
        path: "@app",
        peer_inode: 8,
        peer_path: "/run/bus",
        peer_program: "dbus",
      }),
      unix("log", 9, { type: "DGRAM", path: "/dev/log" }),
      unix("app", 10, {
        type: "DGRAM",
        peer_inode: 9,
        peer_path: "/dev/log",
        peer_program: "log",
      }),
      unix("log", 11, {
        path: "/a",
        peer_path: "/b",
        peer_inode: 12,
        peer_program: "app",
      }),
    ],
    boxes: ["app", "dbus | unix /run/bus", "log | unix /dev/log"],
    arrows: [
      "app - app: unix ×1",
      "app - log: unix ×1",
      "app > dbus: unix /run/bus ×3",
      "app > log: unix /dev/log ×1",
    ],
  },
  {
    name: "many paths in a box",
    sockets: Array.from(
      { length: 9 },
      (_, i) => unix("dbus", i, { state: "LISTENING", path: `/run/${i}` }),
    ),
    boxes: [
      "dbus | unix /run/0 | unix /run/1 | unix /run/2 | unix /run/3 | " +
      "and 5 more paths",
    ],
  },
  {
    name: "several network namespaces",
    how: { several: true },
    sockets: ["host", "web", null].flatMap((netns_name, i) => {
      const more = { netns: 4026531833 + i, netns_name };
      return [
        tcp("nginx", "0.0.0.0 80", ANY, more),
        tcp("nginx", "127.0.0.1 80", "127.0.0.1 5000", {
          ...more,
          ...peer("curl"),
        }),
        tcp("curl", "10.0.0.1 5001", "10.0.0.9 80", more),
        tcp("curl", "127.0.0.1 5002", "127.0.0.1 81", { ...more, inode: 0 }),
      ];
    }),
    boxes: [
      "10.0.0.9",
      ...["127.0.0.1", "curl", "nginx | tcp :80"].flatMap((box) => [
        box,
        box,
        box,
      ]),
    ],
    arrows: [
      ...Array(3).fill("curl > 10.0.0.9: tcp 80 ×1"),
      ...Array(3).fill("curl > 127.0.0.1: tcp 81 ×1"),
      ...Array(3).fill("curl > nginx: tcp 80 ×1"),
    ],
    clusters: ["4026531835", "host", "web"],
  },
];

/** A UNIX socket of a program. */
function unix(program_name: string, inode: number, more: Socket): Socket {
  return {
    proto: "unix",
    state: "CONNECTED",
    type: "STREAM",
    program_name,
    inode,
    ...more,
  };
}

for (const { name, sockets, how, boxes, arrows = [], clusters = [] } of CASES) {
  Deno.test(`graph: ${name}`, () => {
    const seen = draw(sockets, how);
    assert.deepEqual(boxesOf(seen), boxes);
    assert.deepEqual(seen.arrows, arrows);
    assert.deepEqual(seen.clusters, clusters);
    // the same in whatever order the kernel tells
    const turned = write(sockets.toReversed(), how);
    assert.equal(turned.text, write(sockets, how).text);
  });
}

Deno.test("graph: Mermaid draws the same", async (t) => {
  for (const { name, sockets, how } of CASES) {
    await t.step(name, async () => {
      const { text } = write(sockets, { ...how, language: "mermaid" });
      assert.deepEqual(
        await seenInMermaid(utf8(text)),
        draw(sockets, how),
      );
    });
  }
});

/** Names that want to be more than that, and how they look. */
const HOSTILE: readonly (readonly [name: string, want: string])[] = [
  ['"];', '"];'],
  ['a"]; b [URL="x"', 'a"]; b [URL="x"'],
  ["\\", "\\"],
  ['\\"', '\\"'],
  ["\\N\\G\\l", "\\N\\G\\l"],
  ["<b>x</b>", "<b>x</b>"],
  ["<script>alert(1)</script>", "<script>alert(1)</script>"],
  ["&lt;&amp;&#34;", "&lt;&amp;&#34;"],
  ["#quot;#34;", "#quot;#34;"],
  ["a-->b", "a-->b"],
  ["a\nclick p1 call x()", "a.click p1 call x()"],
  ["%%{init: {}}%%", "%%{init: {}}%%"],
  ["`**x** __init__`", "`**x** __init__`"],
  ["1. one", "1. one"],
  ["- one", "- one"],
  ["fa:fa-car", "fa:fa-car"],
  ["$$x$$", "$$x$$"],
  ["[a](b)", "[a](b)"],
  ["www.example.com", "www.example.com"],
  ["end", "end"],
  ["\x1b[31m\x07\x7f\t", ".[31m..."],
  ["\xc2\x9b31m", ".31m"],
  ["\xff\xfe", "\ufffd\ufffd"],
  [toUtf8("żółw ×…"), "żółw ×…"],
  [toUtf8("a\u202eb\u2028c"), "a.b.c"],
  ["x".repeat(4096), `${"x".repeat(24)}…${"x".repeat(15)}`],
  [toUtf8("ż".repeat(41)), `${"ż".repeat(24)}…${"ż".repeat(15)}`],
  ["\xff".repeat(4096), `${"\ufffd".repeat(24)}…${"\ufffd".repeat(15)}`],
];

Deno.test("graph: no name breaks out of its label", async (t) => {
  for (const [name, want] of HOSTILE) {
    assert.equal(legible(name), want);
    await t.step(JSON.stringify(want), async () => {
      const client = { pid: 1, container: "client" };
      const sockets = [
        unix("x", 1, {
          state: "LISTENING",
          path: name,
          pid: 2,
          container: name,
        }),
        unix("x", 2, {
          ...client,
          peer_inode: 3,
          peer_path: name,
          peer_pid: 2,
          peer_container: name,
        }),
        tcp("x", "10.0.0.1 5000", "10.0.0.9 70", {
          ...client,
          foreign_host: name,
        }),
      ].map((socket) => ({ netns_name: name, ...socket }));
      const how = { by: "container", several: true } as const;
      const seen = draw(sockets, how);
      // what stands behind another word is cut with it
      const path = legible(`unix ${name}`);
      const boxes = ["client", `${want} | 10.0.0.9`, `${want} | unix ${want}`];
      assert.deepEqual(boxesOf(seen), boxes.sort());
      assert.deepEqual(seen.arrows, [
        `client > ${want}: tcp 70 ×1`,
        `client > ${want}: ${path} ×1`,
      ]);
      assert.deepEqual(seen.clusters, [want]);
      const { text } = write(sockets, { ...how, language: "mermaid" });
      assert.doesNotMatch(utf8(text).replaceAll("\n", ""), /\p{Cc}/u);
      assert.deepEqual(await seenInMermaid(utf8(text)), seen);
    });
  }
});

Deno.test("graph: what is left out is told", () => {
  const alone = unix("app", 1, { peer_inode: null });
  assert.deepEqual(write([alone, alone]).said, [
    "netstat: --graph: the kernel does not tell the other ends of " +
    "2 connected UNIX sockets: they are left out",
  ]);
  const many = Array.from(
    { length: 501 },
    (_, i) => tcp(`p${i}`, "10.0.0.1 5000", "10.0.0.9 80"),
  );
  const { said } = write(many, { language: "mermaid" });
  assert.equal(said.length, 1);
  assert.match(said[0]!, /^netstat: --graph: Mermaid draws 500 arrows /);
  assert.deepEqual(write(many).said, []);
});

Deno.test("graph: a name without a letter is told as such", () => {
  assert.deepEqual(["", " ", "\t", "a"].map(legible), [
    "(blank)",
    "(blank)",
    "(blank)",
    "a",
  ]);
});

Deno.test("graph: counts for people", () => {
  const counts = [0, 999, 1000, 12345, 1234567].map(grouped);
  assert.deepEqual(counts, ["0", "999", "1,000", "12,345", "1,234,567"]);
});

const SERVER = new URL("../docs/server", import.meta.url).pathname;

async function drawn(...args: string[]): Promise<Seen> {
  const { stdout, stderr, exit } = await netstat(
    ...["--root", SERVER, "--graph", "dot", "-n", ...args],
  );
  assert.deepEqual([stderr, exit], ["", 0]);
  return seenInDot(utf8(stdout));
}

Deno.test("--graph: what is asked for is drawn, and by itself TCP and UDP", async () => {
  const all = await drawn();
  assert.ok(boxesOf(all).includes("nginx | tcp :80 :443"));
  assert.ok(
    boxesOf(all).includes("chronyd | udp 127.0.0.1:323 [::1]:323"),
  );
  assert.ok(all.arrows.includes("python3 > postgres: tcp 5432 ×1"));
  assert.deepEqual(await drawn("-tua"), all);
  assert.deepEqual(await drawn("-46"), all);
  assert.deepEqual(boxesOf(await drawn("-u")), [
    "chronyd | udp 127.0.0.1:323 [::1]:323",
  ]);
  const listening = await drawn("-l");
  assert.deepEqual(listening.arrows, []);
  assert.ok(boxesOf(listening).includes("sshd | tcp :22"));
});

Deno.test("--graph: who called whom is known, whatever --where leaves of it", async () => {
  const few = await drawn("--where", "state = ESTABLISHED");
  assert.deepEqual(few.arrows, [
    "198.51.100.7 > sshd-session: tcp 22 ×1",
    "203.0.113.5 > nginx: tcp 443 ×1",
    "203.0.113.77 > nginx: tcp 443 ×1",
    "python3 > postgres: tcp 5432 ×1",
  ]);
  assert.deepEqual(
    (await drawn("--where", "program_name = python3")).arrows,
    ["python3 > postgres: tcp 5432 ×1"],
  );
});

Deno.test("--graph: each namespace of --netns has a frame", async () => {
  const { clusters } = await drawn("-t", "--netns", "host,staging");
  assert.deepEqual(clusters, ["host", "staging"]);
});

Deno.test("--graph: what is wrong is told once, although all is read twice", async () => {
  const { stdout, stderr, exit } = await netstat(
    ...["--root", SERVER, "--graph", "dot", "--netns", "staging"],
  );
  assert.equal(
    stderr,
    "netstat: no support for `AF INET (udp)' on this system.\n" +
      `netstat: --root ${SERVER} has no /proc/net/udp\n`,
  );
  assert.equal(exit, 1);
  assert.deepEqual(seenInDot(utf8(stdout)).clusters, ["staging"]);
  await withTree(
    { "proc/net/tcp": "  sl  local_address\nnonsense\n" },
    async (root) => {
      const { stderr } = await netstat("--root", root, "--graph=dot", "-t");
      assert.equal(stderr.match(/nonsense/g)?.length, 1, stderr);
    },
  );
});

const CONFLICTS: readonly (readonly [args: string, because: RegExp])[] = [
  ["--graph=dot -r", / draws sockets: leave -r out$/],
  ["--graph=dot -i", / leave -i out$/],
  ["--graph=dot -s", / leave -s out$/],
  ["--graph=dot -M", / leave -M out$/],
  ["--graph=dot -g", / leave -g out$/],
  ["--graph=dot --json", / and --json are two formats: take one$/],
  ["--csv=raw --graph=mermaid", / and --csv are two formats: take one$/],
  ["--graph=dot --ndjson", / and --ndjson are /],
  ["--graph=dot --openmetrics", / and --openmetrics are /],
  ["--graph=dot -c", / draws how it is now: leave -c out$/],
  ["--graph=dot --watch", / leave --watch out$/],
  ["--graph=dot --until pid=1", / leave --until out$/],
  ["--graph=dot --diff docs", / leave --diff out$/],
  ["--graph=dot --diff-only", / leave --diff-only out$/],
  ["--graph=dot --save x", / draw the save by --root FILE$/],
  ["--graph=dot --count pid", / leave --count out \(--where /],
  ["--graph=dot --sum recv_q", / leave --sum out /],
  ["--graph=dot --columns pid", / leave --columns out /],
  ["--graph=dot --sort pid", / leave --sort out /],
  ["--graph=dot --limit 1", / leave --limit out /],
  ["--graph=dot --label a=b", / leave --label out /],
  ["--graph=dot --for 10.0.0.1", / leave --for out$/],
  ["--graph=dot -w", / draws TCP, UDP, UDP-Lite and UNIX .*: leave -w out$/],
  ["--graph=dot -S", / leave -S out$/],
  ["--graph=dot -A ax25", / leave -A ax25 out$/],
  ["--graph=dot -x --graph-by=address", /-by=address .* leave -x out$/],
  ["--graph-by=unit", /-by chooses what --graph draws: add --graph=dot$/],
  ["--graph=png", / is dot or mermaid, not 'png'$/],
  ["--graph=dot --graph-by=pid", /-by is program .*, not 'pid'$/],
];

for (const [args, because] of CONFLICTS) {
  Deno.test(`program: ${args}`, async () => {
    const { stdout, stderr, exit } = await netstat(...args.split(" "));
    assert.equal(stdout, "");
    assert.match(stderr, /^netstat: --graph.*\n$/);
    assert.match(stderr.trimEnd(), because);
    // as diff(1)
    assert.equal(exit, args.includes("--diff ") ? 2 : 1);
  });
}
