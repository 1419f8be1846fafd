/**
 * Writes the file `json` of golden cases anew, from what the program prints now:
 *
 * ```sh
 * ./denow task json inet/tcp-all-columns   # of this case, which need not have had one
 * ./denow task json --all                  # of all that have one
 * ```
 *
 * Prints the names of those that have changed. Whoever commits them has read them.
 *
 * @module
 */

import { loadCases } from "../tests/cases.ts";
import { jsonOf } from "../tests/json_cases.ts";

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) {
  const all = Deno.args.join() === "--all";
  const chosen = loadCases().filter(({ name, json }) =>
    all ? json !== undefined : Deno.args.includes(name)
  );
  if (chosen.length === 0 || (!all && chosen.length < Deno.args.length)) {
    say("usage: ./denow task json FOLDER/CASE... | --all");
    Deno.exit(3);
  }
  for (const golden of chosen) {
    const json = await jsonOf(golden);
    if (json === golden.json) continue;
    const bytes = Uint8Array.from(json, (c) => c.charCodeAt(0));
    await Deno.writeFile(`${golden.path}/json`, bytes);
    say(golden.name);
  }
}
