/** The other ends of connections, and who listens where one came in. */

import assert from "node:assert/strict";
import type { Peer } from "../core/contract/depth.ts";
import type { View } from "../core/contract/family.ts";
import { type Address, parseIpv4, parseIpv6 } from "../core/contract/ip.ts";
import { inetDepth } from "../families/_inet_depth.ts";
import { Bound, Ends } from "../families/_inet_ends.ts";
import { Row } from "../families/_inet_line.ts";
import { UnixEnds } from "../families/_unix_peers.ts";
import { emptyRow, type Row as UnixRow } from "../families/_unix_row.ts";
import { answerOf, type Attribute, inet, packed } from "./diag_answers.ts";

const ESTABLISHED = 1;
const SYN_RECV = 3;
const FIN_WAIT2 = 5;
const TIME_WAIT = 6;
const CLOSE = 7;
const CLOSE_WAIT = 8;
const LISTEN = 10;

function put(text: string, address: Address): void {
  const good = text.includes(":")
    ? parseIpv6(text, address)
    : parseIpv4(text, address);
  assert.ok(good, text);
}

/** A socket: `ADDRESS PORT ADDRESS PORT STATE INODE`. */
type Socket = readonly [
  local: string,
  localPort: number,
  remote: string,
  remotePort: number,
  state: number,
  inode: number,
];

function rowOf(
  [local, localPort, remote, remotePort, state, inode]: Socket,
  v6only?: boolean,
): Row {
  const row = new Row({ path: "" });
  put(local, row.local);
  put(remote, row.remote);
  row.localPort = localPort;
  row.remotePort = remotePort;
  row.state = state;
  row.owned(1000 + inode, inode);
  if (v6only !== undefined) {
    row.answer = answerOf(inet(state), [[11, packed([8, Number(v6only)])]]);
  }
  return row;
}

/** A socket whose other end is looked for, and others. */
const ENDS: readonly {
  name: string;
  datagrams?: true;
  of: Socket;
  among: readonly Socket[];
  want: Peer | undefined;
}[] = [
  {
    name: "the same connection the other way round",
    of: ["127.0.0.1", 80, "127.0.0.1", 5000, ESTABLISHED, 1],
    among: [
      ["127.0.0.1", 5000, "127.0.0.1", 81, ESTABLISHED, 3],
      ["127.0.0.1", 5000, "127.0.0.1", 80, ESTABLISHED, 2],
    ],
    want: { inode: 2, name: null, held: [2] },
  },
  {
    name: "another machine",
    of: ["10.0.0.1", 80, "10.0.0.2", 5000, ESTABLISHED, 1],
    among: [["0.0.0.0", 5000, "0.0.0.0", 0, LISTEN, 2]],
    want: undefined,
  },
  {
    name: "any address of the machine's own",
    of: ["10.0.0.1", 80, "10.0.0.1", 5000, ESTABLISHED, 1],
    among: [["10.0.0.1", 5000, "10.0.0.1", 80, ESTABLISHED, 2]],
    want: { inode: 2, name: null, held: [2] },
  },
  {
    name: "a server of both protocols has mapped addresses",
    of: ["127.0.0.1", 5000, "127.0.0.1", 80, ESTABLISHED, 1],
    among: [["::ffff:127.0.0.1", 80, "::ffff:127.0.0.1", 5000, ESTABLISHED, 2]],
    want: { inode: 2, name: null, held: [2] },
  },
  {
    name: "IPv6",
    of: ["fe80::1", 80, "fe80::2", 5000, ESTABLISHED, 1],
    among: [["fe80::2", 5000, "fe80::1", 80, ESTABLISHED, 2]],
    want: { inode: 2, name: null, held: [2] },
  },
  {
    name: "one that is over, too, and so has no inode",
    of: ["127.0.0.1", 80, "127.0.0.1", 5000, ESTABLISHED, 1],
    among: [
      ["127.0.0.1", 5000, "127.0.0.1", 80, TIME_WAIT, 0],
      ["127.0.0.1", 5000, "127.0.0.1", 80, ESTABLISHED, 2],
    ],
    want: { inode: 2, name: null, held: [2] },
  },
  {
    name: "two of them: bound to other devices",
    of: ["127.0.0.1", 80, "127.0.0.1", 5000, ESTABLISHED, 1],
    among: [
      ["127.0.0.1", 5000, "127.0.0.1", 80, ESTABLISHED, 2],
      ["127.0.0.1", 5000, "127.0.0.1", 80, ESTABLISHED, 3],
    ],
    want: undefined,
  },
  ...[ESTABLISHED, CLOSE_WAIT, SYN_RECV].map((state) => ({
    name: `not yet accepted (${state})`,
    of: ["127.0.0.1", 5000, "127.0.0.1", 80, ESTABLISHED, 1] as Socket,
    among: [
      ["127.0.0.1", 80, "127.0.0.1", 5000, state, 0],
      ["0.0.0.0", 80, "0.0.0.0", 0, LISTEN, 2],
      ["0.0.0.0", 81, "0.0.0.0", 0, LISTEN, 3],
    ] as Socket[],
    want: { inode: 0, name: null, held: [2] },
  })),
  {
    name: "not yet accepted, by one of several",
    of: ["127.0.0.1", 5000, "127.0.0.1", 80, ESTABLISHED, 1],
    among: [
      ["127.0.0.1", 80, "127.0.0.1", 5000, ESTABLISHED, 0],
      ["0.0.0.0", 80, "0.0.0.0", 0, LISTEN, 2],
      ["0.0.0.0", 80, "0.0.0.0", 0, LISTEN, 3],
    ],
    want: { inode: 0, name: null, held: [] },
  },
  ...[FIN_WAIT2, TIME_WAIT].map((state) => ({
    name: `closed (${state})`,
    of: ["127.0.0.1", 5000, "127.0.0.1", 80, CLOSE_WAIT, 1] as Socket,
    among: [
      ["127.0.0.1", 80, "127.0.0.1", 5000, state, 0],
      ["0.0.0.0", 80, "0.0.0.0", 0, LISTEN, 2],
    ] as Socket[],
    want: { inode: 0, name: null, held: [] },
  })),
  {
    name: "a socket that listens has none",
    of: ["0.0.0.0", 80, "0.0.0.0", 0, LISTEN, 1],
    among: [["0.0.0.0", 80, "0.0.0.0", 0, LISTEN, 1]],
    want: undefined,
  },
  {
    name: "two that talk to each other",
    datagrams: true,
    of: ["127.0.0.1", 5000, "127.0.0.1", 53, ESTABLISHED, 1],
    among: [["127.0.0.1", 53, "127.0.0.1", 5000, ESTABLISHED, 2]],
    want: { inode: 2, name: null, held: [2] },
  },
  {
    name: "a server that talks to all, on loopback",
    datagrams: true,
    of: ["127.0.0.1", 5000, "127.0.0.53", 53, ESTABLISHED, 1],
    among: [["0.0.0.0", 53, "0.0.0.0", 0, CLOSE, 2]],
    want: { inode: 2, name: null, held: [2] },
  },
  {
    name: "a server at just this address",
    datagrams: true,
    of: ["10.0.0.1", 5000, "10.0.0.2", 53, ESTABLISHED, 1],
    among: [
      ["0.0.0.0", 53, "0.0.0.0", 0, CLOSE, 2],
      ["10.0.0.2", 53, "0.0.0.0", 0, CLOSE, 3],
    ],
    want: { inode: 3, name: null, held: [3] },
  },
  {
    name: "a server that talks to all, at an address that others have",
    datagrams: true,
    of: ["10.0.0.1", 5000, "10.0.0.2", 53, ESTABLISHED, 1],
    among: [
      ["::", 53, "::", 0, CLOSE, 2],
      ["10.0.0.2", 99, "0.0.0.0", 0, CLOSE, 3],
    ],
    want: { inode: 2, name: null, held: [2] },
  },
  {
    name: "a server that talks to all, and perhaps another machine",
    datagrams: true,
    of: ["10.0.0.1", 5000, "10.0.0.2", 53, ESTABLISHED, 1],
    among: [["0.0.0.0", 53, "0.0.0.0", 0, CLOSE, 2]],
    want: undefined,
  },
  {
    name: "several servers",
    datagrams: true,
    of: ["127.0.0.1", 5000, "127.0.0.1", 53, ESTABLISHED, 1],
    among: [
      ["127.0.0.1", 53, "0.0.0.0", 0, CLOSE, 2],
      ["127.0.0.1", 53, "0.0.0.0", 0, CLOSE, 3],
    ],
    want: undefined,
  },
  ...[["10.0.0.1", "224.0.0.251"], ["fe80::1", "ff02::fb"]].map((
    [own, group],
  ) => ({
    name: `a group: ${group}`,
    datagrams: true as const,
    of: [own!, 5000, group!, 5353, ESTABLISHED, 1] as Socket,
    among: [[group!, 5353, "0.0.0.0", 0, CLOSE, 2]] as Socket[],
    want: undefined,
  })),
  {
    name: "::1",
    datagrams: true,
    of: ["::1", 5000, "::1", 53, ESTABLISHED, 1],
    among: [
      ["0.0.0.0", 53, "0.0.0.0", 0, CLOSE, 3],
      ["::", 53, "::", 0, CLOSE, 2],
    ],
    want: { inode: 2, name: null, held: [2] },
  },
];

for (const { name, datagrams = false, of, among, want } of ENDS) {
  Deno.test(`peers: ${datagrams ? "UDP" : "TCP"}: ${name}`, () => {
    const ends = new Ends(datagrams);
    const own = rowOf(of);
    ends.add(own);
    for (const socket of among) ends.add(rowOf(socket));
    assert.deepEqual(ends.find(own), want);
  });
}

/** Sockets that listen, and which of them has a connection. */
const BOUND: readonly [name: string, address: string, inodes: number[]][] = [
  ["the one at this address", "10.0.0.1", [1]],
  ["the one at any address of IPv4", "10.0.0.2", [2]],
  ["mapped addresses are those of IPv4", "::ffff:10.0.0.1", [1]],
  ["the one at this address of IPv6", "2001:db8::1", [4]],
  ["the one at any address", "2001:db8::2", [3]],
];

for (const [name, address, inodes] of BOUND) {
  Deno.test(`peers: ${name}`, () => {
    const bound = new Bound();
    bound.add(rowOf(["10.0.0.1", 80, "0.0.0.0", 0, LISTEN, 1]));
    bound.add(rowOf(["0.0.0.0", 80, "0.0.0.0", 0, LISTEN, 2]));
    bound.add(rowOf(["::", 80, "::", 0, LISTEN, 3], true));
    bound.add(rowOf(["2001:db8::1", 80, "::", 0, LISTEN, 4]));
    const { local } = rowOf([address, 80, "::", 0, LISTEN, 9]);
    assert.deepEqual(bound.at(local, 80).map(({ inode }) => inode), inodes);
    assert.deepEqual(bound.at(local, 81), []);
  });
}

Deno.test("peers: a socket of IPv6 takes IPv4, unless it says that it does not", () => {
  const { local } = rowOf(["10.0.0.1", 80, "::", 0, LISTEN, 9]);
  for (const [v6only, inodes] of [[undefined, 1], [false, 1], [true, 0]]) {
    const bound = new Bound();
    bound.add(rowOf(["::", 80, "::", 0, LISTEN, 1], v6only as boolean));
    assert.equal(bound.at(local, 80).length, inodes);
  }
});

Deno.test("peers: a connection that begins is whose the listener is", () => {
  const { columns, begin, parse } = inetDepth("tcp", "");
  const row = new Row({ path: "" });
  let asked = 0;
  begin!(row, (asking, states, each) => {
    asked++;
    assert.equal(states, 1 << LISTEN);
    const structure = inet(LISTEN, {
      family: asking.family,
      inode: asking.family,
      port: 0,
    });
    new DataView(structure.buffer).setUint32(64, 1000 + asking.family, true);
    each(answerOf(structure, []));
  });
  const value = (key: string) => columns[key]!.value(row, {} as View);
  const connection = (state: number) => {
    row.answer = answerOf(inet(state, { inode: 0 }), []);
    assert.ok(parse!(row, {} as View));
  };
  connection(ESTABLISHED);
  assert.equal(value("uid"), 0);
  assert.equal(asked, 0, "nobody is asked for what is not shown");
  connection(SYN_RECV);
  assert.equal(value("uid"), 1002);
  assert.equal(value("listener_inode"), 2);
  connection(ESTABLISHED);
  assert.equal(value("listener_inode"), 2);
  assert.equal(value("pending_accept"), true);
  assert.equal(asked, 2, "once, of each family");
});

/** A UNIX socket that netlink tells of. */
interface Local {
  readonly inode: number;
  readonly name?: string;
  readonly peer?: number;
  readonly waiting?: readonly number[];
}

function localRow({ inode, name, peer, waiting }: Local): UnixRow {
  const attributes: Attribute[] = [];
  if (name !== undefined) {
    attributes.push([0, Uint8Array.from(name, (char) => char.charCodeAt(0))]);
  }
  if (peer !== undefined) attributes.push([2, packed([32, peer])]);
  if (waiting !== undefined) {
    attributes.push([3, packed(...waiting.map((one) => [32, one] as const))]);
  }
  const row = emptyRow();
  row.answer = answerOf(
    packed([8, 1], [8, 1], [8, 1], [8, 0], [32, inode], [64, 1]),
    attributes,
  );
  return row;
}

const LOCALS: readonly Local[] = [
  { inode: 1, name: "/a\0", peer: 2 },
  { inode: 2, peer: 1 },
  { inode: 3, name: "\0x\0y", waiting: [4, 5] },
  { inode: 4, peer: 0 },
  { inode: 6, peer: 0 },
  { inode: 7, name: "/log\0" },
  { inode: 8, peer: 7 },
  { inode: 9, name: "/other\0" },
  { inode: 10, peer: 9 },
  { inode: 11, peer: 9 },
  { inode: 12, peer: 99 },
  { inode: 13 },
];

const PEERS: Readonly<Record<number, Peer | undefined>> = {
  1: { inode: 2, name: null, held: [2] },
  2: { inode: 1, name: "/a", held: [1] },
  3: undefined,
  // not yet accepted
  4: { inode: 0, name: "\0x\0y", held: [3] },
  // closed
  6: { inode: 0, name: null, held: [] },
  // which sends nothing back
  7: { inode: 8, name: null, held: [8] },
  8: { inode: 7, name: "/log", held: [7] },
  9: { inode: null, name: null, held: [10, 11] },
  // in another namespace
  12: { inode: 99, name: null, held: [99] },
  13: undefined,
};

for (const [inode, want] of Object.entries(PEERS)) {
  Deno.test(`peers: UNIX: ${inode}`, () => {
    const ends = new UnixEnds();
    for (const local of LOCALS) ends.add(localRow(local));
    const own = LOCALS.find((local) => local.inode === Number(inode))!;
    assert.deepEqual(ends.find(localRow(own)), want);
  });
}

Deno.test("peers: UNIX: nothing is known without netlink", () => {
  const ends = new UnixEnds();
  ends.add(emptyRow());
  ends.add(localRow({ inode: 0, peer: 0 }));
  assert.equal(ends.find(emptyRow()), undefined);
});
