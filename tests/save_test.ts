/** Saves: the tar, the file that it goes to, and what is read back of interfaces. */

import assert from "node:assert/strict";
import { firstBeyond } from "../core/args/options.ts";
import { Failure } from "../core/system/failures.ts";
import { answersIn } from "../core/system/netlink.ts";
import { Packed, Pieces, reopened } from "../core/system/save.ts";
import { beginFile } from "../core/system/save_file.ts";
import { answerPath } from "../core/system/saved_diag.ts";
import { Lines, Tree } from "../core/system/scan.ts";
import {
  ADDRESSES,
  LINKS,
  linksIn,
  toldDevices,
} from "../core/system/told_devices.ts";
import { Line } from "../core/contract/line.ts";
import { treeIn } from "../core/system/archive.ts";
import { done, joined, message, packed, text } from "./diag_answers.ts";
import { namesIn, withFolder } from "./trees.ts";

const NEWLINK = 16;
const NEWADDR = 20;

/** An interface as the kernel answers: loopback, with a hardware address of zeros. */
function link(name: string, index: number, flags: number): Uint8Array {
  return joined(
    packed([16, 0], [16, 772], [32, index], [32, flags], [32, 0]),
    [
      [1, new Uint8Array(6)],
      [3, text(name, name.length + 1)],
      [4, packed([32, 65536])],
      [13, packed([32, 1000])],
      [14, packed([64, 1], [64, 2], [64, 3], [16, 4], [8, 5], [8, 6], [32, 0])],
      [16, packed([8, 6])],
    ],
  );
}

function address(label: string, bits: number, local: number[]): Uint8Array {
  return joined(
    packed([8, 2], [8, bits], [8, 0], [8, 0], [32, 1]),
    [
      [1, Uint8Array.from(local)],
      [2, Uint8Array.from(local)],
      [3, text(label, label.length + 1)],
    ],
  );
}

Deno.test("save: interfaces of answers are those of ioctls", async () => {
  await withFolder(async (folder) => {
    const answers = [
      [LINKS, NEWLINK, [link("lo", 1, 0x10049), link("eth0", 2, 0x1043)]],
      [ADDRESSES, NEWADDR, [
        address("lo", 8, [127, 0, 0, 1]),
        address("lo", 8, [127, 0, 0, 3]),
        address("lo:1", 30, [127, 0, 0, 2]),
      ]],
    ] as const;
    for (const [asking, type, all] of answers) {
      const path = folder + answerPath(asking);
      await Deno.mkdir(path.replace(/[^/]*$/, ""), { recursive: true });
      const messages = all.map((one) => message(one, { type }));
      const whole = [...messages, done()].flatMap((bytes) => [...bytes]);
      await Deno.writeFile(path, Uint8Array.from(whole));
    }
    const devices = toldDevices(new Tree(folder))!;
    assert.deepEqual(devices.names(), ["lo", "lo:1"]);
    const lo = devices.ask("lo");
    const alias = devices.ask("lo:1");
    const other = devices.ask("none");
    assert.ok(!(lo instanceof Failure) && !(alias instanceof Failure));
    assert.ok(!(other instanceof Failure));
    assert.deepEqual(
      { ...lo, address: [...lo.address!] },
      {
        name: "lo",
        flags: 0x49,
        mtu: 65536,
        type: 772,
        address: [0, 0, 0, 0, 0, 0, 0, 0],
        queue: 1000,
        resources: {
          memoryStart: 1n,
          memoryEnd: 2n,
          base: 3,
          interrupt: 4,
          dma: 5,
          port: 6,
        },
        inet: {
          address: Uint8Array.of(127, 0, 0, 1),
          destination: Uint8Array.of(127, 0, 0, 1),
          broadcast: new Uint8Array(4),
          netmask: Uint8Array.of(255, 0, 0, 0),
        },
        outfill: 0,
        keepalive: 0,
      },
    );
    assert.deepEqual(alias.inet!.netmask, Uint8Array.of(255, 255, 255, 252));
    assert.deepEqual([alias.name, alias.mtu], ["lo:1", 65536]);
    assert.deepEqual([other.name, other.flags, other.inet], [
      "none",
      null,
      null,
    ]);
  });
});

Deno.test("save: a tree without addresses has none that are told", async () => {
  await withFolder((folder) => {
    assert.equal(toldDevices(new Tree(folder)), undefined);
    return Promise.resolve();
  });
});

Deno.test("save: messages that are none end the piece that they are in", () => {
  const good = message(link("lo", 1, 1), { type: NEWLINK });
  const long = good.slice();
  new DataView(long.buffer).setUint32(0, good.length + 1, true);
  const short = new Uint8Array(16);
  for (const bad of [long, short, good.subarray(0, 15), good.subarray(0, 40)]) {
    const piece = Uint8Array.from([...good, ...bad, ...good]);
    const found = [...answersIn([piece, good], NEWLINK)];
    assert.ok(found.length >= 2 && found.length <= 3, `${found.length}`);
    for (const { bytes, start, end } of found) {
      assert.ok(start <= end && end <= bytes.length);
    }
  }
  assert.deepEqual(linksIn([good, good]).map(({ name }) => name), ["lo", "lo"]);
  assert.deepEqual([...answersIn([good], NEWADDR)], []);
});

Deno.test("save: what was read is read once more, whatever the pieces", () => {
  const whole = new TextEncoder().encode("head\none\ntwo and more\n\nlast");
  for (const size of [1, 3, 7, 100]) {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < whole.length; at += size) {
      pieces.push(whole.subarray(at, at + size));
    }
    const lines = new Lines("x", reopened(pieces), 100);
    const line = new Line();
    const read: string[] = [];
    while (lines.next(line)) read.push(line.text());
    assert.deepEqual(read, ["head", "one", "two and more", "", "last"]);
  }
});

Deno.test("save: many bytes are what they were, and take less memory", () => {
  const pieces = new Pieces();
  const all = new Uint8Array(10_000_000).map((_, i) => i >> 8);
  for (let at = 0; at < all.length; at += 99_991) {
    pieces.add(all.slice(at, at + 99_991));
  }
  assert.equal(pieces.size, all.length);
  // once and once more
  for (let i = 0; i < 2; i++) assert.deepEqual(pieces.whole(), all);
  // no piece is divided: what is whole in one stays so
  let end = 0;
  for (const { length } of pieces) {
    end += length;
    assert.ok(end % 99_991 === 0 || end === all.length);
  }
});

for (const gzip of [false, true]) {
  Deno.test({
    name: `save: a tar, ${
      gzip ? "packed" : "as it is"
    }, is read as it was written`,
    // a signal is minded from the first file on, for good
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await withFolder(async (folder) => {
        const path = `${folder}/a`;
        const target = beginFile(path, { force: false });
        assert.ok(!(target instanceof Failure));
        const tar = new Packed((bytes) => target.write(bytes), { gzip });
        const long = `/proc/${"net/".repeat(30)}${"x".repeat(120)}`;
        const big = new Uint8Array(200_000).map((_, i) => i % 251);
        await tar.add(
          "/proc/net/tcp",
          new Pieces([big.subarray(0, 70_000), big.subarray(70_000)]),
        );
        await tar.add("/proc/net/empty", new Pieces());
        await tar.add(long, new Pieces([Uint8Array.of(1, 2, 3)]));
        await tar.link("/proc/1/fd/3", "socket:[4711]");
        await tar.end();
        assert.match(namesIn(folder).join(), /^\.netstat-save-[0-9a-f]{8}$/);
        target.finish();
        assert.deepEqual(namesIn(folder), ["a"]);
        assert.equal((await Deno.stat(path)).mode! & 0o7777, 0o600);
        const tree = await treeIn(path);
        assert.ok(tree instanceof Tree);
        assert.deepEqual(tree.read("/proc/net/tcp"), big);
        assert.deepEqual(tree.read("/proc/net/empty"), new Uint8Array(0));
        assert.deepEqual(tree.read(long), Uint8Array.of(1, 2, 3));
        assert.equal(tree.link("/proc/1/fd/3"), "socket:[4711]");
      });
    },
  });
}

Deno.test("save: what cannot be written is told by who adds, and once", async () => {
  const full = new Error("ENOSPC: no space left on device, write");
  const tar = new Packed(() => {
    throw full;
  }, { gzip: false });
  const piece = new Uint8Array(1 << 20);
  await assert.rejects(async () => {
    for (let n = 0; n < 100; n++) await tar.add(`/a${n}`, new Pieces([piece]));
    await tar.end();
  }, full);
});

Deno.test("save: a file that is there stays, unless by force", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a`;
    const target = beginFile(path, { force: false });
    assert.ok(!(target instanceof Failure));
    target.write(Uint8Array.of(1));
    // it comes while we write
    await Deno.writeTextFile(path, "theirs");
    assert.throws(() => target.finish(), Deno.errors.AlreadyExists);
    target.undo();
    assert.deepEqual(namesIn(folder), ["a"]);
    assert.equal(await Deno.readTextFile(path), "theirs");
    const refused = beginFile(path, { force: false });
    assert.ok(refused instanceof Failure);
    assert.equal(refused.reason, "File exists; --force overwrites it");
    const forced = beginFile(path, { force: true });
    assert.ok(!(forced instanceof Failure));
    forced.write(Uint8Array.of(1, 2));
    forced.undo();
    assert.equal(await Deno.readTextFile(path), "theirs");
    assert.deepEqual(namesIn(folder), ["a"]);
  });
});

Deno.test("save: who borrows rights may write to standard output only", () => {
  const refused = (...words: string[]) => firstBeyond(words, false)?.long;
  assert.equal(refused("-tan", "--save", "-"), undefined);
  assert.equal(refused("-tan", "--save=-", "--force"), undefined);
  for (const file of ["a", "--", "-a", "/dev/stdout", ""]) {
    assert.equal(refused("-tan", `--save=${file}`), "save", file);
  }
  assert.equal(refused("--save=-", "--save=a"), "save");
});
