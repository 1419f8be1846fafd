/**
 * Makes sockets whose paths, owners' names and users' names are what nobody would
 * choose, says `ready`, and keeps them until stdin closes. Runs in a network and a
 * mount namespace of its own; the folder that is its argument is for its files. A
 * test that imports it makes nothing.
 *
 * @module
 */

/** Paths of UNIX sockets, as byte strings; abstract names start with a NUL. */
export const PATHS: readonly string[] = [
  "one\nline more",
  "\nat the start",
  "at the end\n",
  "\n",
  // 108 bytes and no NUL behind them
  "/".padEnd(108, "x").replace("/", "y"),
  "\n".repeat(108),
  "escape\x1b[2J\x1b]0;title\x07",
  "carriage\rreturn and \x08backspace",
  "no UTF-8: \xff\xfe\x80\x9b31m",
  "cut \xf0\x9f\x98",
  "overlong \xc0\x8a and surrogate \xed\xa0\x80",
  "U+009B \xc2\x9b31m and U+202E \xe2\x80\xaecod",
  "\0abstract\nof two lines",
  "\0\n",
  "\0in\0side\0",
  "\0" + "z".repeat(107),
  "\0\xff\x1b[31m",
  // what a spreadsheet takes for a formula, or for the end of a cell
  "=cmd|'calc'!A0",
  "+1",
  "-1",
  "\t=1",
  'a"b,c;d',
  "'",
];

/** Names that processes give themselves (`argv[0]`), as byte strings. */
export const PROGRAMS: readonly string[] = [
  "two\nlines",
  "\n",
  "tcp        0      0 0.0.0.0:22",
  "escape\x1b[2J\x1b]0;t\x07",
  "\x7f\x08\r\t",
  "\xff\xfe\x80\x9b31m",
  "Gr\xc3\xbc\xc3\x9fe",
  // cut in the middle of a character, by the width of the column
  "abcdefghijkl\xf0\x9f\x98\x80",
  "/a/path/to/\x1b[31mred",
  "/ends/with/slash/",
  "/usr/bin/\xc2\x9b31m",
  "-",
  " blanks  in it ",
  "n".repeat(600),
  "\x1b".repeat(100),
];

/** Names of users, as byte strings, from uid 2001 on. */
export const USERS: readonly string[] = [
  "esc\x1b[31mred\x07",
  "in\xffv\x80alid\x9bx",
  "G\xc3\xbcnther",
  "u".repeat(300),
  "a b",
  "12345",
  "\xc2\x9bx",
  "tab\tx",
  "cr\rx",
];

/** The uid of the first of {@linkcode USERS}. */
export const FIRST_USER = 2001;

/** The port of the first program, which the others follow. */
export const FIRST_PORT = 21_001;

/** What JSON has of a byte string: UTF-8 decoded, other bytes as U+DC00 + byte. */
export function decoded(text: string): string {
  let result = "";
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let at = 0; at < text.length;) {
    let length = 4;
    for (; length > 0; length--) {
      const part = text.slice(at, at + length);
      if (part.length < length) continue;
      try {
        const one = decoder.decode(
          Uint8Array.from(part, (c) => c.charCodeAt(0)),
        );
        if ([...one].length !== 1) continue;
        result += one;
        break;
      } catch {
        // no character of this length
      }
    }
    if (length === 0) {
      result += String.fromCharCode(0xdc00 + text.charCodeAt(at));
      length = 1;
    }
    at += length;
  }
  return result;
}

/** What the text has of a byte string: a `.` for each control byte. */
export function neutral(text: string): string {
  let result = "";
  for (const character of decoded(text)) {
    const code = character.codePointAt(0)!;
    if (code >= 0xdc80 && code <= 0xdcff) {
      const byte = code - 0xdc00;
      result += byte < 0xa0 ? "." : String.fromCharCode(byte);
    } else if (code < 0x20 || code === 0x7f) result += ".";
    else if (code >= 0x80 && code < 0xa0) result += "..";
    else {
      const bytes = new TextEncoder().encode(character);
      result += String.fromCharCode(...bytes);
    }
  }
  return result;
}

const UNIX = 1;
const INET = 2;
const STREAM = 1;
const CLOEXEC = 0o2000000;

/** An address's bytes, for `bind`. */
type Bytes = Uint8Array<ArrayBuffer>;

function bytesOf(text: string): Bytes {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** A word that bash reads as these bytes. */
function quoted(text: string): string {
  const codes = [...bytesOf(text)].map((byte) =>
    `\\x${byte.toString(16).padStart(2, "0")}`
  );
  return `$'${codes.join("")}'`;
}

function open() {
  return Deno.dlopen("libc.so.6", {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    listen: { parameters: ["i32", "i32"], result: "i32" },
    fchown: { parameters: ["i32", "u32", "u32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  }).symbols;
}

async function main(folder: string): Promise<void> {
  const libc = open();
  const listener = (family: number, address: Bytes, flags = 0): number => {
    const fd = libc.socket(family, STREAM | flags, 0);
    if (fd < 0 || libc.bind(fd, address, address.length) < 0) {
      throw new Error(`Cannot bind to ${JSON.stringify(address)}`);
    }
    libc.listen(fd, 1);
    return fd;
  };

  const users = USERS.map((name, i) => `${name}:x:${FIRST_USER + i}:1::/:\n`);
  const passwd = await Deno.readTextFile("/etc/passwd");
  await Deno.writeFile(`${folder}/passwd`, bytesOf(passwd + users.join("")));
  const mount = new Deno.Command("mount", {
    args: ["--bind", `${folder}/passwd`, "/etc/passwd"],
  });
  if (!(await mount.output()).success) throw new Error("Cannot mount");

  Deno.chdir(folder);
  for (const path of PATHS) {
    listener(UNIX, Uint8Array.of(UNIX, 0, ...bytesOf(path)), CLOEXEC);
  }

  const address = (port: number) =>
    Uint8Array.of(INET, 0, port >> 8, port & 255, 127, 0, 0, 1, ...Array(8));
  const held: Deno.ChildProcess[] = [];
  for (const [i, name] of PROGRAMS.entries()) {
    const fd = listener(INET, address(FIRST_PORT + i));
    held.push(
      new Deno.Command("bash", {
        args: ["-c", `exec -a ${quoted(name)} cat`],
        stdin: "piped",
        stdout: "null",
      }).spawn(),
    );
    libc.close(fd);
  }
  // a socket belongs to the user who made it, or who it was given to
  for (const [i] of USERS.entries()) {
    const fd = listener(
      INET,
      address(FIRST_PORT + PROGRAMS.length + i),
      CLOEXEC,
    );
    if (libc.fchown(fd, FIRST_USER + i, 1) < 0) throw new Error("Cannot give");
  }

  Deno.stdout.writeSync(new TextEncoder().encode("ready\n"));
  for await (const _ of Deno.stdin.readable);
  for (const child of held) {
    await child.stdin.close();
    await child.status;
  }
}

if (import.meta.main) await main(Deno.args[0]!);
