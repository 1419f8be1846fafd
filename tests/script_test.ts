/** The modules of a bundle as one script: the same program. */

import assert from "node:assert/strict";
import { Script } from "node:vm";
import { makeScript, partsOf } from "../tools/script/script.ts";
import { BuildError } from "../tools/sh.ts";

/** What `main.js` of these modules exports, run as scripts of parts. */
async function run(
  modules: Readonly<Record<string, string>>,
  {
    parts = [Object.keys(modules)],
    require = () => assert.fail("nothing is built in"),
    ran = [],
  }: {
    readonly parts?: readonly (readonly string[])[];
    readonly require?: (name: string) => unknown;
    /** Gets the names of the scripts behind the first, and `+` if each has a cache. */
    readonly ran?: string[];
  } = {},
): Promise<Record<string, unknown>> {
  const folder = await Deno.makeTempDir({ prefix: "script-" });
  try {
    const named = new Map(Object.entries(modules));
    await makeScript(named, parts.map((part) => new Set(part)), folder);
    const texts = new Map<string, string>();
    for (const others of ["", "others/"]) {
      for await (
        const { name, isFile } of Deno.readDir(`${folder}/script/${others}`)
      ) {
        if (!isFile) continue;
        const path = `${folder}/script/${others}${name}`;
        texts.set(`${others}${name}`, await Deno.readTextFile(path));
      }
    }
    const another = (name: string, isCompiled?: boolean) => {
      ran.push(isCompiled ? `${name}+` : name);
      return new Script(texts.get(name)!).runInThisContext();
    };
    return new Script(texts.get("0.js")!)
      .runInThisContext()("the runtime", require, another);
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
    const [parts, want] of [
      [[Object.keys(FORMS)], []],
      [
        [["main.js"]],
        ["one.js", "two.js", "three.js"].map((n) => `others/${n}`),
      ],
      [[["main.js", "two.js"]], ["others/one.js", "others/three.js"]],
      [[["main.js"], ["three.js"], ["two.js", "one.js"]], ["2.js+", "1.js+"]],
      [[["main.js"], ["one.js", "three.js"]], ["1.js+", "others/two.js"]],
    ] as [string[][], string[]][]
  ) {
    const ran: string[] = [];
    const { all, later, runtime } = await run(FORMS, { parts, ran });
    assert.deepEqual(all, [1, 2, 1, 2, 1, 1]);
    // a module runs once
    assert.equal(await (later as () => Promise<unknown>)(), 1);
    assert.equal(runtime, "the runtime");
    assert.deepEqual(ran, want);
    delete (globalThis as { two?: number }).two;
  }
});

Deno.test("script: parts by which listings need a module", () => {
  const parts = partsOf([
    [["a", "b", "c"], ["b", "d", "a"], ["a", "e", "d"]],
    [["a", "b", "f"], ["a", "g", "f"], ["b", "g"]],
  ]);
  assert.deepEqual(
    parts.map((group) => group.map((part) => [...part].join())),
    [["main.js,a", "b", "c", "d", "e"], ["f", "g"]],
  );
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
