/**
 * Which process owns a socket: a walk over `/proc/<pid>/fd`, for the inodes that
 * are wanted and no others.
 *
 * @module
 */

import {
  type SocketFinder,
  socketsIn,
  type Visit,
} from "../system/descriptors.ts";
import { inodeOf } from "../system/socket_links.ts";
import type { Holder, Long, Owner, Process } from "../contract/family.ts";
import { ByInode, type KnownByInode } from "../contract/inodes.ts";
import { byteString, untilNul } from "../contract/line.ts";
import type { Places, Spot } from "./place.ts";
import { Failure } from "../system/failures.ts";
import { geteuid } from "../system/libc.ts";
import {
  ABOUT_SAVE,
  openFlags,
  type Start,
  type Tree,
} from "../system/scan.ts";

/** Who has a socket. */
export interface Held {
  /**
   * The owner: the lowest pid, and if one owner is enough, the lowest whose command line
   * can be read.
   */
  readonly owner: Owner;
  /** All that hold it, by pid and descriptor, if they are asked for. */
  readonly holders: readonly Holder[];
  /**
   * Where the owner is, if that is asked for: a service manager holds sockets for
   * others, so that it counts only where nobody else has them.
   */
  readonly place: Spot | undefined;
}

/** What the walk found. */
export interface Owners {
  /** Who has each wanted socket that anybody has, by its inode. */
  readonly held: Pick<KnownByInode<Held>, "get">;
  /** Whether a folder of descriptors, or `/proc` itself, was denied. */
  readonly denied: boolean;
  /** Whether any socket of any process was seen. */
  readonly any: boolean;
}

/** What is to be known of the owners. */
export interface Question {
  /** Their SELinux contexts. */
  readonly context: boolean;
  /** All that hold a socket, and what JSON says of them; else one is enough. */
  readonly all: boolean;
  /** Sockets that are passed over: those of the program's own runtime. */
  readonly ours: ReadonlySet<Long>;
  /** What finds the sockets of processes, if it was begun before. */
  readonly sockets?: SocketFinder | undefined;
  /** Finds where they are, if that is to be known. */
  readonly places?: Places | undefined;
}

/** Sockets whose owners are looked for, by their inodes. */
export type Wanted = Pick<ReadonlySet<Long>, "size" | "has">;

/** net-tools reads this much of a command line. */
const COMMAND_MOST = 511;

/** JSON shows this much of one at the first sockets that are told of a process… */
const COMMAND_SHOWN_MOST = 4096;
const HOLDERS_WHOLE = 4096;

/** …and this much at the others together, whatever a process has for arguments. */
const COMMANDS_MOST = 16 << 20;

/** The longest command line that `execve` takes; a process can pretend to more. */
const WHOLE_COMMAND_MOST = 6 << 20;

/** Finds the owners of the wanted inodes; where all that hold one are asked for, of any. */
export function findOwners(
  tree: Tree,
  wanted: Wanted | undefined,
  question: Question,
): Owners {
  const search = question.all || wanted === undefined
    ? new AllHolders(tree, wanted, question)
    : new OneOwner(tree, wanted, question);
  const sockets = question.sockets ?? socketsIn(tree);
  try {
    const denied = walk(tree, search, { ...question, sockets });
    return { held: search, denied, any: search.any };
  } finally {
    sockets.end();
  }
}

/** Learns what the walk comes by. */
interface Visitor {
  /** A process comes next. Returns whether to read its descriptors. */
  process(pid: string): boolean;
  /** One of them is a socket. */
  socket(inode: Long, descriptor: number): void;
  /** Whether a socket that is wanted was not found yet. */
  misses(): boolean;
}

/**
 * Goes through the descriptors of all processes, by ascending pid; those of threads
 * are not looked at. A process may vanish at any moment, and one that has begun since
 * they were listed may have what nobody else has. Returns whether a folder of
 * descriptors, or `/proc` itself, was denied.
 */
function walk(
  tree: Tree,
  visitor: Visitor,
  { ours, sockets }: {
    readonly ours: ReadonlySet<Long>;
    readonly sockets: SocketFinder;
  },
): boolean {
  const visit: Visit = (inode, descriptor) => {
    if (!ours.has(inode)) visitor.socket(inode, descriptor);
  };
  let denied = false;
  let times = 0;
  do {
    const pids = sockets.processes();
    if (pids instanceof Failure) {
      isOthers(pids, tree);
      return true;
    }
    for (const pid of pids) {
      const failure = sockets.of(pid, visitor.process(pid) ? visit : undefined);
      if (failure !== undefined && isOthers(failure, tree)) {
        denied ||= failure.code === "EACCES";
      }
    }
  } while (visitor.misses() && ++times < 2);
  return denied;
}

/**
 * Whether a failure is that a process is somebody else's, which net-tools has a note for
 * and, where `/proc` is mounted with `hidepid=1`, is silent about.
 */
function isOthers(failure: Failure, tree: Tree): boolean {
  const { code } = failure;
  const isOthers = code === "EACCES" || (code === "EPERM" && geteuid() !== 0);
  if (isOthers) tree.failures.forget(failure);
  return isOthers;
}

/** Nobody asked who holds it. */
const NOBODY: readonly Holder[] = [];

/** Takes out of a walk one owner of each socket that is wanted. */
class OneOwner implements Visitor {
  any = false;
  readonly #held = new ByInode<Held>();
  readonly #tree: Tree;
  readonly #wanted: Wanted;
  readonly #question: Question;
  /** How many inodes may still get an owner, or one that is no service manager. */
  #missing: number;
  #candidate: Candidate | undefined;

  constructor(tree: Tree, wanted: Wanted, question: Question) {
    this.#tree = tree;
    this.#wanted = wanted;
    this.#question = question;
    // TIME_WAIT and half-open sockets have inode 0, which no process holds
    this.#missing = wanted.size - (wanted.has(0) ? 1 : 0);
  }

  /**
   * No descriptors are read once all inodes have their owners: folders are then opened
   * only to know whether one is denied.
   */
  process(pid: string): boolean {
    this.#candidate = new Candidate(this.#tree, pid, this.#question);
    return !this.any || this.#missing > 0;
  }

  socket(inode: Long): void {
    // there can be a hundred thousand: each is looked for once
    const held = this.#held.get(inode);
    const isKnown = held !== undefined && !held.place?.manages;
    const isWanted = held !== undefined || this.#wanted.has(inode);
    const candidate = this.#candidate!;
    if (this.any && (!isWanted || isKnown)) return;
    const owner = candidate.owner();
    if (owner === undefined) return; // a later process may be the owner
    this.any = true;
    if (!isWanted || isKnown) return;
    const place = candidate.place();
    if (held === undefined) {
      candidate.held ??= { owner, holders: NOBODY, place };
      this.#held.set(inode, candidate.held);
    } else if (place !== undefined && !place.manages) {
      this.#held.set(inode, { ...held, place });
    } else return;
    if (inode !== 0 && !place?.manages) this.#missing--;
  }

  misses(): boolean {
    return this.#missing > 0;
  }

  get(inode: Long): Held | undefined {
    return this.#held.get(inode);
  }
}

/** There is no holder before this one. */
const NONE = -1;

/** How the command line of a holder's process is told. */
const WHOLE = 1;
const CUT = 2;

/**
 * Takes out of a walk all that hold the sockets that are wanted, or any socket. What is
 * told of one is only made when it is shown: there can be far more.
 */
class AllHolders implements Visitor {
  any = false;
  /** Of each socket, the holder that was found last. */
  readonly #last = new ByInode<number>();
  /** Of each holder, the descriptor, the process, and the holder before it of that socket. */
  readonly #descriptors: number[] = [];
  readonly #candidates: Candidate[] = [];
  readonly #before: number[] = [];
  /** Of those that were told, how: the same each time. */
  #told: Uint8Array | undefined;
  /** What is known of sockets with several holders, by the last one. */
  readonly #several = new Map<number, Held>();
  readonly #tree: Tree;
  readonly #wanted: Wanted | undefined;
  readonly #question: Question;
  #candidate: Candidate | undefined;

  constructor(tree: Tree, wanted: Wanted | undefined, question: Question) {
    this.#tree = tree;
    this.#wanted = wanted;
    this.#question = question;
  }

  process(pid: string): boolean {
    this.#candidate = new Candidate(this.#tree, pid, this.#question);
    return true;
  }

  socket(inode: Long, descriptor: number): void {
    this.any = true;
    if (this.#wanted?.has(inode) === false) return;
    const holder = this.#descriptors.length;
    const candidate = this.#candidate!;
    candidate.holds();
    const before = this.#last.get(inode) ?? NONE;
    this.#last.set(inode, holder);
    this.#descriptors.push(descriptor);
    this.#candidates.push(candidate);
    this.#before.push(before);
  }

  /** Where any socket is wanted, nobody knows. */
  misses(): boolean {
    const wanted = this.#wanted;
    if (wanted === undefined) return false;
    return this.#last.size < wanted.size - (wanted.has(0) ? 1 : 0);
  }

  get(inode: Long): Held | undefined {
    const last = this.#last.get(inode);
    if (last === undefined) return undefined;
    if (this.#before[last] === NONE) return this.#held([last]);
    // a socket can have a thousand holders, and a row many columns of it
    let held = this.#several.get(last);
    if (held === undefined) {
      const all: number[] = [];
      for (let at = last; at !== NONE; at = this.#before[at]!) all.push(at);
      this.#several.set(last, held = this.#held(all.reverse()));
    }
    return held;
  }

  /** What is known of a socket with these holders. */
  #held(all: readonly number[]): Held {
    const candidates = this.#candidates;
    const first = candidates[all[0]!]!;
    const place = first.place();
    return {
      owner: first.owner()!,
      holders: all.map((holder) => ({
        process: this.#processOf(holder),
        fd: this.#descriptors[holder]!,
      })),
      place: place?.manages
        ? all.map((holder) => candidates[holder]!.place())
          .find((other) => other !== undefined && !other.manages) ?? place
        : place,
    };
  }

  /** The process of a holder; its command line may be cut if it has told many. */
  #processOf(holder: number): Process {
    const candidate = this.#candidates[holder]!;
    this.#told ??= new Uint8Array(this.#descriptors.length);
    this.#told[holder] ||= candidate.toldOften() ? CUT : WHOLE;
    return candidate.process(this.#told[holder] === CUT);
  }
}

/** A process of the walk. Nothing is read of it before it is needed, and then once. */
class Candidate {
  readonly #pid: number;
  readonly #folder: string;
  /** What is known of each of its sockets, if one owner is enough. */
  held: Held | undefined;
  readonly #tree: Tree;
  readonly #question: Question;
  #command: Start | Failure | undefined;
  #owner: { readonly known: Owner | undefined } | undefined;
  #place: { readonly spot: Spot | undefined } | undefined;
  #comm: string | null = null;
  #uid: number | null = null;
  /** What is told of it, with all of its command line, and with some. */
  readonly #processes: (Process | undefined)[] = [undefined, undefined];
  /** How many sockets it holds, and of how many it was told. */
  #count = 0;
  #toldOf = 0;

  constructor(tree: Tree, pid: string, question: Question) {
    this.#tree = tree;
    this.#pid = Number(pid);
    this.#folder = `/proc/${pid}`;
    this.#question = question;
  }

  /** The process as an owner; undefined if it cannot be one. */
  owner(): Owner | undefined {
    return (this.#owner ??= { known: this.#readOwner() }).known;
  }

  #readOwner(): Owner | undefined {
    const command = this.#readCommand();
    const name = command instanceof Failure
      ? this.#nameLeft(command)
      : programName(untilNul(command.bytes.subarray(0, COMMAND_MOST)));
    // net-tools: a process without a command line owns nothing; JSON tells all holders
    if (name === null && !this.#question.all) return undefined;
    return {
      pid: this.#pid,
      name,
      context: this.#question.context ? this.#readContext() : undefined,
    };
  }

  /** The name where a save has no command lines, since they can tell secrets. */
  #nameLeft({ gone }: Failure): string | null {
    const isLeft = gone && !this.#tree.live && this.#tree.exists(ABOUT_SAVE);
    return isLeft ? this.#readComm() : null;
  }

  /** Where it is, if that is asked for and known. */
  place(): Spot | undefined {
    const { places } = this.#question;
    if (places === undefined) return undefined;
    return (this.#place ??= { spot: places.ofProcess(this.#pid) }).spot;
  }

  /**
   * One more descriptor by which it holds a socket. All that is to be told of it is read
   * with the first one, since it can end before that is shown.
   */
  holds(): void {
    if (this.#count++ > 0) return;
    this.owner();
    this.place();
    this.#comm = this.#readComm();
    this.#uid = this.#readUser();
  }

  /** It is told of one more socket. Returns whether there were many. */
  toldOften(): boolean {
    return this.#toldOf++ >= HOLDERS_WHOLE;
  }

  /** What is told of it, when all its sockets are known. */
  process(isCut: boolean): Process {
    return this.#processes[Number(isCut)] ??= this.#made(
      isCut ? Math.floor(COMMANDS_MOST / this.#count) : COMMAND_SHOWN_MOST,
    );
  }

  #made(most: number): Process {
    const command = this.#readCommand();
    const isKnown = !(command instanceof Failure);
    return {
      pid: this.#pid,
      comm: this.#comm,
      cmdline: isKnown ? words(command.bytes.subarray(0, most)) : null,
      cmdlineLength: isKnown ? command.length : null,
      uid: this.#uid,
    };
  }

  #readCommand(): Start | Failure {
    const [most, end] = this.#question.all
      ? [COMMAND_SHOWN_MOST, WHOLE_COMMAND_MOST]
      : [COMMAND_MOST, COMMAND_MOST];
    return this.#command ??= this.#noted(
      this.#tree.readStart(this.#path("cmdline"), most, end),
    );
  }

  #readContext(): string | undefined {
    const context = this.#read("attr/current");
    return context instanceof Failure ? undefined : untilNul(context);
  }

  #readComm(): string | null {
    const comm = this.#read("comm");
    return comm instanceof Failure ? null : byteString(comm).replace(/\n$/, "");
  }

  /**
   * The owner of the folder is not asked: it is root for a process that may not be
   * dumped, and whoever copied a saved tree.
   */
  #readUser(): number | null {
    const status = this.#read("status");
    if (status instanceof Failure) return null;
    // real, effective, saved, and for the file system
    const uid = /^Uid:\t\d+\t(\d+)/m.exec(byteString(status));
    return uid === null ? null : Number(uid[1]);
  }

  #read(file: string, most = 4096): Uint8Array | Failure {
    return this.#noted(this.#tree.read(this.#path(file), most));
  }

  #path(file: string): string {
    return `${this.#folder}/${file}`;
  }

  /** Sees to it that nobody is told of what is somebody else's. */
  #noted<Result>(result: Result | Failure): Result | Failure {
    if (result instanceof Failure) isOthers(result, this.#tree);
    return result;
  }
}

/** `O_CLOEXEC` */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * The sockets that the runtime below this program made for itself. Those that were
 * inherited, as from inetd, survived an exec and are told by that.
 */
export function ownSockets(tree: Tree): Set<Long> {
  const inodes = new Set<Long>();
  const descriptors = tree.live ? tree.list("/proc/self/fd") : [];
  if (descriptors instanceof Failure) return inodes;
  for (const descriptor of descriptors) {
    const inode = inodeOf(tree.link(`/proc/self/fd/${descriptor}`) ?? "");
    if (inode === undefined) continue;
    if ((openFlags(tree, descriptor) ?? 0) & CLOSE_ON_EXEC) inodes.add(inode);
  }
  return inodes;
}

/** The words of a command line: each ends with a NUL, but the last one need not. */
function words(command: Uint8Array): string[] {
  if (command.length === 0) return [];
  return byteString(command).replace(/\0$/, "").split("\0");
}

/** The program's name in the first word of a command line. */
export function programName(word: string): string {
  return word.startsWith("/") ? word.slice(word.lastIndexOf("/") + 1) : word;
}

/** The note on what `-p` could not see, as net-tools words it, by line. */
export function ownersNote(owners: Owners, euid: () => number): string[] {
  if (!owners.denied) return [];
  if (!owners.any) {
    return [
      `(No info could be read for "-p": geteuid()=${euid()} but you should be root.)`,
    ];
  }
  return [
    "(Not all processes could be identified, non-owned process info",
    " will not be shown, you would have to be root to see it all.)",
  ];
}
