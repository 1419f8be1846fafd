/**
 * `--save`: which files a view would read, and what it would ask the kernel. Without a
 * view, those of all views. What netlink tells besides is saved as well, so that questions
 * can be asked later.
 *
 * @module
 */

import type { Asked, Mode } from "../args/options.ts";
import { deepened, depthOf } from "../contract/depth.ts";
import type { Asking } from "../contract/diag.ts";
import type { Family, Long, Source, Table, View } from "../contract/family.ts";
import { byteString, fromUtf8, toUtf8 } from "../contract/line.ts";
import { ownSockets } from "../joins/owners.ts";
import { KEPT_MOST } from "../system/arena.ts";
import { type SocketFinder, socketsIn } from "../system/descriptors.ts";
import { Failure } from "../system/failures.ts";
import { eachProcess } from "../system/links.ts";
import { mediaOf } from "../system/media.ts";
import { answersIn } from "../system/netlink.ts";
import { numberedFiles } from "../system/numbered.ts";
import {
  type Machine,
  Packed,
  Pieces,
  reopened,
  Saving,
  thisMachine,
} from "../system/save.ts";
import { beginFile, type Target } from "../system/save_file.ts";
import { answerPath } from "../system/saved_diag.ts";
import { ABOUT_SAVE, Lines, type Scope, type Tree } from "../system/scan.ts";
import { type NamedScope, ownScope } from "../system/scopes.ts";
import { SOCK_DIAG_BY_FAMILY } from "../system/sock_diag.ts";
import { ADDRESSES, LINKS, linksIn } from "../system/told_devices.ts";
import { importChecks } from "embedded";
import type { Surroundings } from "./around.ts";
import { choose } from "./namespaces.ts";
import { deepFamilies, loadInterfaces, type Registry } from "./registry.ts";
import { rowsOf } from "./rows.ts";
import type { Step } from "./shape.ts";
import { select } from "./sockets.ts";

/** What `--save` takes for standard output. */
const STDOUT = "-";

/** The version of what is in a save, and how it is laid out. */
const FORMAT = 1;

/** What a save needs from the outside. */
export interface Saver {
  /** The families that there are. */
  readonly registry: Registry;
  /** The version of the program. */
  readonly version: string;
  /** Writes to standard output; undefined if that is a terminal. */
  readonly stdout: ((bytes: Uint8Array<ArrayBuffer>) => void) | undefined;
  /** Tells the user. */
  warn(message: string): void;
}

/** Saves what a view would read. Returns the exit status. */
export async function saveView(
  around: Surroundings,
  saver: Saver,
): Promise<number> {
  const { asked, tree } = around;
  const path = asked.save!;
  const refuse = (why: string) => {
    saver.warn(`netstat: --save: ${why}`);
    return 1;
  };
  if (!tree.live) {
    return refuse("the running system is saved; pack --root's folder by tar");
  }
  const target = targetOf(path, asked.force, saver);
  if (typeof target === "string") return refuse(target);
  try {
    const written = await write(around, saver, target);
    target.finish();
    tellOf(written.commands, around, saver);
    tellUnread(written.saving, saver);
    return written.whole ? 0 : 1;
  } catch (error) {
    target.undo();
    const { reason } = Failure.of(path, error);
    return refuse(`cannot write ${path}: ${reason}`);
  }
}

/** Where it is written, or what is wrong with that. */
function targetOf(
  path: string,
  force: boolean,
  { stdout }: Saver,
): Target | string {
  if (path === STDOUT) {
    return stdout === undefined
      ? "standard output is a terminal: use --save FILE, or --save - > FILE"
      : { write: stdout, finish() {}, undo() {} };
  }
  const target = beginFile(fromUtf8(path), { force });
  return target instanceof Failure ? `${path}: ${target.reason}` : target;
}

/** What was written. */
interface Written {
  readonly saving: Saving;
  /** How many command lines it has. */
  readonly commands: number;
  /** Whether it has all that was asked for, as far as the user may see that. */
  readonly whole: boolean;
}

/** Writes all of it. */
async function write(
  around: Surroundings,
  saver: Saver,
  target: Target,
): Promise<Written> {
  const { asked, tree } = around;
  const machine = thisMachine();
  const contents = await contentsOf(around, saver.registry);
  const tar = new Packed(
    (bytes) => target.write(bytes),
    { gzip: /\.t?gz$/.test(asked.save!) },
  );
  const saving = new Saving(tree, tar);
  const { scopes, unknown } = scopesOf(asked, tree);
  for (const line of unknown) saver.warn(line);
  const from: Saves = {
    saving,
    contents,
    tree,
    view: around.view,
    ours: ownSockets(tree),
    sockets: new Set(),
  };
  try {
    for (const scope of scopes) await saveScope(scope, from);
  } finally {
    tree.scope = undefined;
    saving.folder = "";
  }
  for (const path of contents.files.keys()) {
    if (!inNamespaces(path)) await saving.file(path);
  }
  const commands = contents.processes
    ? await saveProcesses(from, asked.commands)
    : 0;
  await saving.text(ABOUT_SAVE, described(machine, saver, saving));
  await tar.end();
  const whole = !saving.lost && unknown.length === 0;
  return { saving, commands, whole };
}

/** What stands in `netstat.json`. */
function described(
  machine: Machine,
  { version }: Saver,
  { unread }: Saving,
): string {
  const told = { format: FORMAT, version, ...machine, unread };
  return `${JSON.stringify(told, undefined, 2)}\n`;
}

/** Tells of what others may not see. */
function tellOf(
  commands: number,
  { asked: { save } }: Surroundings,
  { warn }: Saver,
): void {
  const what = save === STDOUT ? "the save" : save;
  const many = commands === 1 ? "of 1 process" : `of ${commands} processes`;
  warn(
    commands === 0
      ? `netstat: ${what} has no command lines of processes`
      : `netstat: ${what} has the command lines ${many}, which may tell ` +
        "secrets; --no-cmdline leaves them out",
  );
}

/** Tells of what is missing. */
function tellUnread({ unread }: Saving, { warn }: Saver): void {
  const [first] = unread;
  if (first === undefined) return;
  const more = unread.length > 1
    ? ` (and ${unread.length - 1} more, which netstat.json in it names)`
    : "";
  warn(
    `netstat: not saved: ${toUtf8(first.path)}: ${toUtf8(first.error)}${more}`,
  );
}

/** A table, and which of its files is meant. */
type Rowed = Pick<Step, "table" | "source">;

/** What is to be saved. */
class Contents {
  /** Files, by their paths; of sockets, with their tables. */
  readonly files = new Map<string, Rowed | undefined>();
  /** What the kernel is asked, by the paths of the answers. */
  readonly askings = new Map<string, Asking>();
  /** What is known of interfaces: all, their numbers, or nothing. */
  devices: "all" | "numbers" | "none" = "numbers";
  /** Whether processes are saved. */
  processes = false;
  /** Ways to find other ends whose tables were added. */
  readonly #findings = new Set<unknown>();

  /** Adds files. */
  add(...paths: (string | undefined)[]): void {
    for (const path of paths) {
      if (path !== undefined) this.files.set(path, this.files.get(path));
    }
  }

  /** Adds what a table is made of: all its files, or these. */
  async table(
    // deno-lint-ignore no-explicit-any
    table: Table<any>,
    sources: readonly Source[] = table.sources,
  ): Promise<void> {
    const { reference, instead } = table;
    const depth = depthOf(table);
    for (const source of sources) {
      for (const path of [source.path, source.formerly]) {
        if (path !== undefined) this.files.set(path, { table, source });
      }
      this.#ask(depth?.asking(source));
    }
    this.add(reference?.path, depth?.besides?.file.path);
    for (const asking of depth?.more ?? []) this.#ask(asking);
    if (instead !== undefined) await this.table(instead);
    const finding = depth?.finding;
    if (finding === undefined || this.#findings.has(finding)) return;
    this.#findings.add(finding);
    for (const other of await finding.tables()) await this.table(other);
  }

  #ask(asking: Asking | undefined): void {
    if (asking !== undefined) this.askings.set(answerPath(asking), asking);
  }
}

/** Works out what is to be saved. */
async function contentsOf(
  { asked, view, families: loaded, tree }: Surroundings,
  registry: Registry,
): Promise<Contents> {
  const contents = new Contents();
  const names = registry.cards.map(({ name }) => name);
  // families of the user's files
  const added = loaded.filter(({ name }) => !names.includes(name));
  const everything = isEverything(asked);
  for (const part of everything ? allViews(names) : [{}]) {
    const one: Asked = { ...asked, ...part, question: {}, format: "text" };
    const found = await deepFamilies([...await registry.load(one), ...added]);
    await addView(contents, { asked: one, view, families: found });
  }
  if (everything) {
    // what checks compare with
    for (const { settings = {} } of await importChecks()) {
      contents.add(...Object.values(settings));
    }
  }
  contents.processes = everything || asked.modes.length === 0 &&
      (asked.programs || asked.format !== "text" ||
        Object.keys(asked.question).length > 0);
  if (!asked.numericHosts) contents.add("/etc/hosts", "/etc/networks");
  if (!asked.numericPorts) contents.add("/etc/services", "/etc/protocols");
  if (!asked.numericUsers) contents.add("/etc/passwd");
  const { askings } = contents;
  // those are asked for with the addresses
  if (askings.delete(answerPath(LINKS))) contents.devices = "all";
  if ([...askings.values()].some(({ rtnetlink }) => rtnetlink !== undefined)) {
    contents.add(...numberedFiles(tree));
  }
  if (asked.source === "procfs") {
    askings.clear();
    contents.devices = "none";
  }
  return contents;
}

/** Whether no view is asked for, nor a choice within that of sockets. */
function isEverything({ modes, families, protocols, groups }: Asked): boolean {
  return modes.length === 0 && families.length === 0 && protocols.size === 0 &&
    !groups;
}

/** All views, of all families. */
function allViews(families: string[]): Partial<Asked>[] {
  return [
    { families, groups: true },
    { families, modes: ["route"] },
    { families, modes: ["statistics"] },
    { modes: ["interfaces"] },
    { modes: ["masquerade"] },
  ];
}

/** Adds what one view reads. */
async function addView(
  contents: Contents,
  { asked, view, families }: Pick<Surroundings, "asked" | "view" | "families">,
): Promise<void> {
  for (const table of await tablesOf(asked.modes[0], families)) {
    await contents.table(table);
  }
  if (asked.modes.length === 0) {
    for (const { table, source } of select(families, asked, view).steps) {
      await contents.table(table, [source]);
    }
  }
  if (asked.modes[0] !== "statistics") return;
  for (const { statistics } of families) {
    const files = (await statistics?.())?.files ?? [];
    contents.add(...files.map(({ path }) => path));
  }
}

/** The tables that a view has whatever protocols are asked for. */
async function tablesOf(
  mode: Mode | undefined,
  families: readonly Family[],
  // deno-lint-ignore no-explicit-any
): Promise<readonly Table<any>[]> {
  switch (mode) {
    case "route":
      return (await Promise.all(families.map((f) => f.routes?.tables() ?? [])))
        .flat();
    case "masquerade":
      return (await Promise.all(families.map((f) => f.masquerade?.() ?? [])))
        .flat();
    case "interfaces":
      return [await deepened(await loadInterfaces(), true)];
    default:
      return [];
  }
}

/** Whether each network namespace has a file of its own. */
function inNamespaces(path: string): boolean {
  return path.startsWith("/proc/net/");
}

/** A network namespace that is saved. */
interface Saved {
  readonly scope:
    & Scope
    & Partial<Pick<NamedScope, "own" | "called" | "closed">>;
  /** How many processes are in it, if they were counted. */
  readonly processes?: number | null;
}

/** The namespaces that are saved, first the own one, and what is said of unknown ones. */
function scopesOf(
  { netns }: Asked,
  tree: Tree,
): { readonly scopes: readonly Saved[]; readonly unknown: readonly string[] } {
  const own: Saved = { scope: ownScope(tree) };
  if (netns.length === 0) return { scopes: [own], unknown: [] };
  const { scopes, unknown } = choose(netns, tree, { room: KEPT_MOST });
  const all = scopes.map((scope) => ({ scope, processes: scope.processes }));
  const others = all.filter(({ scope }) => !scope.own);
  const chosen = all.find(({ scope }) => scope.own) ?? own;
  return { scopes: [chosen, ...others], unknown };
}

/** What is saved, and from where. */
interface Saves {
  readonly saving: Saving;
  readonly contents: Contents;
  readonly tree: Tree;
  readonly view: View;
  /** Sockets of the program's own runtime. */
  readonly ours: ReadonlySet<Long>;
  /** The inodes of all sockets that were saved. */
  readonly sockets: Set<Long>;
}

/** Adds the sockets in a file. */
function addRows(
  sockets: Set<Long>,
  pieces: Pieces,
  { table, source, path, view }: Rowed & {
    readonly path: string;
    readonly view: View;
  },
): void {
  // where netlink lists them, the file just says that there are some
  if (table.inode === undefined || depthOf(table)?.alone) return;
  const row = table.row(source, path);
  const lines = new Lines(path, reopened(pieces), table.lineLimit);
  const rows = rowsOf(lines, table, row, {
    malformed: () => true,
    reads: {
      ...{ view, values: [] },
      ...{ cells: false, tones: false, names: false, joins: false },
    },
  });
  while (rows.next()) sockets.add(table.inode(row));
}

/** Adds the sockets in an answer of the kernel's. */
function addAnswers(
  sockets: Set<Long>,
  pieces: Iterable<Uint8Array>,
  { inode, rtnetlink }: Asking,
): void {
  if (inode === undefined || rtnetlink !== undefined) return;
  for (
    const { bytes, start, end } of answersIn(pieces, SOCK_DIAG_BY_FAMILY)
  ) {
    if (start + inode + 4 > end) continue;
    const words = new DataView(bytes.buffer, bytes.byteOffset);
    sockets.add(words.getUint32(start + inode, true));
  }
}

/** Saves the files and answers of a network namespace; of the own one, at the top. */
async function saveScope(
  { scope, processes }: Saved,
  saves: Saves,
): Promise<void> {
  const { saving, contents, tree, view, ours, sockets } = saves;
  const isOwn = scope.own ?? true;
  const { inode, name } = scope;
  const closed = isOwn ? undefined : whyClosed(scope);
  if (closed !== undefined) {
    saving.note(closed);
    return;
  }
  if (scope.gone) return;
  tree.scope = isOwn ? undefined : scope;
  saving.folder = isOwn ? "" : `/netns/${inode}`;
  const told = JSON.stringify({
    inode,
    name: name === null ? null : fromUtf8(name),
    // where they are told apart, each has something that it is told by
    ...name === null && processes !== undefined
      ? { called: fromUtf8(scope.called ?? "") }
      : {},
    processes,
  });
  await saving.text("/netns.json", `${told}\n`);
  for (const [path, rowed] of contents.files) {
    if (!inNamespaces(path)) continue;
    const pieces = await saving.file(
      path,
      path === UNIX ? (pieces) => withoutOurs(pieces, ours) : undefined,
    );
    if (contents.processes && pieces !== undefined && rowed !== undefined) {
      addRows(sockets, pieces, { ...rowed, path, view });
    }
  }
  for (const asking of contents.askings.values()) {
    const pieces = await saving.answer(asking);
    if (contents.processes) addAnswers(sockets, pieces ?? [], asking);
  }
  await saveDevices(saves);
}

/** Why a namespace cannot be saved. */
function whyClosed(scope: Saved["scope"]): Failure | undefined {
  const path = `/netns/${scope.inode ?? "?"}`;
  const closed = scope.closed?.();
  if (closed !== undefined) {
    return new Failure(path, closed.code, closed.reason);
  }
  return scope.inode === null
    ? new Failure(path, "EACCES", "Its number is not known")
    : undefined;
}

/** The table of UNIX sockets, in which the program's own runtime has some. */
const UNIX = "/proc/net/unix";

/** Its lines but for those sockets. They have no names: their inodes end their lines. */
function withoutOurs(pieces: Pieces, ours: ReadonlySet<Long>): Pieces {
  if (ours.size === 0) return pieces;
  const whole = pieces.whole();
  const inodes = [...ours].join("|");
  const lines = new RegExp(
    `^[0-9a-f]+:(?: [0-9a-f]+){5} +(?:${inodes})\n`,
    "gim",
  );
  const kept = new Pieces();
  let at = 0;
  for (const { 0: line, index } of byteString(whole).matchAll(lines)) {
    kept.add(whole.subarray(at, index));
    at = index + line.length;
  }
  kept.add(whole.subarray(at));
  return kept;
}

const DUPLEXES = ["half", "full"];

/**
 * Saves what is known of interfaces as `/sys/class/net` has it. That folder itself may be
 * another namespace's; the kernel is asked in the one that is looked at.
 */
async function saveDevices({ saving, contents, tree }: Saves): Promise<void> {
  if (contents.devices === "none") return;
  const isAll = contents.devices === "all";
  const links = isAll ? await saving.answer(LINKS) : saving.ask(LINKS);
  if (isAll) await saving.answer(ADDRESSES);
  const media = isAll ? mediaOf(tree) : undefined;
  for (const { name, index, state, address, device } of linksIn(links ?? [])) {
    const { speed = null, duplex = null } = media?.find(name) ?? {};
    const facts: Record<string, string | number | null> = {
      ifindex: index,
      ...isAll && {
        address: Array.from(
          address,
          (byte) => byte.toString(16).padStart(2, "0"),
        ).join(":"),
        flags: `0x${device.flags!.toString(16)}`,
        mtu: device.mtu,
        operstate: state,
        tx_queue_len: device.queue,
        type: device.type,
        speed,
        duplex: duplex === null ? null : DUPLEXES[duplex]!,
      },
    };
    const folder = `/sys/class/net/${fromUtf8(name)}`;
    for (const [file, fact] of Object.entries(facts)) {
      if (fact !== null) await saving.text(`${folder}/${file}`, `${fact}\n`);
    }
  }
  media?.close();
}

/** Saves processes that have these sockets. Returns how many command lines there are. */
async function saveProcesses(
  saves: Saves,
  commands: boolean,
): Promise<number> {
  const { tree } = saves;
  const pids: string[] = [];
  const finder = socketsIn(tree);
  try {
    eachProcess(tree, (pid) => pids.push(pid));
    let count = 0;
    for (const pid of pids) {
      if (await saveProcess(pid, finder, { ...saves, commands })) count++;
    }
    return count;
  } finally {
    finder.end();
  }
}

/** Saves a process that has some of the sockets. Returns whether it has a command line. */
async function saveProcess(
  pid: string,
  finder: SocketFinder,
  { saving, ours, sockets, commands }: Saves & { readonly commands: boolean },
): Promise<boolean> {
  const held: [number, Long][] = [];
  const failure = finder.of(pid, (inode, descriptor) => {
    if (sockets.has(inode) && !ours.has(inode)) held.push([descriptor, inode]);
  });
  const folder = `/proc/${pid}`;
  if (failure !== undefined) saving.note(failure);
  if (held.length === 0) return false;
  const command = commands && await saving.file(`${folder}/cmdline`);
  for (const file of ["comm", "status", "cgroup"]) {
    await saving.file(`${folder}/${file}`);
  }
  for (const [descriptor, inode] of held) {
    await saving.link(`${folder}/fd/${descriptor}`, `socket:[${inode}]`);
  }
  // a process can have none
  return command ? command.size > 0 : false;
}
