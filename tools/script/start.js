/**
 * How the executable starts: the program as one script, with what V8 made of it when
 * the executable was built. An engine that does not take that (V8's flags are others)
 * would read the whole script first, which takes longer than the modules do.
 */

import process from "node:process";
import { Script } from "node:vm";

const bytes = (name) =>
  Deno.readFileSync(new URL(`./script/${name}`, import.meta.url));
const probe = new Script("0", { cachedData: bytes("probe.cache") });
if (probe.cachedDataRejected) {
  await (await import("./main.js")).start();
} else {
  const text = Deno.readTextFileSync(
    new URL("./script/script.js", import.meta.url),
  );
  const script = new Script(text, { cachedData: bytes("script.cache") });
  const require = (name) => process.getBuiltinModule(name);
  await script.runInThisContext()(Deno, require).start();
}
