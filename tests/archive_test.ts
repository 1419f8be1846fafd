/** Saved trees in one file: what is in them, and what those ask for that nobody made. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { byteString } from "../core/contract/line.ts";
import { type Limits, treeIn } from "../core/system/archive.ts";
import { Failure } from "../core/system/failures.ts";
import type { Tree } from "../core/system/scan.ts";

// the C library stays open: it is opened before a test is asked what it left open
Failure.ofErrno("", 2);

/** A member of an archive; a file unless its type says otherwise. */
interface Member {
  readonly name: string;
  readonly text?: string;
  readonly type?: string;
  readonly link?: string;
  /** What stands in place of its size. */
  readonly size?: string;
}

const BLOCK = 512;

/** A header and the data, as POSIX has them (`pax`, ustar). */
function blocksOf({ name, text = "", type = "0", link = "", size }: Member) {
  const data = Buffer.from(text);
  const header = Buffer.alloc(BLOCK);
  const put = (at: number, text: string) => header.write(text, at, "latin1");
  put(0, name);
  put(100, "0000644\0");
  put(124, size ?? `${data.length.toString(8).padStart(11, "0")}\0`);
  put(136, "00000000000\0");
  put(148, "        ");
  put(156, type);
  put(157, link);
  put(257, "ustar\x0000");
  const sum = header.reduce((sum, byte) => sum + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  const padding = Buffer.alloc((BLOCK - data.length % BLOCK) % BLOCK);
  return [header, data, padding];
}

function tar(members: readonly Member[]): Buffer {
  return Buffer.concat([
    ...members.flatMap(blocksOf),
    Buffer.alloc(2 * BLOCK),
  ]);
}

async function opened(
  bytes: Uint8Array,
  limits?: Limits,
): Promise<Tree | Failure> {
  const path = await Deno.makeTempFile({ suffix: ".tar" });
  try {
    await Deno.writeFile(path, bytes);
    return await treeIn(path, limits);
  } finally {
    await Deno.remove(path);
  }
}

async function tree(members: readonly Member[]): Promise<Tree> {
  const found = await opened(tar(members));
  assert.ok(!(found instanceof Failure), String(found));
  return found;
}

/** What a file says, or why it cannot be read. */
function read(tree: Tree, path: string): string {
  const bytes = tree.read(path);
  return bytes instanceof Failure ? bytes.code : byteString(bytes);
}

/** What is told at the end. */
function told({ failures }: Tree): string[] {
  const lines: string[] = [];
  failures.end(0, { warn: (line) => lines.push(line) });
  return lines.map((line) => line.replace(/\/\S*\.tar/, "FILE"));
}

const TCP = { name: "proc/net/tcp", text: "sl\n" };

Deno.test("archive: files, folders and links, however they were packed", async () => {
  const members: Member[] = [
    { name: "proc/", type: "5" },
    TCP,
    { name: "proc/net/tcp6", text: "" },
    { name: "proc/7/fd/3", type: "2", link: "socket:[12]" },
    { name: "proc/7/comm", text: "nginx\n" },
    { name: "etc/services", type: "2", link: "/usr/share/services" },
    { name: "etc/hosts", text: "h" },
    { name: "etc/again", type: "1", link: "etc/hosts" },
    { name: "sys/class/net/eth0", type: "2", link: "../../devices/x/eth0" },
    { name: "sys/devices/x/eth0/mtu", text: "1500\n" },
    { name: "data/docker/containers/9e/config.v2.json", text: "{}" },
    { name: "var/log/syslog", text: "not looked at" },
  ];
  for (const prefix of ["", "./", "/", "report-2026/", "a/b/c/"]) {
    const named = members.map((member) => ({
      ...member,
      name: prefix + member.name,
      ...(member.type === "1" ? { link: prefix + member.link! } : {}),
    }));
    const plain = tar(named);
    for (const bytes of [plain, gzipSync(plain)]) {
      const found = await opened(bytes);
      assert.ok(!(found instanceof Failure), String(found));
      assert.equal(read(found, "/proc/net/tcp"), "sl\n");
      assert.equal(read(found, "/proc/net/tcp6"), "");
      assert.deepEqual(found.list("/proc"), ["net", "7"]);
      assert.equal(found.link("/proc/7/fd/3"), "socket:[12]");
      assert.equal(read(found, "/etc/again"), "h");
      assert.equal(read(found, "/sys/class/net/eth0/mtu"), "1500\n");
      assert.equal(read(found, "/etc/services"), "ENOENT");
      const container = "/data/docker/containers/9e/config.v2.json";
      assert.equal(read(found, container), "{}");
      assert.equal(read(found, "/var/log/syslog"), "ENOENT");
      assert.equal(found.exists("/proc/net/udp"), false);
      assert.equal(found.inode("/proc/net/tcp"), undefined);
      assert.equal(found.live, false);
      assert.equal(found.isRunning, false);
      assert.equal(found.failure(), undefined);
    }
  }
});

Deno.test("archive: long names", async () => {
  const name = `proc/net/${"x".repeat(150)}`;
  const pax = (record: string) => `${record.length + 5} ${record}\n`;
  const long = await tree([
    { name: "pax", type: "x", text: pax(`path=${name}`) },
    { name: "short", text: "by pax" },
  ]);
  assert.equal(read(long, `/${name}`), "by pax");
  const gnu = await tree([
    { name: "././@LongLink", type: "L", text: `${name}\0` },
    { name: "short", text: "by GNU tar" },
  ]);
  assert.equal(read(gnu, `/${name}`), "by GNU tar");
});

/** What nobody packs who means well: what is read then, and what is told. */
const HOSTILE: readonly {
  readonly about: string;
  readonly members: readonly Member[];
  readonly path?: string;
  readonly want?: string;
  readonly told?: readonly string[];
}[] = [
  {
    about: "a name that leads out",
    members: [TCP, { name: "proc/../../etc/passwd", text: "root" }],
    path: "/etc/passwd",
    want: "ENOENT",
    told: ["Members left out, since their names cannot be: 1"],
  },
  {
    about: "a link to a file of the machine",
    members: [TCP, { name: "etc/passwd", type: "2", link: "/etc/hostname" }],
    path: "/etc/passwd",
    want: "ENOENT",
  },
  {
    about: "a link that leads out",
    members: [
      TCP,
      { name: "etc/passwd", type: "2", link: "../../../../../etc/passwd2" },
      { name: "etc/passwd2", text: "own" },
    ],
    path: "/etc/passwd",
    want: "own",
  },
  {
    about: "a link to itself",
    members: [TCP, { name: "etc/passwd", type: "2", link: "passwd" }],
    path: "/etc/passwd",
    want: "ELOOP",
  },
  {
    about: "links that grow",
    members: [
      TCP,
      { name: "etc/a", type: "2", link: `${"a/".repeat(40)}` },
    ],
    path: "/etc/a",
    want: "ELOOP",
  },
  {
    about: "a hard link out",
    members: [TCP, { name: "etc/passwd", type: "1", link: "/etc/passwd" }],
    path: "/etc/passwd",
    want: "ENOENT",
    told: ["Members left out, since their names cannot be: 1"],
  },
  {
    about: "a device",
    members: [{ name: "proc/net/tcp", type: "3" }],
    want: "EINVAL",
  },
  {
    about: "a pipe",
    members: [{ name: "proc/net/tcp", type: "6" }],
    want: "EINVAL",
  },
  {
    about: "a folder in a file's place",
    members: [{ name: "proc/net/tcp/", type: "5" }],
    want: "EISDIR",
  },
  {
    about: "a file in a folder's place",
    members: [{ name: "proc/net", text: "no" }, TCP],
    want: "ENOTDIR",
    told: ["Members left out, since their names cannot be: 1"],
  },
  {
    about: "one name twice",
    members: [TCP, { ...TCP, text: "later" }],
    want: "later",
  },
  {
    about: "a name of very many parts",
    members: [TCP, { name: "a/".repeat(45) + "b", text: "" }, {
      name: `pax`,
      type: "x",
      text: "216 path=" + "a/".repeat(103) + "\n",
    }, { name: "x", text: "" }],
    want: "sl\n",
    told: ["Members left out, since their names cannot be: 1"],
  },
  {
    about: "control bytes in names",
    members: [TCP, { name: "proc/\x1b[2J\n", text: "" }],
    want: "sl\n",
  },
  {
    about: "names of objects",
    members: [TCP, { name: "proc/__proto__/constructor", text: "p" }],
    path: "/proc/__proto__/constructor",
    want: "p",
  },
];

for (const { about, members, path, want, told: lines = [] } of HOSTILE) {
  Deno.test(`archive: ${about}`, async () => {
    const found = await tree(members);
    const failures = told(found);
    assert.deepEqual(
      failures,
      lines.map((line) => `netstat: cannot read FILE: ${line}`),
    );
    assert.equal(read(found, path ?? "/proc/net/tcp"), want);
  });
}

Deno.test("archive: what gzip(1) unpacks: several files, and what is behind them", async () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join("");
  const bytes = tar([TCP, { name: "proc/net/udp", text }]);
  const halves = [bytes.subarray(0, 70_000), bytes.subarray(70_000)];
  const packed = Buffer.concat(halves.map((half) => gzipSync(half)));
  const cases = [
    { behind: Buffer.alloc(0), damaged: false },
    { behind: Buffer.alloc(512), damaged: false },
    { behind: Buffer.from("more"), damaged: true },
  ];
  for (const { behind, damaged } of cases) {
    const found = await opened(Buffer.concat([packed, behind]));
    assert.ok(!(found instanceof Failure), String(found));
    assert.equal(read(found, "/proc/net/tcp"), "sl\n");
    assert.deepEqual(
      told(found).map((line) => /damaged, and read up to there/.test(line)),
      damaged ? [true] : [],
    );
    if (!damaged) assert.equal(read(found, "/proc/net/udp"), text);
  }
});

Deno.test("archive: what is no archive is told", async () => {
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(0), /Neither a folder nor a tar archive/],
    [Buffer.from("root:x:0:0"), /Neither a folder nor a tar archive/],
    [Buffer.from("\xfd7zXZ\0", "latin1"), /use xz -d first/],
    [Buffer.from("BZh9"), /use bzip2 -d first/],
    [Buffer.from("\x28\xb5\x2f\xfd", "latin1"), /use zstd -d first/],
    [gzipSync("no tar"), /: ./],
    [tar([]), /Neither a folder nor a tar archive/],
    [tar([{ name: "etc/motd/", type: "5", size: "zzzz" }]), /: ./],
  ];
  for (const [bytes, want] of cases) {
    const found = await opened(bytes);
    assert.ok(found instanceof Failure);
    assert.match(String(found), want);
  }
  const missing = await treeIn("/nowhere.tar");
  assert.ok(missing instanceof Failure);
  assert.equal(missing.code, "ENOENT");
  const device = await treeIn("/dev/zero");
  assert.match(String(device), /Neither a folder nor an archive/);
});

Deno.test("archive: too much is refused", async () => {
  const some = { members: 3, bytes: 20_000, kept: 5000 };
  const files = (count: number, text: string, folder = "proc/") =>
    Array.from({ length: count }, (_, i) => ({ name: folder + i, text }));
  const cases: [Buffer, RegExp][] = [
    [tar(files(4, "")), /more than 3 members/],
    [
      tar(files(3, "x".repeat(2000))),
      /more than 5000 bytes that would be kept/,
    ],
    [tar(files(1, "x".repeat(30_000), "var/log/")), /more than 20000 bytes/],
  ];
  for (const [bytes, want] of cases) {
    for (const packed of [bytes, gzipSync(bytes)]) {
      const found = await opened(packed, some);
      assert.ok(found instanceof Failure);
      assert.match(String(found), want);
    }
  }
  assert.ok(
    !(await opened(tar(files(3, "x".repeat(1000))), some) instanceof Failure),
  );
});

Deno.test("archive: cut, and with any byte changed", async () => {
  const members = [
    { name: "top/", type: "5" },
    { name: `top/${TCP.name}`, text: "sl\n".repeat(300) },
    { name: "top/etc/hosts", type: "2", link: "hosts2" },
    { name: "top/etc/hosts2", text: "127.0.0.1 me\n" },
  ];
  const good = tar(members);
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 0x8000_0000;
    return Math.floor(seed / 0x8000_0000 * below);
  };
  let damaged = 0;
  for (let i = 0; i < 400; i++) {
    let bytes = Buffer.from(i % 4 === 3 ? gzipSync(good) : good);
    if (i % 2 === 0) bytes = bytes.subarray(0, random(bytes.length));
    else {for (let n = random(4); n >= 0; n--) {
        bytes[random(bytes.length)] = random(256);
      }}
    const found = await opened(bytes);
    if (found instanceof Failure) {
      damaged++;
      continue;
    }
    for (const path of ["/proc/net/tcp", "/etc/hosts", "/proc", "/"]) {
      read(found, path);
      found.list(path);
      found.exists(path);
    }
    if (told(found).length > 0) damaged++;
  }
  assert.ok(damaged > 150, `${damaged}`);
});
