/**
 * Runs listings by the script, so that V8 compiles what they need, and writes what it
 * has then: `warm TREE FOLDER`. Everything is read from a saved tree, so that the bytes
 * are the same whatever the machine does.
 */

import process from "node:process";
import { Script } from "node:vm";

const [tree, folder] = Deno.args;

/**
 * The listings whose start is to be short; each more makes all others longer. The last
 * has its tree by its option, since owners are looked for below the runtime.
 */
const LISTINGS = [["-rn"], ["-tan"], ["-tulpn", "--root", tree]];

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

const scripts = new Map();
let needed;
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
const all = [];
for (const listing of LISTINGS) {
  all.push(needed = []);
  const { start } = run("0.js")(runtimeFor(listing), require, run);
  try {
    await start();
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
  }
}
scripts.set("probe", new Script("0"));
for (const [name, script] of scripts) {
  if (name.startsWith("others/")) continue;
  Deno.writeFileSync(`${folder}/${name}.cache`, script.createCachedData());
}
Deno.writeTextFileSync(`${folder}/needed.json`, JSON.stringify(all));
Deno.exit(0);
