/**
 * The types of the contract, for authors of family files: one module without imports.
 *
 * @module
 */

import ts from "typescript";

/** Modules of the contract, each behind those that it needs. */
const MODULES = [
  "contract/line",
  "contract/relation",
  "contract/family",
  "contract/column",
  "contract/ip",
  "plugins/kit",
];

/** What is given to authors as a type by its own name; kept even if nothing uses it. */
const CLASSES = ["Line", "Address"];

/** Exports that are the program's own business. */
const INTERNAL = [
  "declared",
  "joinedKey",
  "kit",
  "FamilyInParts",
];

/** The text of `netstat.d.ts`. */
export async function familyTypes(): Promise<string> {
  const parts: string[] = [];
  for (const module of MODULES) {
    const url = new URL(`../core/${module}.ts`, import.meta.url);
    const { outputText } = ts.transpileDeclaration(
      await Deno.readTextFile(url),
      { compilerOptions: { target: ts.ScriptTarget.ESNext } },
    );
    parts.push(...declarations(outputText));
  }
  return `/**
 * The types of netstat's family files, as \`netstat --family-types\` prints them. A
 * family file can use them by \`import type { Family, Kit } from "./netstat.d.ts"\`.
 *
 * @module
 */

${used(parts).join("\n")}
export type { ${CLASSES.join(", ")} };
`;
}

/** The declarations of a module, each with its comment. */
function declarations(text: string): string[] {
  const file = ts.createSourceFile(
    "a.d.ts",
    text,
    ts.ScriptTarget.ESNext,
    true,
  );
  return file.statements
    .filter((s) => !ts.isImportDeclaration(s) && !ts.isExportDeclaration(s))
    .map((statement) => {
      // the module's own comment stands above its imports
      const [comment] = (ts.getLeadingCommentRanges(text, statement.pos) ?? [])
        .slice(-1);
      const from = comment?.pos ?? statement.getStart();
      return text.slice(from, statement.end) + "\n";
    });
}

/** Those declarations that others use, or that authors do. */
function used(parts: readonly string[]): string[] {
  const named = parts.map((text) => {
    const bare = text.replace(/\/\*.*?\*\//gs, "");
    const [, exported, kind, name] =
      /^\s*(export )?(?:declare )?(interface|type|class|function|const) (\w+)/
        .exec(bare)!;
    return {
      text,
      bare,
      kind: kind!,
      name: name!,
      exported: exported !== undefined,
    };
  });
  const isType = (kind: string) => kind === "interface" || kind === "type";
  const wanted = new Set(
    named.filter(({ name, kind, exported }) =>
      CLASSES.includes(name) ||
      (exported && isType(kind) && !INTERNAL.includes(name))
    ),
  );
  for (const { bare } of wanted) {
    for (const other of named) {
      if (new RegExp(`\\b${other.name}\\b`).test(bare)) wanted.add(other);
    }
  }
  // a family file gets values from the kit only
  return named.filter((part) => wanted.has(part)).map(({ text, kind }) =>
    isType(kind) ? text : text.replace(/^export declare/m, "declare")
  );
}
