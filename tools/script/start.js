/**
 * How the executable starts: what each start needs as a script, with what V8 made of it
 * when the executable was built. Other scripts are run when their modules are needed. An
 * engine with other flags does not take what V8 made, and compiles the script anew.
 */

import { Script } from "node:vm";

const at = (name) => `${import.meta.dirname}/script/${name}`;
const run = (name, isCompiled) => {
  const text = Deno.readTextFileSync(at(name));
  const how = isCompiled
    ? { cachedData: Deno.readFileSync(at(`${name}.cache`)) }
    : {};
  return new Script(text, how).runInThisContext();
};
// made when it is first asked for: an import would take half a millisecond
// deno-lint-ignore no-process-global
const require = (name) => process.getBuiltinModule(name);
await run("0.js", true)(Deno, require, run).start();
