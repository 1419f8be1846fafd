/**
 * `--check-family`: lists all that a family has, from a folder of files.
 *
 * @module
 */

import type { Asked, Mode } from "../args/options.ts";
import type { Family } from "../contract/family.ts";
import { namesOf } from "../system/names.ts";
import type { Tree } from "../system/scan.ts";
import { viewOf } from "../views/view.ts";
import { Output } from "../../render/out.ts";
import { viewingOf } from "./surroundings.ts";
import { writerFor } from "./taking.ts";

/** Lists all that a family has, as text and as JSON, for a check of it. */
export async function listAll(
  family: Family,
  asked: Asked,
  tree: Tree,
): Promise<{ rows: readonly string[]; malformed: number }> {
  const views: [Mode | undefined, boolean][] = [
    [undefined, family.tables.length > 0],
    ["route", family.routes !== undefined],
    ["masquerade", family.masquerade !== undefined],
    ["statistics", family.statistics !== undefined],
  ];
  const rows: string[] = [];
  let malformed = 0;
  for (const [mode, has] of views) {
    if (!has && !(mode === undefined && family.groups !== undefined)) continue;
    for (const format of ["text", "ndjson"] as const) {
      const parts: string[] = [];
      const stdout = new Output((bytes) => {
        parts.push(new TextDecoder().decode(bytes));
        return bytes.length;
      });
      const warn = (text: string) => {
        if (text.startsWith("Cannot parse ")) malformed++;
      };
      const all: Asked = {
        ...asked,
        format,
        modes: mode === undefined ? [] : [mode],
        families: [family.name],
        groups: mode === undefined && family.groups !== undefined,
      };
      const names = namesOf(tree, { patience: 0, numeric: false });
      const view = viewOf(all, names);
      const around = {
        asked: all,
        families: [family],
        tree,
        view,
        flush: () => stdout.flush(),
      };
      const viewing = await viewingOf(around);
      const taking = await writerFor(all, view, undefined, { stdout, warn });
      await viewing.round(taking)(true);
      if (format === "text" || mode === "statistics") continue;
      rows.push(...parts.join("").split("\n").slice(0, -1));
    }
  }
  return { rows, malformed };
}
