/**
 * Which lines of `/proc/net/unix` are believed: whoever binds a socket to a name with
 * newlines in it writes lines there, and netlink tells which.
 */

import assert from "node:assert/strict";
import { depthOf } from "../core/contract/depth.ts";
import type { Long, Value, View } from "../core/contract/family.ts";
import { Line } from "../core/contract/line.ts";
import { deepFamilies, loadFamilies } from "../core/views/registry.ts";
import { answerOf, type Attribute, packed } from "./diag_answers.ts";

const [unix] = await deepFamilies(
  (await loadFamilies()).filter(({ name }) => name === "unix"),
);
const [table] = unix!.tables;
const { doubts, columns } = depthOf(table!)!;

const STREAM = 1;
const DGRAM = 2;
const ESTABLISHED = 1;
const CLOSE = 7;
const LISTEN = 10;

/** A socket that netlink tells of. */
interface Socket {
  readonly inode: number;
  readonly type?: number;
  readonly state?: number;
  /** With the NUL that a path ends with. */
  readonly name?: string;
  readonly peer?: number;
  readonly shutdown?: number;
}

function answerFor(
  { inode, type = STREAM, state = CLOSE, name, peer, shutdown = 0 }: Socket,
) {
  const attributes: Attribute[] = [[6, packed([8, shutdown])]];
  if (name !== undefined) {
    attributes.push([0, Uint8Array.from(name, (char) => char.charCodeAt(0))]);
  }
  if (peer !== undefined) attributes.push([2, packed([32, peer])]);
  return answerOf(
    packed([8, 1], [8, type], [8, state], [8, 0], [32, inode], [64, 1]),
    attributes,
  );
}

/** A line of the kernel's, but for its end. */
function line(inode: number, path = "", state = "01", references = 2): string {
  return `0000000000000000: ${
    references.toString(16).padStart(8, "0")
  } 00000000 00000000 0001 ${state} ${inode}${path && ` ${path}`}`;
}

/** What a row says, in the order of `SAID`. */
type Said = readonly Value[];
const SAID = ["inode", "state", "type", "path", "refcnt"] as const;

const CASES: readonly {
  readonly name: string;
  readonly sockets: readonly Socket[];
  readonly file: string;
  readonly rows: readonly Said[];
}[] = [
  {
    name: "sockets with and without names",
    sockets: [
      { inode: 1, name: "/a\0", state: LISTEN },
      { inode: 2 },
      { inode: 3, name: "\0b\0c" },
    ],
    file: `${line(1, "/a")}\n${line(2)}\n${line(3, "@b@c")}\n`,
    rows: [
      [1, "LISTENING", "STREAM", "/a", 2],
      [2, null, "STREAM", null, 2],
      [3, null, "STREAM", "@b@c", 2],
    ],
  },
  {
    name: "a row in a name",
    sockets: [{ inode: 1, name: `/a\n${line(9, "/forged")}\0` }, { inode: 2 }],
    file: `${line(1, "/a")}\n${line(9, "/forged")}\n${line(2)}\n`,
    rows: [
      [1, null, "STREAM", `/a\n${line(9, "/forged")}`, 2],
      [2, null, "STREAM", null, 2],
    ],
  },
  {
    name: "another one's row in a name",
    sockets: [
      { inode: 1, name: `/a\n${line(2, "/b", "01", 77)}\nx\0` },
      { inode: 2, name: "/b\0" },
    ],
    file: `${line(1, "/a")}\n${line(2, "/b", "01", 77)}\nx\n${line(2, "/b")}\n`,
    rows: [
      [1, null, "STREAM", `/a\n${line(2, "/b", "01", 77)}\nx`, 2],
      [2, null, "STREAM", "/b", 2],
    ],
  },
  {
    name: "rows in the name of a socket that is gone",
    sockets: [
      { inode: 2, name: "/b\0", type: DGRAM },
      { inode: 3, peer: 0, state: ESTABLISHED },
    ],
    file: [
      line(1, "/gone"),
      line(9, "/forged"),
      line(0, "/forged", "02"),
      line(2, "/forged", "03", 77),
      line(2, "/b"),
      line(3),
      "",
    ].join("\n"),
    rows: [
      // how often it is referred to is all that a line is believed
      [2, null, "DGRAM", "/b", 77],
      [3, "CONNECTED", "STREAM", null, 2],
    ],
  },
  {
    name: "connections that nobody has accepted, and no more than there are",
    sockets: [
      { inode: 1, name: "/a\0", state: LISTEN },
      { inode: 2, peer: 0, state: ESTABLISHED },
      { inode: 3, peer: 0, state: ESTABLISHED },
      // whose other end is closed, and one that has none
      { inode: 4, peer: 0, state: ESTABLISHED, shutdown: 3 },
      { inode: 5, peer: 0, type: DGRAM, state: ESTABLISHED },
    ],
    file: [
      line(1, "/a"),
      line(0, "/a", "02"),
      line(0, "/a", "02"),
      line(0, "/a", "02"),
      line(2, "", "03"),
      "",
    ].join("\n"),
    rows: [
      [1, "LISTENING", "STREAM", "/a", 2],
      [0, "CONNECTING", "STREAM", "/a", 2],
      [0, "CONNECTING", "STREAM", "/a", 2],
      [2, "CONNECTED", "STREAM", null, 2],
    ],
  },
  {
    name: "such a connection, and its name with a row in it",
    sockets: [
      {
        inode: 1,
        name: `/a\n${line(0, "/forged", "02")}\0`,
        state: LISTEN,
      },
      { inode: 2, peer: 0, state: ESTABLISHED },
      { inode: 3, peer: 0, state: ESTABLISHED },
    ],
    file: [
      line(0, "/a", "02"),
      line(0, "/forged", "02"),
      line(0, "/a", "02"),
      line(0, "/forged", "02"),
      line(2, "", "03"),
      "",
    ].join("\n"),
    rows: [
      [
        0,
        "CONNECTING",
        "STREAM",
        `/a\n${line(0, "/forged", "02")}`,
        2,
      ],
      [
        0,
        "CONNECTING",
        "STREAM",
        `/a\n${line(0, "/forged", "02")}`,
        2,
      ],
      [2, "CONNECTED", "STREAM", null, 2],
    ],
  },
  {
    name: "such a connection to a socket elsewhere, and what may be its name",
    sockets: [
      { inode: 2, peer: 0, state: ESTABLISHED },
      { inode: 3, peer: 0, state: ESTABLISHED },
    ],
    file: [
      line(0, "/elsewhere", "02"),
      line(0, "/forged", "02"),
      line(2, "", "03"),
      line(0, "/elsewhere", "02"),
      "",
    ].join("\n"),
    rows: [
      [0, "CONNECTING", "STREAM", "/elsewhere", 2],
      [2, "CONNECTED", "STREAM", null, 2],
      [0, "CONNECTING", "STREAM", "/elsewhere", 2],
    ],
  },
  {
    name: "a line that is none",
    sockets: [{ inode: 1, name: "/a\0" }, { inode: 2 }],
    file: `x\n${line(1, "/a")}\ny\n${line(2, "/b")}\n`,
    rows: [
      [1, null, "STREAM", "/a", 2],
      // its name is netlink's
      [2, null, "STREAM", null, 2],
    ],
  },
];

for (const { name, sockets, file, rows } of CASES) {
  Deno.test(`unix: ${name}`, () => {
    const answers = new Map(
      sockets.map((socket) => [socket.inode, answerFor(socket)]),
    );
    const asked: Long[] = [];
    const believes = doubts!.start({
      all: () => answers.values(),
      find(inode) {
        asked.push(inode);
        return answers.get(Number(inode));
      },
    });
    const row = table!.row(table!.sources[0]!, "");
    const line = new Line();
    const got: Value[][] = [];
    for (const text of file.split("\n").slice(0, -1)) {
      const bytes = new TextEncoder().encode(text);
      line.set(bytes, 0, bytes.length);
      const good = table!.parse(line, row);
      if (!believes(good ? row : undefined)) continue;
      got.push(SAID.map((key) => columns[key]!.value(row, {} as View)));
    }
    assert.deepEqual(got, rows);
    // who writes rows into names does not have the kernel asked about them
    const known = sockets.some(({ name }) => name?.includes("\n"));
    if (known) assert.ok(!asked.includes(9));
  });
}
