/**
 * `--graph` of programs that talk to each other, drawn by Graphviz. Needs root, iproute2,
 * `python3` and `dot`.
 */

import assert from "node:assert/strict";
import type { Result } from "../cases.ts";
import {
  boxesOf,
  type Seen,
  seenInDot,
  seenInMermaid,
  seenInSvg,
} from "../graphs.ts";
import { legible } from "../../render/picture.ts";
import { withFolder } from "../trees.ts";
import { run } from "./child.ts";
import { NETSTAT } from "./namespace.ts";
import { look, type Looking, makeWorld, type World } from "./world.ts";

const WORLD = new URL("graph_world.py", import.meta.url).pathname;

/** A program whose name would be more than that. */
const HOSTILE = String.raw`a"];.<b>-->%%{init}%%\\`;

/** The programs' world, and what it says that there is. */
interface Machine {
  readonly world: World;
  readonly folder: string;
  /** The number of the other network namespace. */
  readonly elsewhere: number;
}

async function inWorld(
  use: (machine: Machine) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const world = await makeWorld(
      ...["--net", "--mount", "--pid", "--fork", "--mount-proc"],
      ...["python3", WORLD, folder],
    );
    try {
      const elsewhere = Number(world.said.slice("ready ".length));
      await use({ world, folder, elsewhere });
    } finally {
      await world.end();
    }
  });
}

function netstat(
  { world }: Machine,
  args: string,
  looking: Looking = {},
): Promise<Result> {
  return look(world, NETSTAT, args.split(" "), { pids: true, ...looking });
}

function utf8(bytes: string): string {
  return new TextDecoder("utf-8", { fatal: true })
    .decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
}

/** What Graphviz makes of DOT; it must have nothing to say about it. */
async function svgOf(dot: string): Promise<string> {
  const child = new Deno.Command("dot", {
    args: ["-Tsvg"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(dot));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assert.deepEqual([new TextDecoder().decode(stderr), code], ["", 0]);
  return new TextDecoder().decode(stdout);
}

/** What is drawn, in all languages the same. */
async function drawn(
  machine: Machine,
  args: string,
  { stderr: said = "", ...looking }: Looking & { stderr?: string } = {},
): Promise<Seen> {
  const in_ = async (language: string) => {
    const { stdout, stderr, exit } = await netstat(
      machine,
      `--graph ${language} ${args}`,
      looking,
    );
    assert.deepEqual([stderr, exit], [said, 0], args);
    return utf8(stdout);
  };
  const dot = await in_("dot");
  const seen = seenInDot(dot);
  assert.deepEqual(seenInSvg(await svgOf(dot)), seen);
  assert.deepEqual(await seenInMermaid(await in_("mermaid")), seen);
  assert.equal(await in_("dot"), dot);
  return seen;
}

Deno.test("--graph: programs that talk to each other", async (t) => {
  await inWorld(async (machine) => {
    const { folder, elsewhere } = machine;
    await t.step("by itself: TCP and UDP, programs", async () => {
      const seen = await drawn(machine, "-n");
      assert.deepEqual(boxesOf(seen), [
        "10.77.0.2",
        HOSTILE,
        "agent",
        "browser",
        "names | udp 127.0.0.1:5353",
        "shop | tcp :8080",
      ]);
      assert.deepEqual(seen.arrows, [
        "10.77.0.2 > shop: tcp 8080 ×2",
        `${HOSTILE} > shop: tcp 8080 ×1`,
        "agent > names: udp 5353 ×1",
        "browser > 10.77.0.2: tcp 9090 ×1",
        "browser > shop: tcp 8080 ×3",
      ]);
    });
    await t.step("what is left of it by --where", async () => {
      const { arrows } = await drawn(
        machine,
        "-n --where program_name=browser",
      );
      assert.deepEqual(arrows, [
        "browser > 10.77.0.2: tcp 9090 ×1",
        "browser > shop: tcp 8080 ×3",
      ]);
      const few = await drawn(machine, "-n --where peer_program=agent");
      assert.deepEqual(few.arrows, []);
    });
    await t.step("UNIX sockets", async () => {
      const { boxes, arrows } = await drawn(
        machine,
        `-x --where program_name=agent`,
      );
      assert.equal(boxes.size, 2);
      const path = legible(`unix ${folder}/shop`);
      assert.deepEqual(arrows, [
        "agent - agent: unix ×1",
        `agent > shop: ${path} ×2`,
      ]);
      const listening = await drawn(machine, "-xl --where program_name~shop");
      assert.deepEqual(boxesOf(listening), [
        `shop | unix ${legible(`${folder}/shop`)}`,
      ]);
    });
    await t.step("addresses", async () => {
      const seen = await drawn(machine, "-n --graph-by address");
      assert.deepEqual(seen.arrows, [
        "10.77.0.1 > 10.77.0.2: tcp 9090 ×1",
        "10.77.0.2 > 10.77.0.1: tcp 8080 ×2",
        "127.0.0.1 > 127.0.0.1: tcp 8080 ×4, udp 5353 ×1",
      ]);
    });
    await t.step("two network namespaces", async () => {
      const seen = await drawn(machine, `-n --netns host,${elsewhere}`);
      assert.deepEqual(seen.clusters, [`${elsewhere}`, "host"]);
      // each sees the other's address
      assert.ok(seen.arrows.includes("far > 10.77.0.1: tcp 8080 ×2"));
      assert.ok(seen.arrows.includes("10.77.0.1 > far: tcp 9090 ×1"));
      assert.ok(seen.arrows.includes("10.77.0.2 > shop: tcp 8080 ×2"));
    });
    await t.step("a user who sees no owners is told", async () => {
      const { boxes } = await drawn(machine, "-n", {
        uid: 65534,
        stderr:
          '(No info could be read for "-p": geteuid()=65534 but you should be root.)\n',
      });
      assert.deepEqual(
        [...boxes.values()].map(([first]) => first),
        ["unknown owner", "10.77.0.2"],
      );
    });
  });
});

Deno.test("docs/graph.svg is what Graphviz makes of docs/server", async () => {
  const docs = new URL("../../docs/", import.meta.url).pathname;
  const { stdout, stderr, exit } = await run([
    NETSTAT,
    ...["--root", `${docs}server`, "--graph", "dot", "-n"],
  ]);
  assert.deepEqual([stderr, exit], ["", 0]);
  const anew = await svgOf(utf8(stdout));
  assert.deepEqual(
    seenInSvg(await Deno.readTextFile(`${docs}graph.svg`)),
    seenInSvg(anew),
    "make it anew, as docs/graph.md says",
  );
});
