/**
 * Runs listings by the scripts, so that V8 compiles what they need, and writes what it
 * has then: `warm TREE SAVE FOLDER`. Everything is read from saved trees, so that the bytes
 * are the same whatever the machine does.
 */

import process from "node:process";
import { Script } from "node:vm";

const [tree, save, folder] = Deno.args;

/** By its option, since owners are looked for below the runtime. */
const IN_TREE = ["--root", tree];

/** A save has what netlink tells, too. */
const IN_SAVE = ["--root", save];

/**
 * The listings whose start is to be short, in two groups: the commonest, and others. What
 * only the second group needs hardly makes a start of the first one longer.
 */
const LISTINGS = [
  [["-rn"], ["-tan"], ["-tulpn", ...IN_TREE]],
  [
    ["-an"],
    ["-6rn"],
    ["-i"],
    ["-s"],
    ["-tulpn", "--json"],
    ["-tan", "--where", "local_port = 22"],
    ["-tan", "--columns", "@tcp"],
    ["-xa", "--columns", "@default,@peer"],
    ["-tan", "--count", "state"],
    ["-tan", "--sort", "-recv_q", "--limit", "5"],
    ["--check", "--interval", "0"],
  ].map((listing) => [...listing, ...IN_SAVE]),
];

// what is compiled must not go by what the environment asks for
for (const name of Object.keys(Deno.env.toObject())) Deno.env.delete(name);

class Ended extends Error {}

/** The runtime, but for where files are, and that a listing's end is not ours. */
function runtimeFor(args) {
  const inTree = (path) =>
    typeof path === "string" && /^\/(proc|sys|etc)(\/|$)/.test(path)
      ? tree + path
      : path;
  const own = {
    args,
    exitCode: 0,
    exit() {
      throw new Ended();
    },
  };
  const reading = [
    "openSync",
    "readDirSync",
    "readFileSync",
    "readTextFileSync",
  ];
  for (const name of [...reading, "readLinkSync", "statSync", "lstatSync"]) {
    own[name] = (path, ...others) => Deno[name](inTree(path), ...others);
  }
  // of a file that the kernel makes, netlink may tell in its place
  const { statSync } = own;
  own.statSync = (path) =>
    /^\/proc\/net\/tcp/.test(path)
      ? { size: 0, blksize: 1024 }
      : statSync(path);
  const kernel = told();
  own.dlopen = (library, functions) =>
    Object.keys(functions).every((name) => name in kernel)
      ? { symbols: kernel }
      : Deno.dlopen(library, functions);
  return Object.create(
    Deno,
    Object.fromEntries(
      Object.entries(own).map(([name, value]) => [
        name,
        { value, writable: true },
      ]),
    ),
  );
}

/** A message of sock_diag(7): `struct nlmsghdr`, and what is behind it. */
function message(type, body) {
  const bytes = new Uint8Array(16 + body.length);
  const words = new DataView(bytes.buffer);
  words.setUint32(0, bytes.length, true);
  words.setUint16(4, type, true);
  bytes.set(body, 16);
  return bytes;
}

/** `struct inet_diag_msg` of a socket of that family, which listens at port 22. */
function listening(family) {
  const body = new Uint8Array(72);
  [body[0], body[1], body[5]] = [family, 10, 22];
  return message(18, body);
}

/** What the kernel tells of both families, and that it is all (`NLMSG_DONE`). */
const TOLD = [listening(2), listening(10), message(3, new Uint8Array(4))];

/** Functions of the C library that ask no kernel, of which the answers would depend. */
function told() {
  const left = [...TOLD];
  return {
    socket: () => 1000,
    send: (_descriptor, bytes) => bytes.length,
    recv(_descriptor, bytes) {
      const next = left.shift();
      bytes.set(next);
      return next.length;
    },
    close: () => 0,
  };
}

/** The scripts that were run, by their names. */
const scripts = new Map();

/** The modules that the listing which runs needs, of those that have their own scripts. */
let needed;

/** Runs a script, as `start.js` does, but without a cache. */
function run(name) {
  const [, module] = name.split("others/");
  if (module !== undefined) needed.push(module);
  if (!scripts.has(name)) {
    const text = new URL(`./script/${name}`, import.meta.url);
    scripts.set(name, new Script(Deno.readTextFileSync(text)));
  }
  return scripts.get(name).runInThisContext();
}
const require = (name) => process.getBuiltinModule(name);

/** Runs a listing; returns the modules that it needs, of those that have their own scripts. */
async function neededBy(listing) {
  needed = [];
  const runtime = runtimeFor(listing);
  const { start } = run("0.js")(runtime, require, run);
  try {
    await start();
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
  }
  // the status of a check is what it finds
  const { exitCode } = runtime;
  if (exitCode !== 0 && listing[0] !== "--check") {
    throw new Error(`${listing.join(" ")} fails, with status ${exitCode}`);
  }
  return needed;
}

const all = [];
const kept = new Set();
for (const group of LISTINGS) {
  const ofGroup = [];
  for (const listing of group) ofGroup.push(await neededBy(listing));
  all.push(ofGroup);
  // what later groups call of these scripts would make the start of this one longer
  for (const [name, script] of scripts) {
    if (kept.has(name) || name.startsWith("others/")) continue;
    Deno.writeFileSync(`${folder}/${name}.cache`, script.createCachedData());
    kept.add(name);
  }
}
const probe = new Script("0").createCachedData();
Deno.writeFileSync(`${folder}/probe.cache`, probe);
Deno.writeTextFileSync(`${folder}/needed.json`, JSON.stringify(all));
Deno.exit(0);
