/** What netlink told of sockets, found by their inodes, and single ones that are asked for. */

import assert from "node:assert/strict";
import { FIXED } from "../core/contract/diag.ts";
import type { Long } from "../core/contract/family.ts";
import { Answers } from "../core/joins/answers.ts";
import { Failure } from "../core/system/failures.ts";
import type { Channel } from "../core/system/netlink.ts";
import type { LineSource } from "../core/system/scan.ts";
import { LookUps } from "../core/system/sock_diag.ts";
import { NETLINK_ASKING } from "../families/_diag_netlink.ts";
import { UNIX_ASKING, unixFields } from "../families/_diag_unix.ts";
import { joined, packed } from "./diag_answers.ts";
import { VIEW } from "./diag_samples.ts";
import "./program.ts";

/** `struct unix_diag_msg` and a name. */
function answer(inode: number, name = `/${inode}\0`): Uint8Array {
  return joined(
    packed([8, 1], [8, 1], [8, 7], [8, 0], [32, inode], [64, 1]),
    [[0, new TextEncoder().encode(name)]],
  );
}

function linesOf(
  answers: readonly Uint8Array[],
  failure?: Failure,
): LineSource {
  let number = 0;
  return {
    path: "sock_diag",
    failure,
    get number() {
      return number;
    },
    next(line) {
      const bytes = answers[number];
      if (bytes === undefined) return false;
      number++;
      line.set(bytes, 0, bytes.length);
      return true;
    },
    close() {},
  };
}

const pathOf = (answers: Answers, inode: Long) => {
  const found = answers.find(inode);
  return found && unixFields.path!.value(found, VIEW);
};

Deno.test("joined: an answer is found by its inode, the first of several", () => {
  const answers = new Answers(
    linesOf([answer(1), answer(2, "\0b"), answer(1, "/again\0"), answer(0)]),
    UNIX_ASKING,
  );
  assert.equal(pathOf(answers, 1), "/1");
  assert.equal(pathOf(answers, 2), "@b");
  assert.equal(pathOf(answers, 3), undefined);
  assert.equal(pathOf(answers, 0), undefined);
  assert.equal(pathOf(answers, 2n ** 60n), undefined);
  assert.equal(answers.failure, undefined);
  const all = Array.from(
    answers.all(),
    (one) => unixFields.path!.value(one, VIEW),
  );
  assert.deepEqual(all, ["/1", "@b"]);
});

Deno.test("joined: so many that they take room, and long ones", () => {
  const count = 5000;
  const name = "x".repeat(107);
  const answers = new Answers(
    linesOf(Array.from({ length: count }, (_, i) => answer(i + 1, name))),
    UNIX_ASKING,
  );
  for (const inode of [1, 2, count / 2, count]) {
    assert.equal(pathOf(answers, inode), name);
    assert.equal(answers.find(inode)!.u32(FIXED, 4), inode);
  }
});

Deno.test("joined: one that did not come is asked for, once", () => {
  const asked: Long[] = [];
  const answers = new Answers(linesOf([answer(1)]), UNIX_ASKING, {
    lookUp(inode) {
      asked.push(inode);
      return inode === 7 ? answer(7) : undefined;
    },
  });
  assert.equal(pathOf(answers, 1), "/1");
  assert.equal(pathOf(answers, 7), "/7");
  assert.equal(pathOf(answers, 7), "/7");
  assert.equal(pathOf(answers, 0), undefined);
  assert.equal(pathOf(answers, 8), undefined);
  assert.deepEqual(asked, [7, 8]);
});

Deno.test("joined: that not all came is kept", () => {
  const failure = new Failure("sock_diag", "", "a message is cut short");
  const answers = new Answers(linesOf([answer(1)], failure), UNIX_ASKING);
  assert.equal(answers.failure, failure);
  assert.equal(pathOf(answers, 1), "/1");
});

Deno.test("joined: no more than there is room for, which is told", () => {
  const lines = linesOf(Array.from({ length: 100 }, (_, i) => answer(i + 1)));
  const answers = new Answers(lines, UNIX_ASKING, { most: 1000 });
  assert.ok(lines.number < 20, `${lines.number}`);
  assert.match(`${answers.failure}`, /^sock_diag: Only 1000 bytes/);
  assert.equal(pathOf(answers, 1), "/1");
  assert.equal(pathOf(answers, 100), undefined);
});

/** A message: `struct nlmsghdr` in front of this. */
function message(type: number, content: Uint8Array, length?: number) {
  const bytes = new Uint8Array(16 + content.length);
  const words = new DataView(bytes.buffer);
  words.setUint32(0, length ?? bytes.length, true);
  words.setUint16(4, type, true);
  bytes.set(content, 16);
  return bytes;
}

const SOCK_DIAG_BY_FAMILY = 20;
const ERROR = 2;

/** What comes when a socket is asked for, and whether that is one. */
const REPLIES: readonly {
  name: string;
  sent?: number;
  got: Uint8Array | number;
  found: boolean;
}[] = [
  {
    name: "an answer",
    got: message(SOCK_DIAG_BY_FAMILY, answer(7)),
    found: true,
  },
  {
    name: "no such socket",
    got: message(ERROR, packed([32, -2 >>> 0])),
    found: false,
  },
  { name: "it cannot be sent", sent: -105, got: 0, found: false },
  { name: "it cannot be received", got: -4, found: false },
  { name: "nothing", got: 0, found: false },
  { name: "more than there is room for", got: 1 << 20, found: false },
  { name: "half a header", got: new Uint8Array(8), found: false },
  {
    name: "a length beyond the end",
    got: message(SOCK_DIAG_BY_FAMILY, answer(7), 4000),
    found: false,
  },
  {
    name: "a length without a header",
    got: message(SOCK_DIAG_BY_FAMILY, answer(7), 3),
    found: false,
  },
  {
    name: "half a structure",
    got: message(SOCK_DIAG_BY_FAMILY, answer(7).subarray(0, 8)),
    found: false,
  },
];

for (const { name, sent, got, found } of REPLIES) {
  Deno.test(`joined: a socket is asked for: ${name}`, () => {
    const requests: Uint8Array[] = [];
    let closed = 0;
    const channel: Channel = {
      send(bytes) {
        requests.push(bytes);
        return sent ?? bytes.length;
      },
      receive(bytes) {
        if (typeof got === "number") return got;
        bytes.set(got);
        return got.length;
      },
      close() {
        closed++;
      },
    };
    const lookUps = new LookUps(UNIX_ASKING, 5, () => channel);
    const bytes = lookUps.find(7);
    assert.equal(bytes !== undefined, found);
    if (found) assert.deepEqual(bytes, answer(7));
    const [request] = requests;
    const words = new DataView(request!.buffer);
    assert.equal(words.getUint16(6, true), 1, "no dump");
    assert.equal(words.getUint32(16 + 8, true), 7);
    assert.equal(words.getUint32(16 + 12, true), 5);
    assert.equal(words.getBigInt64(16 + 16, true), -1n);
    lookUps.close();
    assert.equal(closed, 1);
  });
}

Deno.test("joined: what cannot be asked for is not", () => {
  const open = () => assert.fail("nothing is opened");
  const inodes = [0, -1, 2 ** 32, 2n ** 60n];
  for (const inode of inodes) {
    assert.equal(new LookUps(UNIX_ASKING, 0, open).find(inode), undefined);
  }
  const lookUps = new LookUps(NETLINK_ASKING, 0, open);
  assert.equal(lookUps.find(7), undefined);
  lookUps.close();
  const denied = new Failure("sock_diag", "EPERM", "Operation not permitted");
  const refused = new LookUps(UNIX_ASKING, 0, () => denied);
  assert.equal(refused.find(7), undefined);
  assert.equal(refused.find(7), undefined);
  refused.close();
});
