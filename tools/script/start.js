/**
 * How the executable starts: what each start needs as one script, with what V8 made of it
 * when the executable was built. An engine with other flags does not take that, and
 * compiles the script anew.
 */

import { Script } from "node:vm";

const at = (name) => new URL(`./script/${name}`, import.meta.url);
const text = (name) => Deno.readTextFileSync(at(name));
const cachedData = Deno.readFileSync(at("script.cache"));
const script = new Script(text("script.js"), { cachedData });
// made when it is first asked for: an import would take half a millisecond
// deno-lint-ignore no-process-global
const require = (name) => process.getBuiltinModule(name);
const other = (name) => new Script(text(`others/${name}`)).runInThisContext();
await script.runInThisContext()(Deno, require, other).start();
