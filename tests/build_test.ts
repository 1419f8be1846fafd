/** The build takes its base program from no file but the expected one. */

import assert from "node:assert/strict";
import { checkedImage, noBase } from "../tools/build.ts";
import { BuildError } from "../tools/sh.ts";

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

Deno.test("noBase: what is missing, where it is, and what else can be done", () => {
  const text = noBase("aarch64-unknown-linux-gnu", "no such host");
  const { deno } = Deno.version;
  const zip = `v${deno}/denort-aarch64-unknown-linux-gnu.zip`;
  for (
    const part of [
      `base program of Deno ${deno}`,
      "\nno such host\n",
      `https://dl.deno.land/release/${zip}`,
      "DENORT_BIN=FILE",
      "without DENO_VERSION",
    ]
  ) assert(text.includes(part), `${part} in ${text}`);
});

Deno.test("no module asks Deno for variables, which the executable does not know", async () => {
  const { code, stdout } = await new Deno.Command("grep", {
    args: [
      "-rnE",
      "(Deno|process)\\.env\\b",
      "main.ts",
      "core",
      "families",
      "render",
    ],
    cwd: new URL("..", import.meta.url),
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "");
  assert.equal(code, 1, "grep found nothing, and no fault");
});
