/**
 * What each module of the program costs at a start: a compiled program that imports
 * them one by one, each after those that it imports itself, and tells the time of
 * each.
 *
 * @module
 */

import { build, OWN_TARGET } from "../build.ts";
import { median } from "./figures.ts";

/** A module, and what importing it takes when those that it needs are there. */
export interface Cost {
  /** Its path in the project. */
  readonly path: string;
  /** In milliseconds; the median of all starts. */
  readonly time: number;
}

/** The part of `deno info --json` that is used. */
interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier: string };
      readonly isDynamic?: boolean;
    }[];
  }[];
}

/** Where the programs are made, in the project's ignored folder. */
export const WORKSHOP = ".deno/bench";

const STARTS = 15;

/**
 * Measures the modules that every start loads; the working directory must be the
 * project's. The first one is empty: it shows what any import costs.
 */
export async function moduleCosts(): Promise<Cost[]> {
  const root = new URL(`file://${Deno.cwd()}/`);
  const paths = await loadedModules(root);
  await Deno.writeTextFile(`${WORKSHOP}/nothing.ts`, "export {};\n");
  const imports = [`${WORKSHOP}/nothing.ts`, ...paths];
  const entry = `${WORKSHOP}/modules.ts`;
  const output = `${WORKSHOP}/modules`;
  await Deno.writeTextFile(entry, programOf(imports));
  await build({ target: OWN_TARGET, output, entry });
  const starts: number[][] = [];
  for (let start = 0; start <= STARTS; start++) {
    const { stdout } = await new Deno.Command(output).output();
    // the first one reads the file from disk, perhaps
    if (start > 0) starts.push(JSON.parse(new TextDecoder().decode(stdout)));
  }
  return imports.map((path, i) => ({
    path,
    time: median(starts.map((times) => times[i]!)),
  }));
}

function programOf(imports: readonly string[]): string {
  const lines = imports.map((path) =>
    `await import("../../${path}"); times.push(performance.now());`
  );
  return `const times = [performance.now()];
${lines.join("\n")}
console.log(JSON.stringify(times.slice(1).map((time, i) => time - times[i])));
`;
}

/** What a start loads, in an order in which each finds its own imports loaded. */
async function loadedModules(root: URL): Promise<string[]> {
  const entry = `${WORKSHOP}/all.ts`;
  const roots: string[] = [];
  for await (const { name } of Deno.readDir("families")) {
    if (/^[a-z]/.test(name)) roots.push(`families/${name}`);
  }
  roots.sort().push("main.ts");
  await Deno.writeTextFile(
    entry,
    roots.map((path) => `import "../../${path}";\n`).join(""),
  );
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
  }).output();
  const graph: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const imports = new Map(
    graph.modules.map(({ specifier, dependencies = [] }) => [
      specifier,
      dependencies.filter((d) => d.code !== undefined && !d.isDynamic)
        .map((d) => d.code!.specifier),
    ]),
  );
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (specifier: string) => {
    if (seen.has(specifier)) return;
    seen.add(specifier);
    imports.get(specifier)?.forEach(visit);
    order.push(specifier);
  };
  for (const path of roots) visit(new URL(path, root).href);
  return order.filter((specifier) => specifier.startsWith(root.href))
    .map((specifier) => specifier.slice(root.href.length));
}
