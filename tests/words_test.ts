/** Words of a question that can be names of columns. */

import assert from "node:assert/strict";
import { type Asked, readOptions } from "../core/args/options.ts";
import { depthOf } from "../core/contract/depth.ts";
import { namesIn } from "../core/query/words.ts";
import {
  findFamily,
  loadFamilies,
  registryOf,
} from "../core/views/registry.ts";

const CASES: { question: Parameters<typeof namesIn>[0]; want?: string }[] = [
  { question: {}, want: "" },
  { question: { limit: "10" }, want: "" },
  { question: { count: "state" }, want: "state" },
  { question: { sort: "-rtt,local_port" }, want: "rtt,local_port" },
  { question: { columns: "+uid,@text" }, want: "uid" },
  { question: { columns: "@tcp" } },
  { question: { columns: "state,@all" } },
  { question: { columns: "help" }, want: "help" },
  {
    question: { where: ["state = TIME_WAIT and not (a != 10.0.0.0/8)"] },
    want: "state,a",
  },
  {
    question: { where: ["owners.comm = nginx", "x > 10ms or `y` in 1..64K"] },
    want: "owners,nginx,x,y",
  },
  {
    question: { where: [`path = 'it is rtt' and "cwnd" = iface`] },
    want: "path,iface",
  },
  { question: { where: ["address in fe80::/10"] }, want: "address,fe80" },
];

for (const { question, want } of CASES) {
  Deno.test(`names in ${JSON.stringify(question)}`, () => {
    const names = namesIn(question);
    assert.equal(names && [...names].join(), want);
  });
}

const registry = registryOf(await loadFamilies());
const { cards } = registry;

/** Whether what netlink tells is loaded for a command line. */
async function isDeep(...args: string[]): Promise<boolean> {
  const asked = readOptions(args, {
    posix: false,
    family: (word) => findFamily(cards, word)?.name,
    selinux: () => false,
    warn() {},
  }) as Asked;
  const families = await registry.load(asked);
  return families.some(({ tables }) =>
    tables.some((table) => depthOf(table) !== undefined)
  );
}

Deno.test("depth is loaded only where a question may name a part of it", async () => {
  for (
    const args of [
      ["-tan"],
      ["-tan", "--count", "state"],
      ["-tan", "--where", "state = ESTABLISHED and foreign_port = 443"],
      ["-tan", "--where", "foreign_address in 10.0.0.0/8", "--limit", "3"],
      ["-tan", "--columns", "+uid", "--sort", "-local_port"],
      ["-tan", "--count", "proto", "--json"],
    ]
  ) assert.equal(await isDeep(...args), false, args.join(" "));
  // lines that processes can write are doubted wherever they are not net-tools' text
  for (
    const [deep, ...args] of [
      [false, "-xa"],
      [false, "-xa", "--where", "path = '/run/x'"],
      [true, "-xa", "--json"],
      [true, "-xa", "--columns", "path"],
      [true, "-xa", "--sort", "path"],
      [true, "-xa", "--count", "path"],
      [true, "-xa", "--sum", "refcnt"],
    ] as const
  ) assert.equal(await isDeep(...args), deep, args.join(" "));
  for (
    const args of [
      ["-tan", "--columns", "rtt"],
      ["-tan", "--columns", "help"],
      ["-tan", "--columns", "@tcp"],
      ["-tan", "--where", "accept_queue > 0"],
      ["-tan", "--where", "no_such_key = 1"],
      // a column of one table, which another has in its depth
      ["-tuan", "--where", "drops > 0"],
      ["-uan", "-x", "--where", "path ~ run"],
      ["-tan", "--count", "state", "--sort", "-count,rtt"],
    ]
  ) assert.equal(await isDeep(...args), true, args.join(" "));
});
