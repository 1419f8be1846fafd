/**
 * Names that the administrator gives to numbers of the kernel's, in files of iproute2:
 * routing tables, and who makes routes.
 *
 * @module
 */

import type { Names } from "../contract/family.ts";
import { byteString } from "../contract/line.ts";
import { Failure } from "./failures.ts";
import type { Tree } from "./scan.ts";

/** Where they are; of a number that is in several, the last one counts. */
const FOLDERS = ["/usr/share/iproute2", "/etc/iproute2"];

/** Lets `names` know them as well. A file is read when a name of it is asked for. */
export function addNumbered(names: Names, tree: Tree): void {
  const files = new Map<string, Map<number, string>>();
  names.numbered = (file, number) => {
    let found = files.get(file);
    if (found === undefined) files.set(file, found = readAll(tree, file));
    return found.get(number);
  };
}

/** The files that there are, for names of every kind. */
export function numberedFiles(tree: Tree): string[] {
  return KINDS.flatMap((file) => [...filesOf(tree, file)]);
}

const KINDS = ["rt_tables", "rt_protos"] as const;

function* filesOf(tree: Tree, file: string): Generator<string> {
  for (const folder of FOLDERS) {
    const listed = tree.list(`${folder}/${file}.d`);
    const parts = listed instanceof Failure
      ? []
      : listed.filter((name) => name.endsWith(".conf")).sort();
    yield `${folder}/${file}`;
    for (const name of parts) yield `${folder}/${file}.d/${name}`;
  }
}

function readAll(tree: Tree, file: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const path of filesOf(tree, file)) {
    const bytes = tree.read(path);
    // without the file there are no such names
    const text = bytes instanceof Failure ? "" : byteString(bytes);
    for (const line of text.split("\n")) {
      const [, number, name] = LINE.exec(line) ?? [];
      if (name !== undefined) found.set(Number(number), name);
    }
  }
  return found;
}

/** A number, decimal or hexadecimal, and its name; what begins with `#` is a comment. */
const LINE = /^\s*(0x[0-9a-f]+|\d+)\s+([^\s#]+)/i;
