/**
 * The executable whatever the environment says: values are bytes of any length. Needs
 * `bash` and net-tools' netstat.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Random } from "../../tools/fuzz/random.ts";
import type { Result } from "../cases.ts";
import { run } from "./child.ts";
import { NETSTAT, REFERENCE } from "./namespace.ts";

/** Variables with values of any bytes but NUL. */
type Environment = Readonly<Record<string, string>>;

/** Runs a program with these variables, all byte strings, and no others. */
async function runWith(
  environment: Environment,
  ...words: readonly string[]
): Promise<Result> {
  const assignments = Object.entries(environment).map((pair) => pair.join("="));
  const quoted = ["env", "-i", ...assignments, ...words]
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  // what Deno starts gets variables of valid UTF-8 only
  const script = `exec ${quoted.join(" ")} </dev/null`;
  return await run(["bash"], { input: Buffer.from(script, "latin1") });
}

/** What names a locale, in the order in which it counts. */
const LOCALE = ["LC_ALL", "LC_MESSAGES", "LC_CTYPE", "LANG", "LANGUAGE"];

/** Values that ended the engine, and others of the kinds that there are. */
const LOCALES = [
  "",
  "C",
  "C.UTF-8",
  "POSIX",
  "en_US.UTF-8",
  "de_DE@euro",
  "serbocroatian",
  "abcdefghijkl",
  "serbocroatian_YU.UTF-8@latin",
  "en_serbocroatian",
  "en@calendar=abcdefghijklmnopqrstuvwxyz",
  "@",
  "_",
  ".",
  "_.@",
  "-x-",
  "i-klingon",
  "/etc/passwd",
  "../../../etc",
  "a".repeat(157),
  "a".repeat(5000),
  "a_".repeat(500),
  "\xff",
  "\xc3\xa9".repeat(12),
  "\x01\x1b[31m",
];

/** A value of parts that a locale's name may have. */
function anyLocale(random: Random): string {
  const byte = () => String.fromCharCode(random.between(1, 255));
  const letter = () => String.fromCharCode(random.between(97, 122));
  let value = "";
  for (let parts = random.below(6); parts > 0; parts--) {
    const one = random.once(4) ? byte : letter;
    const length = random.pick([0, 2, 3, 8, 11, 12, 13, 40, 200]);
    value += Array.from({ length }, one).join("") +
      random.pick(["", "_", ".", "@", "-", ";", "="]);
  }
  return value;
}

Deno.test("no locale changes anything", async (t) => {
  const want = await runWith({}, NETSTAT, "-rn");
  assert.match(want.stdout, /^Kernel IP routing table\n/);
  assert.equal(want.exit, 0);
  for (const name of LOCALE) {
    await t.step(name, async () => {
      for (const value of LOCALES) {
        const got = await runWith({ [name]: value }, NETSTAT, "-rn");
        assert.deepEqual(got, want, JSON.stringify(value));
      }
    });
  }
  await t.step("several at once", async () => {
    const random = new Random(11);
    for (let i = 0; i < 40; i++) {
      const names = LOCALE.filter(() => random.once(2));
      const environment = Object.fromEntries(
        names.map((name) => [name, anyLocale(random)]),
      );
      const got = await runWith(environment, NETSTAT, "-rn");
      assert.deepEqual(got, want, JSON.stringify(environment));
    }
  });
});

Deno.test("a locale leaves names and messages of the C library as they are", async () => {
  for (const LC_ALL of ["C", "de_DE.UTF-8", "serbocroatian"]) {
    for (
      const args of ["-gn", "-rx", "--root=/dev/null -rn", "-A x", "-i -s"]
    ) {
      const [ours, other] = await Promise.all(
        [LC_ALL, "C"].map((LC_ALL) =>
          runWith({ LC_ALL }, NETSTAT, ...args.split(" "))
        ),
      );
      assert.deepEqual(ours, other, `${LC_ALL}: ${args}`);
    }
  }
});

Deno.test("POSIXLY_CORRECT counts if it is set at all, as for net-tools", async (t) => {
  for (
    const value of [undefined, "", "1", "0", "\xff", "\x01", "x".repeat(9000)]
  ) {
    const environment = value === undefined ? {} : { POSIXLY_CORRECT: value };
    await t.step(JSON.stringify(value?.slice(0, 9)) ?? "not set", async () => {
      for (const args of ["-rn x -C", "x -rn", "-rn -- -C", "-r - -n", "-rn"]) {
        const words = args.split(" ");
        const ours = await runWith(environment, NETSTAT, ...words);
        const theirs = await runWith(environment, REFERENCE, ...words);
        // what follows `Active` is the machine's, and changes
        const title = ({ stdout }: Result) => /^.*\n.*\n/.exec(stdout)?.[0];
        assert.equal(title(ours), title(theirs), args);
        assert.equal(ours.stderr, theirs.stderr, args);
        assert.equal(ours.exit, theirs.exit, args);
      }
    });
  }
});

/** Whether `--color` shows colours on a terminal. */
const COLOURS: readonly { environment: Environment; shown: boolean }[] = [
  { environment: {}, shown: false },
  { environment: { TERM: "" }, shown: false },
  { environment: { TERM: "dumb" }, shown: false },
  { environment: { TERM: "xterm" }, shown: true },
  { environment: { TERM: "\xff" }, shown: true },
  { environment: { TERM: "xterm", NO_COLOR: "" }, shown: true },
  { environment: { TERM: "xterm", NO_COLOR: "0" }, shown: false },
  { environment: { TERM: "xterm", NO_COLOR: "\xff" }, shown: false },
];

Deno.test("--color=auto on a terminal goes by TERM and NO_COLOR", async (t) => {
  for (const { environment, shown } of COLOURS) {
    await t.step(JSON.stringify(environment), async () => {
      const assignments = Object.entries(environment)
        .map(([name, value]) => `${name}='${value}'`).join(" ");
      const command = `env -i ${assignments} ${NETSTAT} -rn --color=auto`;
      const { stdout } = await runWith(
        { PATH: "/usr/bin:/bin", SHELL: "/bin/sh" },
        ...["/usr/bin/script", "-qec", command, "/dev/null"],
      );
      assert.match(stdout, /Kernel IP routing table/);
      assert.equal(stdout.includes("\x1b"), shown);
    });
  }
});
