/**
 * Saves an input as a golden case (`testdata/README.md`).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Result } from "../../tests/cases.ts";
import type { Input } from "./format.ts";
import { folderOf, NOBODY } from "./world.ts";

/** Writes the case's folder: what is read, and what the reference printed. */
export function save(folder: string, input: Input, reference: Result): void {
  const write = (path: string, text: string) => {
    Deno.mkdirSync(folderOf(`${folder}/${path}`), { recursive: true });
    Deno.writeFileSync(`${folder}/${path}`, Buffer.from(text, "latin1"));
  };
  write("cmd", `${input.args.map(quoted).join(" ")}\n`);
  for (const [path, text] of input.tree) write(path.slice(1), text);
  const links = [...input.links ?? []]
    .map(([path, target]) => `${path.slice(1)} -> ${target}\n`);
  if (links.length > 0) write("links", links.join(""));
  if (input.denied !== undefined) {
    write("uid", `${NOBODY}\n`);
    write(
      "modes",
      input.denied.map((path) => `000 ${path.slice(1)}\n`).join(""),
    );
  }
  write("stdout", reference.stdout);
  write("stderr", reference.stderr);
  write("exit", `${reference.exit}\n`);
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", `'\\''`)}'`;
}
