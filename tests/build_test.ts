/** The build takes its base program from no file but the expected one. */

import assert from "node:assert/strict";
import { BuildError, checkedImage, replaceImport } from "../tools/build.ts";

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

/** An image whose names for the linker are these, each behind a NUL. */
function imageWith(names: string): Uint8Array {
  const bytes = new Uint8Array(64 + names.length + 2 * 64);
  const view = new DataView(bytes.buffer);
  const sections = 64 + names.length;
  view.setUint16(58, 64, true);
  bytes.set(new TextEncoder().encode(names), 64);
  // a table of strings that is part of the program, and one that is not
  for (const [at, flags] of [[sections, 2n], [sections + 64, 0n]] as const) {
    view.setUint32(at + 4, 3, true);
    view.setBigUint64(at + 8, flags, true);
    view.setBigUint64(at + 24, 64n, true);
    view.setBigUint64(at + 32, BigInt(names.length), true);
  }
  return bytes;
}

Deno.test("replaceImport: the whole name, and nothing else", () => {
  const image = imageWith("\0secure_getenv\0getenv\0getenv_r\0");
  replaceImport(image, "getenv", "atol");
  const want = imageWith("\0secure_getenv\0atol\0\0\0getenv_r\0");
  assert.deepEqual(image, want);
});

Deno.test("replaceImport: a name that is not there ends the build", () => {
  for (const names of ["\0secure_getenv\0", "\0getenv_r\0", "\0"]) {
    assert.throws(
      () => replaceImport(imageWith(names), "getenv", "atol"),
      new BuildError("Cannot find getenv among the program's imports"),
    );
  }
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
