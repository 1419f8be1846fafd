/** The modules of a bundle as one script: the same program. */

import assert from "node:assert/strict";
import { Script } from "node:vm";
import { makeScript } from "../tools/script/script.ts";
import { BuildError } from "../tools/sh.ts";

/** What `main.js` of these modules exports, run as a script that has only some of them. */
async function run(
  modules: Readonly<Record<string, string>>,
  {
    first = Object.keys(modules),
    require = () => assert.fail("nothing is built in"),
    others = [],
  }: {
    readonly first?: readonly string[];
    readonly require?: (name: string) => unknown;
    /** Gets the names of those that were read by themselves. */
    readonly others?: string[];
  } = {},
): Promise<Record<string, unknown>> {
  const folder = await Deno.makeTempDir({ prefix: "script-" });
  try {
    const named = new Map(Object.entries(modules));
    await makeScript(named, new Set(first), folder);
    const read = new Map<string, string>();
    for (const name of named.keys()) {
      if (first.includes(name)) continue;
      const path = `${folder}/script/others/${name}`;
      read.set(name, await Deno.readTextFile(path));
    }
    const other = (name: string) => {
      others.push(name);
      return new Script(read.get(name)!).runInThisContext();
    };
    const text = await Deno.readTextFile(`${folder}/script/script.js`);
    return new Script(text).runInThisContext()("the runtime", require, other);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const FORMS = {
  "main.js": 'import{a as b,c,default as d}from"./one.js";import*as e from' +
    '"./one.js";import f from"./one.js";import"./two.js";' +
    'async function later(){return(await import("./three.js")).default}' +
    "const all=[b,c,d,e.c,f,globalThis.two],runtime=Deno;" +
    "export{all,later as later,runtime};",
  "one.js": "var x=1,y=2;export{x as a,y as c,x as default};\n",
  "two.js": "globalThis.two=(globalThis.two??0)+1;",
  "three.js": 'import"./two.js";var z=globalThis.two;export{z as default};',
};

Deno.test("script: imports and exports of each form that esbuild writes", async () => {
  for (
    const first of [Object.keys(FORMS), ["main.js"], ["main.js", "two.js"]]
  ) {
    const others: string[] = [];
    const { all, later, runtime } = await run(FORMS, { first, others });
    assert.deepEqual(all, [1, 2, 1, 2, 1, 1]);
    // a module runs once
    assert.equal(await (later as () => Promise<unknown>)(), 1);
    assert.equal(runtime, "the runtime");
    const apart = Object.keys(FORMS).filter((name) => !first.includes(name));
    assert.deepEqual(others, apart);
    delete (globalThis as { two?: number }).two;
  }
});

Deno.test("script: modules that are built in", async () => {
  const { found, later } = await run(
    {
      "main.js":
        'import{join as j}from"node:path";import p from"node:process";' +
        'const found=[j,p.name],later=()=>import("node:fs");export{found,later};',
    },
    { require: (name) => ({ join: `join of ${name}`, name }) },
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
      'import("./none.js");',
      'import{a}from"./none.js";',
    ]
  ) {
    await assert.rejects(run({ "main.js": text }), BuildError, text);
  }
});
