/** The modules of a bundle as one script: the same program. */

import assert from "node:assert/strict";
import { Script } from "node:vm";
import { makeScript } from "../tools/script/script.ts";
import { BuildError } from "../tools/sh.ts";

/** What `main.js` of these modules exports, run as a script. */
async function run(
  modules: Readonly<Record<string, string>>,
  require: (name: string) => unknown = () => assert.fail("nothing is built in"),
): Promise<Record<string, unknown>> {
  const folder = await Deno.makeTempDir({ prefix: "script-" });
  try {
    await makeScript(new Map(Object.entries(modules)), folder);
    const text = await Deno.readTextFile(`${folder}/script/script.js`);
    return new Script(text).runInThisContext()("the runtime", require);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("script: imports and exports of each form that esbuild writes", async () => {
  const { all, later, runtime } = await run({
    "main.js": 'import{a as b,c,default as d}from"./one.js";import*as e from' +
      '"./one.js";import f from"./one.js";import"./two.js";' +
      'async function later(){return(await import("./three.js")).default}' +
      "const all=[b,c,d,e.c,f,globalThis.two],runtime=Deno;" +
      "export{all,later as later,runtime};",
    "one.js": "var x=1,y=2;export{x as a,y as c,x as default};\n",
    "two.js": "globalThis.two=(globalThis.two??0)+1;",
    "three.js": 'import"./two.js";var z=globalThis.two;export{z as default};',
  });
  assert.deepEqual(all, [1, 2, 1, 2, 1, 1]);
  // a module runs once
  assert.equal(await (later as () => Promise<unknown>)(), 1);
  assert.equal(runtime, "the runtime");
});

Deno.test("script: modules that are built in", async () => {
  const { found, later } = await run(
    {
      "main.js":
        'import{join as j}from"node:path";import p from"node:process";' +
        'const found=[j,p.name],later=()=>import("node:fs");export{found,later};',
    },
    (name) => ({ join: `join of ${name}`, name }),
  );
  assert.deepEqual(found, ["join of node:path", "node:process"]);
  const { name } = await (later as () => Promise<{ name: string }>)();
  assert.equal(name, "node:fs");
});

Deno.test("script: what a module imports cannot be changed, and it is strict", async () => {
  const { isStrict, change } = await run({
    "main.js": 'import{a}from"./one.js";const isStrict=function(){return ' +
      "this===undefined}(),change=()=>{a=2};export{isStrict,change};",
    "one.js": "var a=1;export{a};",
  });
  assert.equal(isStrict, true);
  // the engine's own error is of another realm
  assert.throws(change as () => void, { name: "TypeError" });
});

Deno.test("script: forms that are not known stop the build", async () => {
  for (
    const text of [
      'var x=1;export*from"./one.js";',
      'var x=await import("../one.js");export{x};',
      'var x=1;import{a}from"./one.js";export{x};',
      "import(name);",
    ]
  ) {
    await assert.rejects(run({ "main.js": text }), BuildError, text);
  }
});
