/** What the kernel told of sockets, kept in a saved tree that may be of anybody's making. */

import assert from "node:assert/strict";
import type { Answer, Asking } from "../core/contract/diag.ts";
import { Line } from "../core/contract/line.ts";
import { Failure } from "../core/system/failures.ts";
import {
  answerPath,
  EVERYTHING,
  SavedAnswers,
} from "../core/system/saved_diag.ts";
import { Tree } from "../core/system/scan.ts";
import {
  diagRequest,
  isUnknown,
  type Wanted,
} from "../core/system/sock_diag.ts";
import { dialoguesOf, eachAnswer, PROTOCOLS, SAMPLES } from "./diag_samples.ts";
import { done, HEADER, inet, message, packed } from "./diag_answers.ts";
import { netstat } from "./program.ts";
import { ASKINGS, piecesOf, writeAnswer } from "./recorder.ts";
import { withTree } from "./trees.ts";

const TCP = PROTOCOLS.tcp!.asking;
const UNIX = PROTOCOLS.unix!.asking;

const TCP_FILE =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when " +
  "retrnsmt   uid  timeout inode\n" +
  "   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 " +
  "00000000     0        0 4711 1\n";
const UNIX_HEADER = "Num       RefCount Protocol Flags    Type St Inode Path\n";

const error = (number: number) => packed([32, -number >>> 0]);
const DONE = done();
const socket = (inode: number, state = 1) => message(inet(state, { inode }));

/** Gives the test a tree with one answer. */
function withAnswer(
  asking: Asking,
  pieces: readonly Uint8Array[],
  test: (root: string) => Promise<void> | void,
  files: Readonly<Record<string, string>> = { "proc/net/tcp": TCP_FILE },
): Promise<void> {
  return withTree(files, async (root) => {
    writeAnswer(root, asking, pieces);
    await test(root);
  });
}

/** The inodes that a tree tells, and why there are no more. */
function read(
  root: string,
  asking: Asking = TCP,
  wanted: Wanted = {},
): { inodes: number[]; failure: Failure | undefined } {
  const lines = new SavedAnswers(new Tree(root)).open(asking, wanted);
  if (lines instanceof Failure) return { inodes: [], failure: lines };
  const line = new Line();
  const inodes: number[] = [];
  while (lines.next(line)) {
    const words = new DataView(line.bytes.buffer, line.start);
    inodes.push(words.getUint32(asking.inode!, true));
  }
  lines.close();
  return { inodes, failure: lines.failure };
}

/** The bytes of an answer. */
function hexOf({ bytes, start, end }: Pick<Answer, "bytes" | "start" | "end">) {
  return bytes.slice(start, end).toHex();
}

/** The answer's name, by family and protocol. */
const NAMES: readonly [family: number, protocol: number, name: string][] = [
  [2, 6, "tcp"],
  [10, 6, "tcp6"],
  [2, 17, "udp"],
  [10, 136, "udplite6"],
  [10, 255, "raw6"],
  [2, 262, "mptcp"],
  [2, 132, "sctp"],
  [1, 0, "unix"],
  [17, 0, "packet"],
  [16, 255, "netlink"],
  [40, 0, "vsock"],
  [43, 0, "smc"],
  [30, 0, "tipc"],
  [44, 0, "xdp"],
  [2, 1, "2.1"],
  [10, 1, "10.1"],
  [99, 0, "99.0"],
];

Deno.test("saved: each answer has a name that says what it is about", () => {
  for (const [family, protocol, name] of NAMES) {
    const path = answerPath({ family, protocol });
    assert.equal(path, `/netlink/sock_diag/${name}`);
  }
  const paths = [...ASKINGS, ...Object.values(PROTOCOLS).map((p) => p.asking)]
    .map(({ family, protocol }) => [`${family} ${protocol}`, family, protocol])
    .map(([key, family, protocol]) =>
      [key, answerPath({ family, protocol } as Asking)] as const
    );
  const byQuestion = new Map(paths);
  assert.equal(new Set(byQuestion.values()).size, byQuestion.size);
});

Deno.test("saved: all is asked for, to be kept", () => {
  for (const asking of ASKINGS) {
    const request = diagRequest(asking, EVERYTHING);
    const { at, bytes } = asking.show!;
    assert.ok(
      request.subarray(HEADER + at, HEADER + at + bytes).every((b) =>
        b === 255
      ),
    );
  }
});

Deno.test("saved: what is received is kept up to its end, and asked for again", async () => {
  const pieces = [new Uint8Array([...socket(1), ...socket(2)]), DONE];
  let next = 0;
  const channel = {
    send: (bytes: Uint8Array) => bytes.length,
    receive(bytes: Uint8Array) {
      const piece = pieces[next++]!;
      bytes.set(piece);
      return piece.length;
    },
    close() {},
  };
  const got = [...piecesOf(TCP, channel)];
  await withAnswer(TCP, got, (root) => {
    assert.deepEqual(read(root), { inodes: [1, 2], failure: undefined });
  });
});

for (const [name, protocol] of Object.entries(SAMPLES)) {
  Deno.test(`saved: the answers of ${name}`, async () => {
    const asked = PROTOCOLS[protocol]!;
    for (const { pieces } of dialoguesOf(name)) {
      const { made } = eachAnswer(asked, pieces, hexOf);
      // asked for one family or for the other
      const family = pieces[0]![4] === 20 ? pieces[0]![HEADER]! : undefined;
      if (family === undefined) continue;
      const asking = { ...asked.asking, family };
      await withAnswer(asking, pieces, (root) => {
        const lines = new SavedAnswers(new Tree(root)).open(asking, {});
        assert.ok(!(lines instanceof Failure), `${lines}`);
        const line = new Line();
        for (const one of made) {
          assert.ok(lines.next(line));
          assert.equal(hexOf(line), one);
        }
        assert.equal(lines.next(line), false);
        lines.close();
        assert.equal(lines.failure, undefined);
      });
    }
  });
}

/** TCP's states, and the bits by which each is asked for. */
const STATES: readonly [state: number, bits: readonly number[]][] = [
  [1, [1]],
  [3, [3, 12]],
  [5, [5]],
  [6, [6]],
  // what is only bound
  [7, [13]],
  [10, [10]],
  [11, [11]],
  [200, []],
];

Deno.test("saved: only sockets in states that are asked for", async () => {
  const sockets = STATES.map(([state]) => socket(state, state));
  await withAnswer(TCP, [...sockets, DONE], (root) => {
    for (let bit = 0; bit < 32; bit++) {
      const want = STATES.filter(([, bits]) => bits.includes(bit));
      const { inodes } = read(root, TCP, { states: 1 << bit });
      assert.deepEqual(inodes, want.map(([state]) => state), `${bit}`);
    }
    assert.equal(read(root).inodes.length, STATES.length);
  });
  const udp = PROTOCOLS.udp!.asking;
  await withAnswer(udp, [...sockets, DONE], (root) => {
    assert.deepEqual(read(root, udp, { states: 1 << 7 }).inodes, [7]);
    assert.deepEqual(read(root, udp, { states: 1 << 13 }).inodes, []);
  });
});

Deno.test("saved: a file that is cut anywhere", async () => {
  const pieces = dialoguesOf("tcp_all")[0]!.pieces.slice(0, -1);
  const bytes = new Uint8Array(pieces.flatMap((piece) => [...piece]));
  await withAnswer(TCP, [bytes, DONE], (root) => {
    const path = root + answerPath(TCP);
    const all = read(root).inodes;
    assert.ok(all.length > 20);
    const words = new DataView(bytes.buffer);
    // each cut near a boundary, and some others
    const ends: number[] = [];
    for (let at = 0; at < bytes.length;) {
      at += words.getUint32(at, true) + 3 & ~3;
      ends.push(at);
    }
    const cuts = new Set([0, 1, 15, 16, 17]);
    for (const end of ends) {
      for (const near of [-1, 0, 1, 15, 16, 17, 100]) cuts.add(end + near);
    }
    for (const cut of [...cuts].filter((cut) => cut <= bytes.length)) {
      Deno.writeFileSync(path, bytes.subarray(0, cut));
      const { inodes, failure } = read(root);
      const whole = ends.filter((end) => end <= cut).length;
      assert.deepEqual(inodes, all.slice(0, whole), `${cut}`);
      assert.equal(`${failure}`, `${answerPath(TCP)}: a message is cut short`);
    }
  });
});

/** Files that are no answers: the sockets that they have, and what is said of them. */
const BAD: readonly {
  name: string;
  messages: readonly Uint8Array[];
  inodes: readonly number[];
  failure: RegExp;
}[] = [
  { name: "nothing", messages: [], inodes: [], failure: /cut short/ },
  {
    name: "text",
    messages: [
      new TextEncoder().encode("tcp 0 0 *:22 *:* LISTEN\n".repeat(99)),
    ],
    inodes: [],
    failure: /cut short/,
  },
  {
    name: "a message of no length",
    messages: [socket(1), message(inet(1), { length: 0 }), DONE],
    inodes: [1],
    failure: /cut short/,
  },
  {
    name: "a message longer than the file",
    messages: [socket(1), message(inet(1), { length: 0xffff_fffc }), DONE],
    inodes: [1],
    failure: /cut short/,
  },
  {
    name: "a message longer than any",
    messages: [socket(1), message(new Uint8Array(1 << 20)), DONE],
    inodes: [1],
    failure: /cut short/,
  },
  {
    name: "a message too short for a socket",
    messages: [socket(1), message(inet(1).subarray(0, 60)), DONE],
    inodes: [1],
    failure: /cut short/,
  },
  {
    name: "no end",
    messages: [socket(1), socket(2)],
    inodes: [1, 2],
    failure: /cut short/,
  },
  {
    name: "an error inside",
    messages: [socket(1), message(error(105), { type: 2 }), socket(2), DONE],
    inodes: [1],
    failure: /No buffer space available/,
  },
  {
    name:
      "an error inside that would say at the start that there are no such sockets",
    messages: [socket(1), message(error(2), { type: 3 })],
    inodes: [1],
    failure: /No such file or directory/,
  },
  {
    name: "a message of another type",
    messages: [socket(1), message(inet(1), { type: 16 }), DONE],
    inodes: [1],
    failure: /about something else/,
  },
  {
    name: "a socket of another family",
    messages: [socket(1), message(inet(1, { family: 10 })), DONE],
    inodes: [1],
    failure: /about something else/,
  },
  {
    name: "sockets that changed meanwhile",
    messages: [socket(1), message(inet(1), { flags: 0x12 }), socket(2), DONE],
    inodes: [1, 7, 2],
    failure: /sockets changed while they were listed/,
  },
  {
    name: "messages that were lost",
    messages: [socket(1), message(error(0), { type: 4 }), DONE],
    inodes: [1],
    failure: /messages were lost/,
  },
];

for (const { name, messages, inodes, failure } of BAD) {
  Deno.test(`saved: ${name}`, async () => {
    await withAnswer(TCP, messages, async (root) => {
      const path = answerPath(TCP);
      const got = read(root);
      assert.deepEqual(got.inodes, inodes);
      assert.match(`${got.failure}`, failure);
      assert.ok(`${got.failure}`.startsWith(`${path}: `), `${got.failure}`);
      for (const columns of ["inode,rtt", "inode,rtt,listener_inode,@peer"]) {
        const { stdout, stderr, exit } = await netstat(
          ...["-4tan", `--columns=${columns}`, "--json", "--root", root],
        );
        const rows: { inode: number }[] = JSON.parse(stdout);
        // without a good answer the file has to do
        const want = inodes.length > 0 ? inodes : [4711];
        assert.deepEqual(rows.map(({ inode }) => inode), want, columns);
        assert.equal(exit, 1);
        const said = stderr.split("\n").filter((line) => line.includes(path));
        assert.equal(said.length, 1, stderr);
        assert.match(said[0]!, failure);
      }
    });
  });
}

/** What can stand in a file's place. */
const ODD: readonly {
  name: string;
  put(path: string): Promise<void> | void;
  said: RegExp;
}[] = [
  {
    name: "a FIFO",
    async put(path) {
      await new Deno.Command("mkfifo", { args: [path] }).output();
    },
    said: /Not a regular file/,
  },
  {
    name: "a device",
    put: (path) => Deno.symlinkSync("/dev/zero", path),
    said: /Not a regular file/,
  },
  {
    name: "a folder",
    put: (path) => Deno.mkdirSync(path),
    said: /directory/i,
  },
  {
    name: "a link to itself",
    put: (path) => Deno.symlinkSync(path, path),
    said: /symbolic links/i,
  },
  {
    name: "gigabytes of zeros",
    put(path) {
      Deno.writeFileSync(path, new Uint8Array(0));
      Deno.truncateSync(path, 2 ** 33);
    },
    said: /cut short/,
  },
];

for (const { name, put, said } of ODD) {
  Deno.test(`saved: ${name} in the file's place`, async () => {
    await withAnswer(TCP, [DONE], async (root) => {
      const path = root + answerPath(TCP);
      await Deno.remove(path);
      await put(path);
      const words = ["-4tan", "--columns=inode,rtt,@peer", "--root", root];
      const { stdout, stderr, exit } = await netstat(...words, "--json");
      assert.equal(JSON.parse(stdout)[0].inode, 4711);
      const lines = stderr.split("\n")
        .filter((line) => line.includes(answerPath(TCP)));
      assert.equal(lines.length, 1, stderr);
      assert.match(lines[0]!, said);
      assert.equal(exit, 1);
    });
  });
}

Deno.test("saved: so many messages that they are read in pieces", async () => {
  const count = 40_000;
  const piece = new Uint8Array(
    Array.from({ length: 100 }, (_, i) => [...socket(i + 1)]).flat(),
  );
  const pieces = Array.from({ length: count / 100 }, () => piece);
  // one whose padding is missing at the end
  const last = new Uint8Array([...message(inet(1, { inode: 9 })), 1, 2, 3]);
  new DataView(last.buffer).setUint32(0, last.length, true);
  await withAnswer(TCP, [...pieces, last, DONE], (root) => {
    const { inodes, failure } = read(root);
    assert.equal(failure, undefined);
    assert.equal(inodes.length, count + 1);
    assert.ok(
      inodes.every((inode, i) => inode === (i === count ? 9 : i % 100 + 1)),
    );
  });
});

Deno.test("saved: the kernel did not know such sockets", async () => {
  for (
    const refusal of [
      message(error(2), { type: 3 }),
      message(error(2), { type: 2 }),
    ]
  ) {
    await withAnswer(TCP, [refusal], async (root) => {
      const { failure } = read(root);
      assert.ok(failure !== undefined && isUnknown(failure));
      const words = ["-4tan", "--columns=inode,rtt", "--root", root];
      assert.deepEqual(await netstat(...words), {
        stdout: "inode  rtt\n 4711    -\n",
        stderr: "",
        exit: 0,
      });
    });
  }
});

Deno.test("saved: a tree without an answer, and one that is not wanted", async () => {
  const file = {
    stdout: "inode  rcvbuf\n 4711       -\n",
    stderr: "",
    exit: 0,
  };
  const words = ["-4tan", "--columns=inode,rcvbuf"];
  await withTree({ "proc/net/tcp": TCP_FILE }, async (root) => {
    assert.deepEqual(await netstat(...words, "--root", root), file);
    // an answer of others
    writeAnswer(root, UNIX, [DONE]);
    assert.deepEqual(await netstat(...words, "--root", root), file);
  });
  await withAnswer(TCP, [socket(1), DONE], async (root) => {
    const rooted = [...words, "--root", root];
    assert.deepEqual(await netstat(...rooted, "--source=procfs"), file);
    const { stdout } = await netstat(...rooted);
    assert.equal(stdout, "inode  rcvbuf\n    1       -\n");
    // what nothing of it is asked for is the file's
    const plain = await netstat("-4tan", "--columns=inode", "--root", root);
    assert.equal(plain.stdout, "inode\n 4711\n");
  });
  // an answer without the kernel's file
  await withAnswer(TCP, [socket(1), DONE], async (root) => {
    const { stdout } = await netstat(...words, "--root", root, "--json");
    assert.equal(stdout, "[]\n");
  }, { "proc/net/udp": "" });
});

/** `struct unix_diag_msg`, and a name. */
function unix(inode: number, name: string): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  return message(
    new Uint8Array([
      ...packed([8, 1], [8, 1], [8, 7], [8, 0], [32, inode], [64, 1]),
      ...packed([16, 4 + bytes.length], [16, 0]),
      ...bytes,
      ...new Uint8Array(-bytes.length & 3),
    ]),
  );
}

const unixLine = (inode: number, name: string) =>
  `0000000000000000: 00000002 00000000 00000000 0001 01 ${inode} ${name}\n`;

const NAMED = "\0a\n" + unixLine(4711, "/forged").trim();
const UNIX_FILES = {
  "proc/net/unix": UNIX_HEADER + unixLine(1, "/one") +
    unixLine(2, NAMED.replace("\0", "@")) + unixLine(3, "/three"),
};

Deno.test("saved: lines of UNIX sockets are believed as the kernel's answer has them", async () => {
  const words = ["-xan", "--columns=inode,path", "--json", "--root"];
  const inodesOf = (stdout: string) =>
    JSON.parse(stdout).map(({ inode }: { inode: number }) => inode);
  const answers = [unix(1, "/one\0"), unix(2, NAMED), unix(3, "/three\0")];
  await withAnswer(UNIX, [...answers, DONE], async (root) => {
    const { stdout, stderr, exit } = await netstat(...words, root);
    assert.deepEqual(inodesOf(stdout), [1, 2, 3]);
    assert.equal(JSON.parse(stdout)[1].path, NAMED.replace("\0", "@"));
    assert.match(
      stderr,
      /^netstat: \/proc\/net\/unix: lines of sockets .* are left out\n$/,
    );
    assert.equal(exit, 0);
    // net-tools' text believes its file
    const text = await netstat("-xan", "--root", root);
    assert.equal(text.stdout.match(/\/forged/g)?.length, 1);
    assert.equal(text.stderr.includes("left out"), false);
  }, UNIX_FILES);
  // one that came later than the answer is not left out in silence
  await withAnswer(UNIX, [answers[0]!, answers[1]!, DONE], async (root) => {
    const { stdout, stderr } = await netstat(...words, root);
    assert.deepEqual(inodesOf(stdout), [1, 2]);
    assert.match(stderr, /are left out\n$/);
  }, UNIX_FILES);
  // an answer that is cut cannot say which sockets there are not
  await withAnswer(UNIX, [answers[0]!], async (root) => {
    const { stdout, stderr, exit } = await netstat(...words, root);
    assert.deepEqual(inodesOf(stdout), [1, 2, 4711, 3]);
    assert.match(stderr, /cannot read \/netlink\/sock_diag\/unix: .*cut short/);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
    assert.equal(exit, 1);
  }, UNIX_FILES);
});
