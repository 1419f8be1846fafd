/**
 * SCTP's endpoints and associations with what netlink tells of each. The answers are made:
 * the kernels that test this have no SCTP.
 */

import assert from "node:assert/strict";
import { inetAsking } from "../families/_diag_inet.ts";
import {
  type Attribute,
  bytes,
  done,
  inet,
  joined,
  message,
  packed,
} from "./diag_answers.ts";
import { netstat } from "./program.ts";
import { writeAnswer } from "./recorder.ts";
import { withTree } from "./trees.ts";

const SCTP = 132;
const ESTABLISHED = 1;
const LISTEN = 10;
/** Of `enum sctp_state`. */
const ASSOCIATED = 3;

const INFO = 2;
const SKMEMINFO = 7;
const LOCALS = 12;
const PEERS = 13;

/** `sctp_eps_seq_show`: a server, one of many associations, and one of IPv6. */
const ENDPOINTS = `\
 ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS
       0        0 2   10  29   3868      0 500 10.0.0.1 10.0.1.1 
       0        0 0   10  3    5000   1000 600 10.0.0.1 
       0        0 2   1   3    3868   1000 501 10.0.0.1 10.0.1.1 
       0        0 2   10  3    36412     0 700 2001:0db8:0000:0000:0000:0000:0000:0001 
       0        0 2   10  3    9      1000 900 10.0.0.9 
`;

const LINE = "7500 10 10 10 0 0 0 1 0 212992 212992";

/** `sctp_assocs_seq_show` */
const ASSOCIATIONS = `\
 ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS HBINT INS OUTS MAXRT T1X T2X RTXC wmema wmemq sndbuf rcvbuf
       0        0 2   1   3  0       1        0        0    1000 501 3868  40000  *10.0.0.1 10.0.1.1 <-> *10.0.0.2 10.0.1.2 \t ${LINE}
       0        0 0   10  3  0       2        0        0    1000 600 5000  40000  *10.0.0.1 <-> *10.0.0.2 \t ${LINE}
       0        0 0   10  3  0       3        0        0    1000 600 5000  40001  *10.0.0.1 <-> *10.0.0.2 \t ${LINE}
       0        0 0   10  3  0       4        0        0    1000 600 5000  40000  *10.0.0.1 <-> *10.0.0.3 \t ${LINE}
       0        0 2   1   3  0       5        0        0       0 701 36412 50000  *2001:0db8:0000:0000:0000:0000:0000:0001 <-> *2001:0db8:0000:0000:0000:0000:0000:0002 \t ${LINE}
       0        0 2   1   3  0       6        0        0       0 0 3868  40009  *10.0.0.1 <-> *10.0.0.2 \t ${LINE}
       0        0 0   10  3  0       7        0        0    1000 600 5000  40002  *10.0.0.1 <-> *10.0.0.2 \t ${LINE}
`;

/** `struct sockaddr_storage` of an address in dots or, here, of `2001:db8::N`. */
function sockaddr(address: string): number[] {
  const entry = new Uint8Array(128);
  if (address.includes(":")) {
    entry.set([10, 0, 0, 0, 0, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8]);
    entry[23] = Number(address.at(-1));
  } else entry.set([2, 0, 0, 0, ...address.split(".").map(Number)]);
  return [...entry];
}

function addresses(...all: string[]): Uint8Array {
  return bytes(...all.flatMap(sockaddr));
}

/** `struct sctp_info`, of which the tag is told by. */
function info(tag: number): Uint8Array {
  const data = new Uint8Array(368);
  data.set(packed([32, tag], [32, ASSOCIATED]));
  return data;
}

const memory = (optmem: number): Attribute => [
  SKMEMINFO,
  packed(...[1, 2, 3, 4, 5, 6, optmem, 8, 9].map((n) => [32, n] as const)),
];

/** An answer about a socket. */
function answer(
  [family, inode, local, foreign]: [number, number, number, number],
  state: number,
  ...attributes: Attribute[]
): Uint8Array<ArrayBuffer> {
  const structure = inet(state, { family, inode, port: foreign, queue: 2 });
  structure.set([local >> 8, local & 255], 4);
  return message(joined(structure, attributes));
}

const OF_INET = [
  answer([2, 500, 3868, 0], LISTEN, [LOCALS, addresses("10.0.0.1")], memory(1)),
  // that of a connection has its other end's port
  answer([2, 501, 3868, 40000], ESTABLISHED, [INFO, info(0)], memory(2)),
  // attributes are in no order, and unknown ones among them
  answer(
    [2, 501, 3868, 40000],
    ASSOCIATED,
    [40, bytes(1, 2, 3)],
    [INFO, info(11)],
    [PEERS, addresses("10.0.1.2", "10.0.0.2", "10.0.2.2")],
    memory(2),
  ),
  answer([2, 600, 5000, 0], LISTEN, memory(3)),
  answer(
    [2, 600, 5000, 40000],
    ASSOCIATED,
    [PEERS, addresses("10.0.0.3")],
    [INFO, info(14)],
  ),
  answer(
    [2, 600, 5000, 40001],
    ASSOCIATED,
    [PEERS, addresses("10.0.0.2")],
    [INFO, info(13)],
  ),
  answer(
    [2, 600, 5000, 40000],
    ASSOCIATED,
    [PEERS, addresses("10.0.0.2")],
    [INFO, info(12)],
  ),
  answer(
    [2, 0, 3868, 40009],
    ASSOCIATED,
    [PEERS, addresses("10.0.0.2")],
    [INFO, info(16)],
  ),
  // the endpoint of a socket comes in front of its associations, and again
  answer([2, 600, 5000, 0], LISTEN, memory(4)),
];

const OF_INET6 = [
  answer([10, 700, 36412, 0], LISTEN, memory(5)),
  answer(
    [10, 701, 36412, 50000],
    ASSOCIATED,
    [PEERS, addresses("2001:db8::2")],
    [INFO, info(15)],
  ),
];

type Row = Record<string, unknown>;

/** Asks of a tree with these answers. */
async function ask(
  answers: readonly (readonly [number, readonly Uint8Array[]])[],
  ...args: string[]
): Promise<{ rows: Row[]; stderr: string; exit: number }> {
  let got = { rows: [] as Row[], stderr: "", exit: -1 };
  const files = {
    "proc/net/sctp/eps": ENDPOINTS,
    "proc/net/sctp/assocs": ASSOCIATIONS,
  };
  await withTree(files, async (root) => {
    for (const [family, messages] of answers) {
      writeAnswer(root, inetAsking(family, SCTP), messages);
    }
    const { stdout, stderr, exit } = await netstat(
      ...["--root", root, "-4San", "--ndjson", ...args],
    );
    const rows = stdout.split("\n").slice(0, -1).map((line) =>
      JSON.parse(line)
    );
    got = { rows, stderr, exit };
  });
  return got;
}

const BOTH = [[2, [...OF_INET, done()]], [10, [...OF_INET6, done()]]] as const;
const COLUMNS = "--columns=inode,association,sctp_tag,optmem,accept_queue";

Deno.test("sctp: each row has the answer that is about it", async () => {
  const { rows, stderr, exit } = await ask(BOTH, COLUMNS);
  assert.deepEqual([stderr, exit], ["", 0]);
  const told = (rows: readonly Row[]) =>
    rows.map((row) => [row.inode, row.sctp_tag, row.optmem, row.accept_queue]);
  assert.deepEqual(told(rows.filter((row) => row.association === null)), [
    [500, null, 1, 2],
    [600, null, 3, 2],
    [501, 0, 2, null],
    [700, null, 5, 2],
    // of this one nothing was told
    [900, null, null, null],
  ]);
  assert.deepEqual(told(rows.filter((row) => row.association !== null)), [
    [501, 11, 2, null],
    [600, 12, null, null],
    [600, 13, null, null],
    [600, 14, null, null],
    [701, 15, null, null],
    // no process has it, so that it has no inode
    [0, null, null, null],
    [600, null, null, null],
  ]);
});

Deno.test("sctp: what files tell is the same beside answers and without", async () => {
  const all = "--columns=@default,state_num,sctp_state,association_state_num";
  const without = await ask([], all);
  const beside = await ask(BOTH, `${all},sctp_tag`);
  assert.equal(without.rows.length, 12);
  assert.deepEqual(
    beside.rows.map(({ sctp_tag: _, ...row }) => row),
    without.rows,
  );
  const { rows } = await ask([], COLUMNS);
  assert.ok(rows.every((row) => row.sctp_tag === null && row.optmem === null));
});

Deno.test("sctp: a question about what answers tell", async () => {
  const where = ["--where", "sctp_tag in 11..13", "--columns=association"];
  const { rows } = await ask(BOTH, ...where);
  assert.deepEqual(rows.map((row) => row.association), [1, 2, 3]);
});

Deno.test("sctp: the answers of one family are missing", async () => {
  const { rows, stderr, exit } = await ask([BOTH[1]], COLUMNS);
  assert.deepEqual([stderr, exit], ["", 0]);
  const tags = rows.map((row) => row.sctp_tag).filter((tag) => tag !== null);
  assert.deepEqual(tags, [15]);
  // or the kernel knows no such sockets
  const unknown = await ask([[2, [done(2)]], BOTH[1]], COLUMNS);
  assert.deepEqual(unknown, { rows, stderr: "", exit: 0 });
});

Deno.test("sctp: an answer that is cut short is told", async () => {
  const { rows, stderr, exit } = await ask(
    [[2, OF_INET.slice(0, 1)], BOTH[1]],
    COLUMNS,
  );
  assert.equal(rows.length, 12);
  assert.equal(
    stderr,
    "netstat: cannot read /netlink/sock_diag/sctp: a message is cut short\n",
  );
  assert.equal(exit, 1);
});

Deno.test("sctp: answers cut at each byte never go to another row", async () => {
  const whole = new Map(
    (await ask(BOTH, COLUMNS)).rows.map((row) => [row.association, row]),
  );
  const [first] = OF_INET.slice(2);
  for (let end = 16; end < first!.length; end += 97) {
    const cut = message(first!.slice(16, end & ~3));
    const { rows } = await ask([[2, [cut, done()]]], COLUMNS);
    for (const row of rows) {
      const { sctp_tag: tag } = row;
      // without the other end's addresses it is an endpoint's, which has no tag
      if (tag !== null && row.association !== null) {
        assert.equal(tag, whole.get(row.association)!.sctp_tag, `${end}`);
      }
    }
  }
});
