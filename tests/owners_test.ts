/**
 * Which process owns a socket: the forms of links and names, and the walk over a
 * tree of processes.
 */

import assert from "node:assert/strict";
import type { Long } from "../core/family.ts";
import {
  findOwners,
  inodeOf,
  type Owners,
  ownersNote,
  programName,
} from "../core/owners.ts";
import { Tree } from "../core/scan.ts";

const LINKS: { link: string; want: Long | undefined }[] = [
  { link: "socket:[10]", want: 10 },
  { link: "socket:[1234567]", want: 1234567 },
  { link: "socket:[5]", want: undefined },
  { link: "socket:[]", want: undefined },
  { link: "socket:[00]", want: 0 },
  { link: "socket:[05]", want: 5 },
  { link: "socket:[ 5]", want: 5 },
  { link: "socket:[ 24]", want: 24 },
  { link: "socket:[\t\n\v\f\r24]", want: 24 },
  { link: "socket:[24 ]", want: undefined },
  { link: "socket:[+5]", want: 5 },
  { link: "socket:[0x0c]", want: 12 },
  { link: "socket:[0XfF]", want: 255 },
  { link: "socket:[0x]", want: undefined },
  { link: "socket:[015]", want: 13 },
  { link: "socket:[018]", want: undefined },
  { link: "socket:[15x]", want: undefined },
  { link: "socket:[ab]", want: undefined },
  { link: "socket:[14", want: undefined },
  { link: "socket:14]", want: undefined },
  { link: "socket:[14]x", want: undefined },
  { link: "Socket:[14]", want: undefined },
  { link: " socket:[14]", want: undefined },
  { link: "[0000]:9", want: 9 },
  { link: "[0000]:11", want: 11 },
  { link: "[0000]:0x10", want: 16 },
  { link: "[0000]:010", want: 8 },
  { link: "[0000]:", want: undefined },
  { link: "[0000]:x", want: undefined },
  { link: "[0001]:9", want: undefined },
  { link: "[000]:9", want: undefined },
  // only 29 bytes are read: the bracket is lost, or digits are
  { link: "socket:[00000000000000000031]", want: 25 },
  { link: "socket:[0000000000000000000031]", want: undefined },
  { link: "[0000]:9223372036854775807", want: 2n ** 63n - 1n },
  { link: "socket:[9007199254740991]", want: 2 ** 53 - 1 },
  { link: "socket:[9007199254740993]", want: 2n ** 53n + 1n },
  { link: "socket:[18446744073709551614]", want: 2n ** 64n - 2n },
  { link: "socket:[18446744073709551615]", want: undefined },
  { link: "[0000]:18446744073709551614", want: 2n ** 64n - 2n },
  { link: "[0000]:18446744073709551615", want: undefined },
  { link: "[0000]:99999999999999999999", want: undefined },
  { link: "/dev/null", want: undefined },
  { link: "pipe:[21]", want: undefined },
  { link: "anon_inode:[eventpoll]", want: undefined },
  { link: "", want: undefined },
];

for (const { link, want } of LINKS) {
  Deno.test(`inodeOf: ${JSON.stringify(link)}`, () => {
    assert.equal(inodeOf(link), want);
  });
}

Deno.test("programName: after the last slash, if it starts with one", () => {
  const names = {
    "/usr/sbin/sshd": "sshd",
    "/usr/sbin/sshd: root@pts/0": "0",
    "sshd: root@pts/0": "sshd: root@pts/0",
    "/usr/bin/a b/c d": "c d",
    "./rel/path/prog": "./rel/path/prog",
    "nginx: worker process": "nginx: worker process",
    "-bash": "-bash",
    "/": "",
    "/usr/bin/": "",
    "": "",
  };
  for (const [word, want] of Object.entries(names)) {
    assert.equal(programName(word), want, word);
  }
});

/** A process: its command line, unless it cannot be read, and its links. */
interface Process {
  readonly command?: string;
  readonly context?: string;
  readonly links?: Record<string, string>;
}

const WALKS: {
  name: string;
  processes: Record<string, Process>;
  wanted: Long[];
  want: Record<string, string>;
  any?: boolean;
}[] = [
  {
    name: "one process",
    processes: {
      100: { command: "/usr/bin/prog\0-x\0", links: { 3: "socket:[10]" } },
    },
    wanted: [10],
    want: { 10: "100/prog" },
  },
  {
    name: "the lowest pid wins, as a number",
    processes: {
      100: { command: "b100\0", links: { 3: "socket:[10]" } },
      99: { command: "b99\0", links: { 3: "socket:[10]", 4: "socket:[11]" } },
      1000: {
        command: "b1000\0",
        links: { 4: "socket:[11]", 5: "socket:[12]" },
      },
    },
    wanted: [10, 11, 12, 13],
    want: { 10: "99/b99", 11: "99/b99", 12: "1000/b1000" },
  },
  {
    name: "a command line that is missing is passed over",
    processes: {
      98: { links: { 5: "socket:[12]", 6: "socket:[13]" } },
      1000: { command: "later\0", links: { 5: "socket:[12]" } },
    },
    wanted: [12, 13],
    want: { 12: "1000/later" },
  },
  {
    name: "an empty command line is an empty name",
    processes: { 2: { command: "", links: { 3: "socket:[17]" } } },
    wanted: [17],
    want: { 17: "2/" },
  },
  {
    name: "names are read up to the first NUL",
    processes: {
      2: { command: "/a/b c\0/d", links: { 3: "socket:[17]" } },
      3: { command: "\0/d", links: { 3: "socket:[18]" } },
      4: { command: "/no/nul", links: { 3: "socket:[19]" } },
    },
    wanted: [17, 18, 19],
    want: { 17: "2/b c", 18: "3/", 19: "4/nul" },
  },
  {
    name: "only 511 bytes of a command line are read",
    processes: {
      2: { command: `/${"d".repeat(509)}/name`, links: { 3: "socket:[17]" } },
      3: { command: `/${"d".repeat(508)}/name`, links: { 3: "socket:[18]" } },
      4: { command: "y".repeat(600), links: { 3: "socket:[19]" } },
    },
    wanted: [17, 18, 19],
    want: { 17: "2/", 18: "3/n", 19: `4/${"y".repeat(511)}` },
  },
  {
    name: "folders and descriptors that start with no digit are none",
    processes: {
      "7abc": { command: "x\0", links: { 3: "socket:[22]" } },
      self: { command: "x\0", links: { 3: "socket:[22]" } },
      8: { command: "y\0", links: { x3: "socket:[22]", "3x": "socket:[23]" } },
    },
    wanted: [22, 23],
    want: { 23: "8/y" },
  },
  {
    name: "sockets that nobody wants are not owned, but seen",
    processes: { 2: { command: "x\0", links: { 3: "socket:[17]" } } },
    wanted: [18],
    want: {},
    any: true,
  },
  {
    name: "without sockets none are seen",
    processes: { 2: { command: "x\0", links: { 3: "/dev/null" } } },
    wanted: [18],
    want: {},
    any: false,
  },
  {
    name: "an inode beyond 2^53",
    processes: {
      2: { command: "x\0", links: { 3: "socket:[9007199254740993]" } },
    },
    wanted: [2n ** 53n + 1n],
    want: { "9007199254740993": "2/x" },
  },
  {
    name: "a process without descriptors",
    processes: { 2: { command: "x\0" } },
    wanted: [10],
    want: {},
    any: false,
  },
];

for (const { name, processes, wanted, want, any } of WALKS) {
  Deno.test(`findOwners: ${name}`, () => {
    withTree(processes, (tree) => {
      const owners = findOwners(tree, new Set(wanted), false);
      const got = [...owners.byInode].map(([inode, owner]) => [
        inode.toString(),
        `${owner.pid}/${owner.name}`,
      ]);
      assert.deepEqual(Object.fromEntries(got), want);
      assert.equal(owners.any, any ?? true);
      assert.equal(owners.denied, false);
    });
  });
}

Deno.test("findOwners: contexts are read only if they are wanted", () => {
  const processes = {
    2: { command: "a\0", context: "u:r:t:s0\0", links: { 3: "socket:[10]" } },
    3: { command: "b\0", links: { 3: "socket:[11]" } },
  };
  withTree(processes, (tree) => {
    const wanted = new Set([10, 11]);
    const contexts = (withContext: boolean) =>
      [...findOwners(tree, wanted, withContext).byInode.values()]
        .map((owner) => owner.context);
    assert.deepEqual(contexts(true), ["u:r:t:s0", undefined]);
    assert.deepEqual(contexts(false), [undefined, undefined]);
  });
});

Deno.test("findOwners: a command line that is a folder is passed over", () => {
  const processes = {
    2: { links: { 3: "socket:[10]" } },
    3: { command: "b\0", links: { 3: "socket:[10]" } },
  };
  withTree(processes, (tree) => {
    Deno.mkdirSync(`${tree.root}/proc/2/cmdline`);
    const owners = findOwners(tree, new Set([10]), false);
    assert.equal(owners.byInode.get(10)?.pid, 3);
  });
});

Deno.test("findOwners: descriptors that are no folder are not denied", () => {
  withTree({ 2: { command: "x\0" } }, (tree) => {
    Deno.writeTextFileSync(`${tree.root}/proc/2/fd`, "");
    const owners = findOwners(tree, new Set([10]), false);
    assert.equal(owners.denied, false);
  });
});

Deno.test("findOwners: without /proc all is denied", () => {
  const root = Deno.makeTempDirSync({ prefix: "netstat-test-" });
  try {
    const owners = findOwners(new Tree(root), new Set([10]), false);
    assert.deepEqual(owners, { byInode: new Map(), denied: true, any: false });
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

Deno.test("ownersNote: only if something was denied", () => {
  const owners = (denied: boolean, any: boolean): Owners => ({
    byInode: new Map(),
    denied,
    any,
  });
  const unasked = () => assert.fail("nobody needs to know the user");
  assert.deepEqual(ownersNote(owners(false, false), unasked), []);
  assert.deepEqual(ownersNote(owners(false, true), unasked), []);
  assert.deepEqual(ownersNote(owners(true, false), () => 1000), [
    '(No info could be read for "-p": geteuid()=1000 but you should be root.)',
  ]);
  assert.deepEqual(ownersNote(owners(true, true), unasked), [
    "(Not all processes could be identified, non-owned process info",
    " will not be shown, you would have to be root to see it all.)",
  ]);
});

function withTree(
  processes: Record<string, Process>,
  test: (tree: Tree) => void,
): void {
  const root = Deno.makeTempDirSync({ prefix: "netstat-test-" });
  try {
    for (
      const [pid, { command, context, links }] of Object.entries(processes)
    ) {
      const folder = `${root}/proc/${pid}`;
      Deno.mkdirSync(`${folder}/attr`, { recursive: true });
      if (command !== undefined) {
        Deno.writeTextFileSync(`${folder}/cmdline`, command);
      }
      if (context !== undefined) {
        Deno.writeTextFileSync(`${folder}/attr/current`, context);
      }
      if (links === undefined) continue;
      Deno.mkdirSync(`${folder}/fd`);
      for (const [descriptor, target] of Object.entries(links)) {
        Deno.symlinkSync(target, `${folder}/fd/${descriptor}`);
      }
    }
    test(new Tree(root));
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}
