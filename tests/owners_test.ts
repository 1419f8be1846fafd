/**
 * Which process owns a socket: the forms of links and names, and the walk over a
 * tree of processes.
 */

import assert from "node:assert/strict";
import type { Holder, Long } from "../core/contract/family.ts";
import { inodeOf } from "../core/system/socket_links.ts";
import type { Failure } from "../core/system/failures.ts";
import { type Start, Tree } from "../core/system/scan.ts";
import {
  findOwners,
  type Owners,
  ownersNote,
  programName,
} from "../core/joins/owners.ts";
import { netstat } from "./program.ts";

/** What the text needs to know. */
const ONE = { context: false, all: false, ours: new Set<Long>() };

/** What JSON needs to know. */
const ALL = { ...ONE, all: true };

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
  readonly comm?: string;
  readonly status?: string;
  readonly links?: Record<string, string>;
}

const WALKS: {
  name: string;
  processes: Record<string, Process>;
  wanted: Long[];
  want: Record<string, string>;
  /** What JSON says, if that is something else. */
  json?: Record<string, string>;
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
    json: { 12: "98/null", 13: "98/null" },
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
    name: "an owner of inode 0 does not end the walk before its time",
    processes: {
      2: { command: "a\0", links: { 3: "socket:[00]" } },
      3: { command: "b\0", links: { 3: "socket:[10]" } },
    },
    wanted: [0, 10],
    want: { 0: "2/a", 10: "3/b" },
  },
  {
    name: "a process without descriptors",
    processes: { 2: { command: "x\0" } },
    wanted: [10],
    want: {},
    any: false,
  },
];

for (const { name, processes, wanted, want, json, any } of WALKS) {
  Deno.test(`findOwners: ${name}`, async () => {
    await withTree(processes, (tree) => {
      const those = new Set(wanted);
      for (
        const [question, only] of [
          [ONE, those],
          [ALL, those],
          [ALL, undefined],
        ] as const
      ) {
        const owners = findOwners(tree, only, question);
        const got = wanted.flatMap((inode) => {
          const held = owners.held.get(inode);
          return held === undefined
            ? []
            : [[`${inode}`, `${held.owner.pid}/${held.owner.name}`]];
        });
        assert.deepEqual(
          Object.fromEntries(got),
          question.all ? json ?? want : want,
        );
        assert.equal(owners.any, any ?? true);
        assert.equal(owners.denied, false);
      }
    });
  });
}

Deno.test("findOwners: contexts are read only if they are wanted", async () => {
  const processes = {
    2: { command: "a\0", context: "u:r:t:s0\0", links: { 3: "socket:[10]" } },
    3: { command: "b\0", links: { 3: "socket:[11]" } },
  };
  await withTree(processes, (tree) => {
    for (const question of [ONE, ALL]) {
      const contexts = (context: boolean) => {
        const wanted = new Set([10, 11]);
        const { held } = findOwners(tree, wanted, { ...question, context });
        return [10, 11].map((inode) => held.get(inode)!.owner.context);
      };
      assert.deepEqual(contexts(true), ["u:r:t:s0", undefined]);
      assert.deepEqual(contexts(false), [undefined, undefined]);
    }
  });
});

Deno.test("findOwners: a command line that is a folder is passed over", async () => {
  const processes = {
    2: { links: { 3: "socket:[10]" } },
    3: { command: "b\0", links: { 3: "socket:[10]" } },
  };
  await withTree(processes, (tree) => {
    Deno.mkdirSync(`${tree.root}/proc/2/cmdline`);
    const owners = findOwners(tree, new Set([10]), ONE);
    assert.equal(owners.held.get(10)?.owner.pid, 3);
  });
});

Deno.test("findOwners: descriptors that are no folder are not denied", async () => {
  await withTree({ 2: { command: "x\0" } }, async (tree) => {
    await Deno.writeTextFile(`${tree.root}/proc/2/fd`, "");
    const owners = findOwners(tree, new Set([10]), ONE);
    assert.equal(owners.denied, false);
  });
});

Deno.test("findOwners: without /proc all is denied", async () => {
  await withTree({}, (tree) => {
    const { held, ...owners } = findOwners(tree, new Set([10]), ONE);
    assert.deepEqual(owners, { denied: true, any: false });
    assert.equal(held.get(10), undefined);
  });
});

const STATUS =
  "Name:\tprog\nUmask:\t0022\nUid:\t1000\t0\t1001\t1002\nGid:\t5\n";

const HOLDERS: {
  name: string;
  processes: Record<string, Process>;
  /** Of inode 10: pid, descriptor, comm, command line, and uid. */
  want: readonly (readonly unknown[])[];
}[] = [
  {
    name: "each process and descriptor, in numerical order",
    processes: {
      100: { command: "b\0", links: { 3: "socket:[10]" } },
      99: {
        command: "a\0",
        links: { 20: "socket:[10]", 3: "socket:[10]", 4: "socket:[11]" },
      },
      98: { command: "c\0", links: { 3: "/dev/null", 5: "[0000]:10" } },
    },
    want: [
      [98, 5, null, ["c"], null],
      [99, 3, null, ["a"], null],
      [99, 20, null, ["a"], null],
      [100, 3, null, ["b"], null],
    ],
  },
  {
    name: "command lines are whole, and split as the kernel has it",
    processes: {
      2: {
        command: `/x/${"long".repeat(300)}\0--option\0\0a b\n\0`,
        links: { 3: "socket:[10]" },
      },
      3: { command: "nginx: worker", links: { 3: "socket:[10]" } },
      4: { command: "padded\0\0\0", links: { 3: "socket:[10]" } },
      5: { command: "\0", links: { 3: "socket:[10]" } },
      6: { command: "", links: { 3: "socket:[10]" } },
      7: { links: { 3: "socket:[10]" } },
    },
    want: [
      [
        2,
        3,
        null,
        [`/x/${"long".repeat(300)}`, "--option", "", "a b\n"],
        null,
      ],
      [3, 3, null, ["nginx: worker"], null],
      [4, 3, null, ["padded", "", ""], null],
      [5, 3, null, [""], null],
      [6, 3, null, [], null],
      [7, 3, null, null, null],
    ],
  },
  {
    name: "comm loses its newline, and no other",
    processes: {
      2: { comm: "prog\n", links: { 3: "socket:[10]" } },
      3: { comm: "a\nb\n\n", links: { 3: "socket:[10]" } },
      4: { comm: "", links: { 3: "socket:[10]" } },
      5: { comm: "caf\u00e9\x01\n", links: { 3: "socket:[10]" } },
    },
    want: [
      [2, 3, "prog", null, null],
      [3, 3, "a\nb\n", null, null],
      [4, 3, "", null, null],
      [5, 3, "caf\xc3\xa9\x01", null, null],
    ],
  },
  {
    name: "the user is the effective one",
    processes: {
      2: { status: STATUS, links: { 3: "socket:[10]" } },
      3: {
        status: "Name:\tUid:\nUid:\t1\t4294967294\t3\t4\n",
        links: { 3: "socket:[10]" },
      },
      4: { status: "Name:\tx\n", links: { 3: "socket:[10]" } },
    },
    want: [
      [2, 3, null, null, 0],
      [3, 3, null, null, 4294967294],
      [4, 3, null, null, null],
    ],
  },
];

for (const { name, processes, want } of HOLDERS) {
  Deno.test(`findOwners: all: ${name}`, async () => {
    await withTree(processes, (tree) => {
      for (const wanted of [new Set([10]), undefined]) {
        const { held } = findOwners(tree, wanted, ALL);
        assert.deepEqual(held.get(10)!.holders.map(facts), want);
      }
      const { held } = findOwners(tree, new Set([1]), ALL);
      assert.equal(held.get(10), undefined, "no other is wanted");
      const one = findOwners(tree, new Set([10]), ONE).held.get(10);
      assert.deepEqual(one?.holders ?? [], [], "nobody asked");
    });
  });
}

Deno.test("findOwners: all: a command line that has no end is cut", async () => {
  const most = 6 << 20;
  const process = {
    command: "x".repeat(most + 1),
    links: { 3: "socket:[10]" },
  };
  await withTree({ 2: process }, (tree) => {
    const { owner, holders } = findOwners(tree, new Set([10]), ALL).held
      .get(10)!;
    const [{ process }] = holders as [Holder];
    assert.equal(process.cmdline![0]!.length, 4096);
    assert.equal(process.cmdlineLength, most);
    assert.equal(owner.name!.length, 511);
  });
});

Deno.test("findOwners: all: a process with many descriptors has less of a command line", async () => {
  const count = 3 * 4096;
  const links = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [i, "socket:[10]"]),
  );
  const processes = {
    2: { command: "x\0".repeat(3000), links },
    3: { command: "y".repeat(5000), links: { 3: "socket:[10]" } },
  };
  await withTree(processes, (tree) => {
    const { holders } = findOwners(tree, new Set([10]), ALL).held.get(10)!;
    assert.equal(holders.length, count + 1);
    const shownAt = (holder: number) => {
      const { cmdline, cmdlineLength } = holders[holder]!.process;
      assert.equal(cmdlineLength, 6000);
      return cmdline!.join("\0").length;
    };
    assert.deepEqual([0, 4095].map(shownAt), [4095, 4095]);
    const others = shownAt(4096);
    assert.equal(shownAt(count - 1), others);
    assert.ok(others > 1000 && others * count <= 16 << 20, `${others} bytes`);
    const one = holders.at(-1)!;
    assert.equal(one.process.cmdline![0]!.length, 4096);
    assert.equal(one.process.cmdlineLength, 5000);
  });
});

Deno.test("findOwners: all: sockets that are not told take nothing from a command line", async () => {
  const count = 3 * 4096;
  const links = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [i, `socket:[${1000 + i}]`]),
  );
  const command = "x".repeat(5000);
  await withTree({ 2: { command, links } }, (tree) => {
    const { held } = findOwners(tree, undefined, ALL);
    const shownAt = (socket: number) =>
      held.get(1000 + socket)!.holders[0]!.process.cmdline![0]!.length;
    assert.equal(shownAt(count - 1), 4096, "the first one that is told");
    for (let socket = 0; socket < 4095; socket++) shownAt(socket);
    const others = shownAt(5000);
    assert.ok(others > 1000 && others * count <= 16 << 20, `${others} bytes`);
    // each as it was told before
    assert.deepEqual([count - 1, 0, 5000].map(shownAt), [4096, 4096, others]);
  });
});

function facts({ process, fd }: Holder): unknown[] {
  return [process.pid, fd, process.comm, process.cmdline, process.uid];
}

/** A tree that tells what was read of it. */
class Watched extends Tree {
  readonly done: string[] = [];

  override readStart(path: string, most: number, end: number): Start | Failure {
    this.done.push(path);
    return super.readStart(path, most, end);
  }

  override link(path: string): string | undefined {
    this.done.push(path);
    return super.link(path);
  }
}

Deno.test("findOwners: no more is read than is needed", async () => {
  const process = { command: "x\0", comm: "x\n", status: STATUS };
  const processes = {
    2: { ...process, links: { 3: "socket:[99]" } },
    3: { ...process, links: { 3: "socket:[98]" } },
    4: { ...process, links: { 3: "socket:[10]", 4: "socket:[11]" } },
    5: { ...process, links: { 3: "socket:[10]" } },
  };
  await withTree(processes, ({ root }) => {
    const reads = (all: boolean) => {
      const tree = new Watched(root);
      const wanted = new Set([10, 11, 0]);
      const { held } = findOwners(tree, wanted, { ...ONE, all });
      const { length } = tree.done;
      for (const inode of wanted) held.get(inode);
      // a process can end before it is shown
      assert.equal(tree.done.length, length, "nothing is read later");
      return tree.done.map((path) => path.replace("/proc/", "")).sort();
    };
    // the first process with sockets settles what the note would say
    const text = ["2/cmdline", "2/fd/3", "3/fd/3", "4/cmdline"];
    assert.deepEqual(reads(false), [...text, "4/fd/3", "4/fd/4"]);
    assert.deepEqual(reads(true), [
      "2/fd/3",
      "3/fd/3",
      "4/cmdline",
      "4/comm",
      "4/fd/3",
      "4/fd/4",
      "4/status",
      "5/cmdline",
      "5/comm",
      "5/fd/3",
      "5/status",
    ]);
  });
});

Deno.test("--json -p: the owners of a socket", async () => {
  const status = (uid: number) => `Name:\tx\nUid:\t7\t${uid}\t7\t7\n`;
  const processes = {
    20: {
      command: "/usr/sbin/serve\0--caf\u00e9\x1b\0",
      comm: "serve\x1b\n",
      status: status(1000),
      links: { 3: "socket:[100]", 11: "socket:[100]" },
    },
    3: {
      command: "init\0",
      comm: "init\n",
      status: status(0),
      links: { 40: "socket:[100]" },
    },
    21: { status: status(4242), links: { 5: "socket:[100]" } },
  };
  await withTree(processes, async (tree) => {
    addServers(tree, [100, 101]);
    const look = async (...args: string[]) => {
      const { stdout, stderr, exit } = await netstat(
        "--root",
        tree.root,
        ...args,
      );
      assert.equal(stderr, "");
      assert.equal(exit, 0);
      return stdout;
    };
    const serve = {
      comm: "serve\x1b",
      cmdline: ["/usr/sbin/serve", "--caf\u00e9\x1b"],
      cmdline_length: 25,
      uid: 1000,
      user: "alice",
    };
    const owners = [
      {
        pid: 3,
        fd: 40,
        comm: "init",
        cmdline: ["init"],
        cmdline_length: 5,
        uid: 0,
        user: "root",
      },
      { pid: 20, fd: 3, ...serve },
      { pid: 20, fd: 11, ...serve },
      {
        pid: 21,
        fd: 5,
        comm: null,
        cmdline: null,
        cmdline_length: null,
        uid: 4242,
        user: null,
      },
    ];
    const json = await look("-tlp", "--json", "--numeric-hosts");
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(json, /[\x00-\x09\x0b-\x1f]/);
    const bytes = Uint8Array.from(json, (c) => c.charCodeAt(0));
    const rows = JSON.parse(new TextDecoder().decode(bytes));
    assert.equal(rows.length, 2);
    assert.equal(rows[0].pid, 3);
    assert.equal(rows[0].program_name, "init");
    assert.deepEqual(rows[0].owners, owners);
    assert.equal(rows[1].pid, null);
    assert.deepEqual(rows[1].owners, []);
    const order = [
      ...["pid", "fd", "comm", "cmdline", "cmdline_length", "uid", "user"],
    ];
    assert.deepEqual(Object.keys(rows[0].owners[0]), order);

    const lines = (await look("-tlp", "--ndjson", "--numeric-hosts")).split(
      "\n",
    );
    assert.equal(`[${lines[0]},${lines[1]}]\n`, json);

    const usersOf = async (...args: string[]) => {
      const [row] = JSON.parse(await look("-tlpn", "--json", ...args));
      return row.owners.map((owner: { user: unknown }) => owner.user);
    };
    assert.deepEqual(await usersOf(), owners.map((owner) => owner.user));
    const nobody = [null, null, null, null];
    assert.deepEqual(await usersOf("--numeric-users"), nobody);
    assert.ok(!(await look("-tln", "--json")).includes("owners"));
  });
});

Deno.test("--json -p: owners without end", async () => {
  const links = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [i, "socket:[100]"]),
  );
  const command = "\x01".repeat(300) + "\0" + "x\0".repeat(300);
  await withTree({ 2: { command, links } }, async (tree) => {
    addServers(tree, [100]);
    const { stdout } = await netstat("--root", tree.root, "-tlpn", "--json");
    const [{ owners }] = JSON.parse(stdout);
    assert.equal(owners.length, 300);
    for (const [fd, owner] of owners.entries()) {
      assert.equal(owner.fd, fd);
      assert.equal(owner.cmdline.join("\0") + "\0", command);
    }
  });
});

Deno.test("ownersNote: only if something was denied", () => {
  const owners = (denied: boolean, any: boolean): Owners => ({
    held: new Map(),
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

async function withTree(
  processes: Record<string, Process>,
  test: (tree: Tree) => void | Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    for (const [pid, process] of Object.entries(processes)) {
      makeProcess(`${root}/proc/${pid}`, process);
    }
    await test(new Tree(root));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function makeProcess(folder: string, { links, ...process }: Process): void {
  Deno.mkdirSync(`${folder}/attr`, { recursive: true });
  const { command, context, comm, status } = process;
  const files = { cmdline: command, "attr/current": context, comm, status };
  for (const [name, text] of Object.entries(files)) {
    if (text !== undefined) Deno.writeTextFileSync(`${folder}/${name}`, text);
  }
  if (links === undefined) return;
  Deno.mkdirSync(`${folder}/fd`);
  for (const [descriptor, target] of Object.entries(links)) {
    Deno.symlinkSync(target, `${folder}/fd/${descriptor}`);
  }
}

/** Gives a tree a table of servers with these inodes, and users. */
function addServers({ root }: Tree, inodes: readonly number[]): void {
  const header = "  sl  local_address rem_address   st tx_queue rx_queue " +
    "tr tm->when retrnsmt   uid  timeout inode\n";
  const lines = inodes.map((inode) =>
    "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 " +
    `00000000  1001        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`
  );
  Deno.mkdirSync(`${root}/proc/net`);
  Deno.writeTextFileSync(`${root}/proc/net/tcp`, header + lines.join(""));
  Deno.mkdirSync(`${root}/etc`);
  Deno.writeTextFileSync(
    `${root}/etc/passwd`,
    "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n",
  );
}
