/** Documents say what the program does. */

import assert from "node:assert/strict";
import { OPTIONS } from "../core/options.ts";
import { loadFamilies } from "../core/registry.ts";
import { usage } from "../render/help.ts";
import { DOCUMENTS, placeOf } from "../tools/docs.ts";

const families = await loadFamilies();

for (const [document, make] of Object.entries(DOCUMENTS)) {
  Deno.test(`docs/${document} is what the program says`, async () => {
    const written = await Deno.readTextFile(placeOf(document));
    assert.equal(written, await make(families), "run `./denow task docs`");
  });
}

/** How an option's name stands in each document, in any case not as part of another. */
const MENTIONS: Readonly<Record<string, (name: string) => RegExp>> = {
  "completions/netstat.bash": (name) =>
    new RegExp(`^    (.* )?${RegExp.escape(name)}[= \n]`, "m"),
  "completions/_netstat": (name) =>
    new RegExp(`[)*{,]${RegExp.escape(name)}[=+]?[[,}]`),
  "completions/netstat.fish": (name) =>
    new RegExp(
      name.startsWith("--")
        ? ` -l ${name.slice(2)} `
        : ` -s '${RegExp.escape(name.slice(1))}' `,
    ),
};

for (const [document, mention] of Object.entries(MENTIONS)) {
  Deno.test(`docs/${document} has every option`, async () => {
    const text = await Deno.readTextFile(placeOf(document));
    for (const name of names()) assert.match(text, mention(name));
  });
}

Deno.test("--help has every option, on a line that begins with it", () => {
  const text = usage(OPTIONS);
  for (const name of names()) {
    const word = RegExp.escape(name);
    assert.match(text, new RegExp(`^ +(-., )?${word}[=, \n]`, "m"));
  }
  assert.ok(text.split("\n").every((line) => line.length <= 80));
});

/** All names of options, as they are typed. */
function names(): string[] {
  return OPTIONS.flatMap(({ short, long }) => [
    ...(short === undefined ? [] : [`-${short}`]),
    ...(long === undefined ? [] : [`--${long}`]),
  ]);
}
