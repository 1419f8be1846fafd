/**
 * Saves a tree of a process and its network, with the kernel's files and raw answers:
 * `deno run -A record.ts PID FOLDER`. Answers come after the files: a socket that is in
 * a file and still there is then in the answer, too.
 *
 * @module
 */

import { record } from "../recorder.ts";

const [pid, root] = Deno.args as [string, string];
const NET = `/proc/${pid}/net`;
const CLONE_NEWNET = 0x4000_0000;

const process = `${root}/proc/${pid}`;
Deno.mkdirSync(`${process}/fd`, { recursive: true });
for (const name of ["comm", "cmdline", "status"]) {
  const bytes = Deno.readFileSync(`/proc/${pid}/${name}`);
  Deno.writeFileSync(`${process}/${name}`, bytes);
}
for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
  const target = Deno.readLinkSync(`/proc/${pid}/fd/${name}`);
  Deno.symlinkSync(target, `${process}/fd/${name}`);
}
Deno.mkdirSync(`${root}/proc/net`, { recursive: true });
for (const { name, isFile } of Deno.readDirSync(NET)) {
  if (!isFile) continue;
  try {
    Deno.writeFileSync(
      `${root}/proc/net/${name}`,
      Deno.readFileSync(`${NET}/${name}`),
    );
  } catch {
    // some cannot be read by anybody
  }
}

Deno.mkdirSync(`${root}/etc`);
for (const name of ["passwd", "protocols", "services"]) {
  Deno.copyFileSync(`/etc/${name}`, `${root}/etc/${name}`);
}

// the only interface that the worlds of tests have
Deno.mkdirSync(`${root}/sys/class/net/lo`, { recursive: true });
Deno.writeTextFileSync(`${root}/sys/class/net/lo/ifindex`, "1\n");

// sockets that this program's runtime has are those of another namespace
const libc = Deno.dlopen("libc.so.6", {
  setns: { parameters: ["i32", "i32"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
});
const path = new TextEncoder().encode(`/proc/${pid}/ns/net\0`);
const descriptor = libc.symbols.open(path, 0);
if (libc.symbols.setns(descriptor, CLONE_NEWNET) !== 0) {
  throw new Error(`Cannot enter the network of ${pid}`);
}
record(root);
libc.close();
