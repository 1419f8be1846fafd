/** The build takes its base program from no file but the expected one. */

import assert from "node:assert/strict";
import { BuildError, checkedImage, namesIn, UNHEARD } from "../tools/build.ts";

/** A program of 100 bytes with a section header table from byte 64 to 80. */
function program(): Uint8Array {
  const bytes = new Uint8Array(100).fill(7);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(40, 64n, true);
  view.setUint16(58, 8, true);
  view.setUint16(60, 2, true);
  return bytes;
}

const source = { npm: "some-package", version: "1.2.3" };

Deno.test("checkedImage: what was appended to the program is cut off", async () => {
  const want = program().subarray(0, 80);
  const hash = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new Uint8Array(want)),
  ).toHex();
  const image = await checkedImage(program(), { ...source, sha256: hash });
  assert.deepEqual(image, want);
});

Deno.test("checkedImage: a wrong hash names the package and both hashes", async () => {
  const wrong = { ...source, sha256: "00ff" };
  await assert.rejects(
    checkedImage(program(), wrong),
    (error) =>
      error instanceof BuildError &&
      /some-package@1\.2\.3 has the SHA-256 [0-9a-f]{64}, not 00ff: it is not used/
        .test(error.message),
  );
});

Deno.test("namesIn: a variable's name in data, not in scripts", () => {
  const cases: { name: string; data: string; want: number[] }[] = [
    { name: "between strings", data: "failureNAMEfatal", want: [7] },
    { name: "a C string", data: "x\0NAME\0y", want: [2] },
    { name: "twice", data: "aNAMEbNAME", want: [1, 6] },
    { name: "behind another name", data: "OTHERNAMEx", want: [5] },
    { name: "part of a longer name", data: "xSQL_NAME NAME_STYLE", want: [] },
    { name: "a script", data: "get(\"NAME\") + env['NAME']", want: [] },
    { name: "one quote only", data: 'said "NAMEx', want: [6] },
    { name: "a snapshot's string", data: "zz\x04\0\0\0NAME\0\0", want: [] },
    { name: "not there", data: "NAM", want: [] },
    { name: "nothing else", data: "NAME", want: [0] },
  ];
  for (const { name, data, want } of cases) {
    const image = new TextEncoder().encode(`#${data}`).subarray(1);
    assert.deepEqual(namesIn(image, "NAME"), want, name);
  }
});

Deno.test("docs/security.md has the variables that are not heard", async () => {
  const path = new URL("../docs/security.md", import.meta.url);
  const text = await Deno.readTextFile(path);
  const table = /^\| variable .*\n(?:\|.*\n)+/m.exec(text)![0];
  const named = Array.from(
    table.matchAll(/`([A-Z][A-Z0-9_]+)`/g),
    ([, n]) => n,
  );
  assert.deepEqual(named.sort(), [...UNHEARD].sort());
});
