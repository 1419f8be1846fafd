/**
 * How the executable starts: what each start needs as a script, with what V8 made of it
 * when the executable was built. Other scripts are run when their modules are needed. An
 * engine with other flags does not take what V8 made, and compiles the script anew.
 */

import { Script } from "node:vm";

const at = (name) => `${import.meta.dirname}/script/${name}`;
// the build writes in the place of these lines which caches stand behind the base program,
// in what file, and how they are read
const FILE = "";
const BEHIND = {};
const bytesBehind = undefined;
function cacheOf(name) {
  const place = BEHIND[name];
  if (place === undefined) return Deno.readFileSync(at(name));
  try {
    return bytesBehind(FILE, place);
  } catch {
    // V8 compiles the script then
    return undefined;
  }
}
const run = (name, isCompiled) => {
  const how = isCompiled ? { cachedData: cacheOf(`${name}.cache`) } : {};
  return new Script(Deno.readTextFileSync(at(name)), how).runInThisContext();
};
// made when it is first asked for: an import would take half a millisecond
// deno-lint-ignore no-process-global
const require = (name) => process.getBuiltinModule(name);
await run("0.js", true)(Deno, require, run).start();
