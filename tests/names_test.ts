/** Where the C library is told to look for names. */

import assert from "node:assert/strict";
import { sourcesIn } from "../core/system/names.ts";
import "./program.ts";

const CASES: { text: string; want: Record<string, string> }[] = [
  { text: "", want: {} },
  { text: "services: files\n", want: { services: "files" } },
  { text: "services:", want: { services: "" } },
  { text: " services :\t# files\n", want: { services: "" } },
  { text: "services: files\nservices:\n", want: { services: "" } },
  {
    text: "passwd: \nservices:  db [NOTFOUND=return] files # x\n#hosts:\n\xff:",
    want: { passwd: "", services: "db [NOTFOUND=return] files" },
  },
];

for (const { text, want } of CASES) {
  Deno.test(`names: nsswitch.conf ${JSON.stringify(text)}`, () => {
    assert.deepEqual(Object.fromEntries(sourcesIn(text)), want);
  });
}
