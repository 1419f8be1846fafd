/** The house: which folder imports which, and who speaks to the runtime. */

import assert from "node:assert/strict";
import ts from "typescript";

const ROOT = new URL("../", import.meta.url).pathname;

/**
 * What each folder may import besides itself. Types count, too: who needs one knows
 * of the other.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "core/contract": [],
  "core/args": ["core/contract"],
  "core/system": ["core/contract"],
  "core/joins": ["core/contract", "core/system"],
  // a question opens nothing
  "core/query": ["core/contract"],
  "core/views": [
    "core/args",
    "core/contract",
    "core/joins",
    // the registry checks a family that is not built in as any other
    "core/plugins",
    "core/query",
    "core/system",
  ],
  // rows of a family file's thread are made as all others are
  "core/plugins": ["core/args", "core/contract", "core/system", "core/views"],
  // puts the stages together for main.ts
  "core/run": [
    "core/args",
    "core/contract",
    "core/plugins",
    "core/query",
    "core/system",
    "core/views",
    "render",
  ],
  "checks": ["core/contract"],
  "families": ["core/contract"],
  // the buffer writes by the C library where the runtime cannot
  "render": ["core/args", "core/contract", "core/system"],
};

/** Who says `Deno.` besides `main.ts`, `core/system` and `core/plugins`, and why. */
const MAY_SAY_DENO: Readonly<Record<string, string>> = {
  "core/views/embedded.ts": "reads what the build puts into the executable",
  "core/views/registry.ts": "reads the folder of families, until it is built",
  "render/out.ts": "writes stdout and stderr",
};

/** What a module imports, types and `import()` included, and whether it says `Deno`. */
interface Facts {
  readonly imports: readonly string[];
  readonly saysDeno: boolean;
}

async function factsOf(path: string): Promise<Facts> {
  const text = await Deno.readTextFile(ROOT + path);
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const imports: string[] = [];
  let saysDeno = false;
  const look = (node: ts.Node): void => {
    const named = ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isCallExpression(node) &&
          node.expression.kind === ts.SyntaxKind.ImportKeyword
      ? node.arguments[0]
      : undefined;
    if (named !== undefined && ts.isStringLiteral(named)) {
      imports.push(named.text);
    }
    if (
      ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) &&
      node.expression.text === "Deno"
    ) saysDeno = true;
    ts.forEachChild(node, look);
  };
  look(file);
  return { imports, saysDeno };
}

function* modulesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(ROOT + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* modulesIn(path);
    else if (name.endsWith(".ts")) yield path;
  }
}

/** The folder of a module: `core/views`, `families`, … */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

const modules = ["checks", "core", "families", "render"].flatMap((folder) => [
  ...modulesIn(folder),
]);

Deno.test("rooms: imports point one way", async () => {
  const seen = new Set<string>();
  for (const path of modules) {
    const folder = folderOf(path);
    const may = MAY_IMPORT[folder];
    assert.ok(may !== undefined, `${folder} is not in the list`);
    for (const name of (await factsOf(path)).imports) {
      if (!name.startsWith(".")) continue;
      const to = new URL(name, `file:///${path}`).pathname.slice(1);
      if (folderOf(to) === folder) continue;
      seen.add(`${folder} > ${folderOf(to)}`);
      assert.ok(may.includes(folderOf(to)), `${path} imports ${to}`);
    }
  }
  // what nobody needs is not allowed
  const allowed = Object.entries(MAY_IMPORT)
    .flatMap(([from, all]) => all.map((to) => `${from} > ${to}`));
  assert.deepEqual([...seen].sort(), allowed.sort());
});

Deno.test("rooms: a family imports no other family", async () => {
  for (const path of modules.filter((path) => path.startsWith("families/"))) {
    for (const name of (await factsOf(path)).imports) {
      assert.match(name, /^\.\/_|^\.\.\/core\/contract\//, `${path}: ${name}`);
    }
  }
});

Deno.test("rooms: few speak to the runtime", async () => {
  const free = /^core\/(system|plugins)\//;
  const saying = [];
  for (const path of modules.filter((path) => !free.test(path))) {
    if ((await factsOf(path)).saysDeno) saying.push(path);
  }
  assert.deepEqual(saying.sort(), Object.keys(MAY_SAY_DENO).sort());
});
