/** What is changed in an ELF image is what a program does then. Needs coreutils. */

import assert from "node:assert/strict";
import { Image } from "../tools/engine/elf.ts";

/** A program that asks for one variable, and fails if it is not set. */
const PROGRAM = "/usr/bin/dircolors";

async function status(program: string): Promise<number> {
  const { code } = await new Deno.Command(program, {
    clearEnv: true,
    env: { SHELL: "/bin/sh" },
    stdout: "null",
    stderr: "null",
  }).output();
  return code;
}

Deno.test("Image.respell: a program calls another function, with nothing else changed", async () => {
  const original = await Deno.readFile(PROGRAM);
  const image = new Image(original.slice());
  image.respell(image.symbol("getenv")!, "atol");
  assert.equal(image.symbol("getenv"), undefined);
  const changed = image.bytes.filter((byte, at) => byte !== original[at]);
  assert.deepEqual([...changed], [...new TextEncoder().encode("atol\0\0")]);

  assert.equal(await status(PROGRAM), 0);
  const deaf = await Deno.makeTempFile();
  try {
    await Deno.writeFile(deaf, image.bytes);
    await Deno.chmod(deaf, 0o755);
    assert.equal(await status(deaf), 1);
  } finally {
    await Deno.remove(deaf);
  }
});

Deno.test("Image.respell: a longer name has no room", async () => {
  const image = new Image(await Deno.readFile(PROGRAM));
  const symbol = image.symbol("getenv")!;
  assert.throws(() => image.respell(symbol, "getpagesize"), RangeError);
});
