/**
 * Whose rights the program runs with, and what root runs as code.
 *
 * People let others run net-tools' `netstat` as root: by rules of sudo, doas and
 * polkit, and by copies that are setuid. Such rights are lent to somebody who has
 * fewer, and they must not reach further because our program has more options. Only
 * this module decides whether rights are lent. Which options reach further, each
 * says in `options.ts`. Nothing here is asked unless such an option was given.
 *
 * @module
 */

import { isSecureExecution, variable } from "./libc.ts";

/** Who lends the rights that the program runs with. */
export interface Lender {
  /** How they came, to follow "since". */
  readonly because: string;
  /** What somebody can do who has these rights anyway. */
  readonly remedy: string;
}

/**
 * Programs that lend rights, the variable by which each says to whom, and what it
 * says if that is root, who has them anyway. They set it whatever the environment of
 * the caller says, so that only who has the rights already can take it away.
 */
const LENDERS: readonly {
  readonly program: string;
  readonly name: string;
  readonly root: string;
}[] = [
  { program: "sudo", name: "SUDO_UID", root: "0" },
  { program: "doas", name: "DOAS_USER", root: "root" },
  { program: "pkexec", name: "PKEXEC_UID", root: "0" },
];

/** Who lends the rights of this run; undefined if they are the caller's own. */
export function lender(): Lender | undefined {
  for (const { program, name, root } of LENDERS) {
    const borrower = variable(name);
    if (borrower === undefined || borrower === root) continue;
    return {
      because: `${program} started it for another user (${name})`,
      remedy: `run it without ${program}, or in a shell of your own as root: ` +
        `env -u ${name} netstat ...`,
    };
  }
  return !isSecureExecution() ? undefined : {
    because: "the executable is setuid or setgid, or has capabilities",
    remedy: "run a copy that is not",
  };
}

/** Whether all that runs here runs as root. */
export function isRoot(): boolean {
  // real and effective ids differ only where rights are lent
  return Deno.uid() === 0;
}

const GROUP_OR_OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/** Symbolic links on one path, of which the kernel follows as many. */
const LINKS_MOST = 40;

/** Why others than root can change a file or a folder; undefined if nobody can. */
export function notOnlyRoots(
  { uid, mode }: Pick<Deno.FileInfo, "uid" | "mode">,
): string | undefined {
  if (uid !== 0) return "does not belong to root";
  return (mode ?? GROUP_OR_OTHERS_WRITE) & GROUP_OR_OTHERS_WRITE
    ? "others than root can write to it"
    : undefined;
}

/**
 * The same file's path without symbolic links, if nobody but root has a say in where
 * the path leads: each folder and each link on the way is root's. A sticky folder
 * such as `/tmp` will do, since what root has there nobody else can replace.
 *
 * The way is looked at from its start. So what was looked at cannot be changed any
 * more by others, and who opens the result opens the file at its end. Whether that
 * file is root's is to be asked of the open file.
 *
 * Throws an error that names what is not root's, and the errors of `Deno.lstatSync`.
 */
export function rootsPath(path: string): string {
  const names = (path.startsWith("/") ? path : `${Deno.cwd()}/${path}`)
    .split("/").reverse();
  let at = "";
  for (let links = 0; names.length > 0;) {
    const name = names.pop()!;
    if (name === ".") continue;
    if (name === "..") {
      at = at.replace(/\/[^/]*$/, "");
      continue;
    }
    const next = name === "" ? at : `${at}/${name}`;
    const info = Deno.lstatSync(next || "/");
    if (info.isSymlink) {
      if (info.uid !== 0) throw notRoots(next, "does not belong to root");
      if (++links > LINKS_MOST) throw new Error("too many symbolic links");
      const target = Deno.readLinkSync(next);
      if (target.startsWith("/")) at = "";
      names.push(...target.split("/").reverse());
      continue;
    }
    const isSticky = info.isDirectory && (info.mode! & STICKY) !== 0;
    const cause = notOnlyRoots(isSticky ? { ...info, mode: 0 } : info);
    if (cause !== undefined) throw notRoots(next || "/", cause);
    at = next;
  }
  return at;
}

function notRoots(path: string, cause: string): Error {
  return new Error(
    `root runs only what nobody else can change; ${path}: ${cause}`,
  );
}
