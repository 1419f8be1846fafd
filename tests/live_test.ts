// deno-lint-ignore-file no-control-regex
/** `--watch` at a terminal: what keys do, and what becomes of messages. */

import assert from "node:assert/strict";
import { byteString, fromUtf8 } from "../core/contract/line.ts";
import type { Key, KeyName } from "../core/system/keys.ts";
import type { Events } from "../core/system/terminal.ts";
import { QuestionError } from "../core/query/error.ts";
import { Live, type Wish } from "../render/live.ts";
import { Screen } from "../render/screen.ts";
import { collector } from "./program.ts";
import { column, give, type Row, VIEW } from "./relations.ts";

const SHOWN = [
  { ...column("change", "name", { nullable: true }), sign: true as const },
  column("state", "name"),
  column("recv_q", "integer", { unit: "bytes" }),
  column("groups", "strings"),
  column("odd", "name"),
];

/** A live listing on a terminal that is not there. */
class Stage {
  readonly stderr = collector();
  readonly screen = new Screen({ view: VIEW });
  events: Events | undefined;
  size = { columns: 80, rows: 8 };
  #frame = "";
  /** What is listed. */
  rows: Row[] = Array.from({ length: 20 }, (_, i) => ({
    change: null,
    state: "LISTEN",
    recv_q: i,
    groups: [],
    odd: null,
  }));
  rounds = 0;
  status = 0;
  met: boolean | undefined;
  readonly asked: Wish[] = [];
  readonly live: Live;

  constructor() {
    const lister = {
      round: () => {
        this.rounds++;
        give(this.screen, [{ shown: SHOWN, rows: this.rows }]);
        this.screen.end();
        return this.status;
      },
      numbers: () => ({ time: 0, added: 0, removed: 0, seconds: 1 }),
    };
    const size = () => this.size;
    this.live = new Live({
      terminal: {
        get size() {
          return size();
        },
        enter: (events) => void (this.events = events),
        leave: () => void (this.events = undefined),
        paint: (bytes) => void (this.#frame = fromUtf8(byteString(bytes))),
      },
      screen: this.screen,
      stderr: this.stderr.out,
      interval: 1000,
      lister,
      ask: (wish) => {
        this.asked.push(wish);
        const { where = "", sort = "" } = wish;
        if (where !== "bad" && sort !== "odd") return Promise.resolve(lister);
        const text = { option: "--where", text: where };
        return Promise.reject(new QuestionError(text, 0, "no such thing"));
      },
      met: () => this.met,
    });
  }

  /** The lines that are seen. */
  get lines(): string[] {
    return this.#frame.split(/\x1b\[\d+;1H\x1b\[K/).slice(1)
      .map((line) => line.replaceAll(/\x1b\[[0-9;?]*[a-zA-Z]/g, "").trimEnd());
  }

  /** The numbers of the rows that are seen. */
  get seen(): string {
    return this.lines.flatMap((line) => /LISTEN +(\d+)/.exec(line)?.[1] ?? [])
      .join(" ");
  }

  press(...keys: (KeyName | Key)[]): void {
    for (const key of keys) {
      this.events!.key(typeof key === "string" ? { name: key } : key);
    }
  }

  type(text: string): void {
    this.press(...Array.from(text, (text) => ({ text })));
  }
}

Deno.test("the terminal is taken when the first listing is there, and given back", async () => {
  const stage = new Stage();
  assert.equal(stage.events, undefined);
  assert.equal(await stage.live.round(true), 0);
  assert.notEqual(stage.events, undefined);
  assert.equal(
    stage.lines[0],
    "1970-01-01T00:00:00Z  every 1 s  20 rows  +0/s -0/s",
  );
  stage.live.end();
  assert.equal(stage.events, undefined);
});

Deno.test("a first listing that fails takes no terminal", async () => {
  const stage = new Stage();
  stage.status = 1;
  assert.equal(await stage.live.round(true), 1);
  assert.equal(stage.events, undefined);
  // a later one is told, and goes on
  const other = new Stage();
  await other.live.round(true);
  other.status = 1;
  assert.equal(await other.live.round(false), 1);
  assert.notEqual(other.events, undefined);
});

Deno.test("keys scroll, and stay where rows are", async () => {
  const stage = new Stage();
  await stage.live.round(true);
  const cases: [KeyName, string, string][] = [
    ["up", "0 1 2 3 4", "15 rows below"],
    ["down", "1 2 3 4 5", "1 row above, 14 rows below"],
    ["page down", "6 7 8 9 10", "6 rows above, 9 rows below"],
    ["end", "15 16 17 18 19", "15 rows above"],
    ["down", "15 16 17 18 19", "15 rows above"],
    ["page up", "10 11 12 13 14", "10 rows above, 5 rows below"],
    ["home", "0 1 2 3 4", "15 rows below"],
    ["page up", "0 1 2 3 4", "15 rows below"],
  ];
  for (const [key, seen, last] of cases) {
    stage.press(key);
    assert.equal(stage.seen, seen, key);
    assert.equal(stage.lines.at(-1), last, key);
  }
  stage.press("end");
  stage.rows = stage.rows.slice(0, 3);
  await stage.live.round(false);
  assert.equal(stage.seen, "0 1 2");
});

Deno.test("another size is another frame at once", async () => {
  const stage = new Stage();
  await stage.live.round(true);
  stage.size = { columns: 80, rows: 5 };
  stage.events!.repaint();
  assert.equal(stage.seen, "0 1");
  assert.equal(stage.rounds, 1);
});

Deno.test("space pauses, and goes on", async () => {
  const stage = new Stage();
  await stage.live.round(true);
  stage.type(" ");
  assert.match(stage.lines[0]!, /paused$/);
  assert.equal(await stage.live.round(false), 0);
  assert.equal(stage.rounds, 1);
  stage.type(" ");
  assert.doesNotMatch(stage.lines[0]!, /paused/);
  await stage.live.round(false);
  assert.equal(stage.rounds, 2);
});

Deno.test("q ends the wait, and all", async () => {
  const stage = new Stage();
  await stage.live.round(true);
  const wait = stage.live.sleep(600_000);
  assert.deepEqual([stage.live.met(), stage.live.over()], [undefined, false]);
  stage.type("q");
  await wait;
  assert.deepEqual([stage.live.met(), stage.live.over()], [undefined, true]);
  assert.equal(await stage.live.round(false), 0);
  assert.equal(stage.rounds, 1);
});

Deno.test("/ asks for a test of rows, which is listed at once", async () => {
  const stage = new Stage();
  await stage.live.round(true);
  const wait = stage.live.sleep(600_000);
  stage.type("/xyq");
  stage.press("backspace", "backspace");
  assert.equal(stage.lines.at(-1), "--where: x");
  stage.press("clear");
  stage.type("s \xc3\xb1");
  stage.press("backspace");
  stage.type("= 1");
  assert.equal(stage.lines.at(-1), "--where: s = 1");
  stage.press("enter");
  await settled();
  assert.deepEqual(stage.asked, [{ where: "s = 1" }]);
  assert.equal(stage.rounds, 2);
  assert.match(stage.lines[0]!, /--where 's = 1'$/);
  assert.equal(stage.lines.at(-1), "15 rows below");
  // an empty one takes it away
  stage.type("/");
  stage.press("enter");
  await settled();
  assert.deepEqual(stage.asked[1], { where: undefined });
  assert.doesNotMatch(stage.lines[0]!, /--where/);
  stage.type("q");
  await wait;
});

Deno.test("what is wrong with a test is shown, and it can be mended or left", async () => {
  const stage = new Stage();
  await stage.live.round(true);
  const wait = stage.live.sleep(600_000);
  stage.type("/bad");
  stage.press("enter");
  await settled();
  assert.deepEqual(stage.lines.slice(-3), [
    "netstat: --where: bad",
    "                  ^ no such thing",
    "--where: bad",
  ]);
  // the listing goes on meanwhile
  await stage.live.round(false);
  assert.equal(stage.lines.at(-1), "--where: bad");
  stage.press("backspace");
  assert.equal(stage.lines.at(-2), "16 rows below");
  stage.press("escape");
  assert.equal(stage.lines.at(-1), "15 rows below");
  assert.doesNotMatch(stage.lines[0]!, /--where/);
  stage.type("q");
  await wait;
});

Deno.test("s sorts by one column after the other, and then by none", async () => {
  const stage = new Stage();
  await stage.live.round(true);
  const wait = stage.live.sleep(600_000);
  const sorts: (string | undefined)[] = [];
  for (let i = 0; i < 4; i++) {
    stage.type("s");
    await settled();
    sorts.push(stage.asked.at(-1)!.sort);
  }
  // of quantities the largest first; lists have no order, nor has what is refused
  assert.deepEqual(sorts, ["state", "-recv_q", undefined, "state"]);
  assert.match(stage.lines[0]!, /--sort state$/);
  stage.type("q");
  await wait;
});

Deno.test("messages are shown below, and said once at the end", async () => {
  const stage = new Stage();
  const { out } = stage.stderr;
  const say = (text: string) => {
    out.foreign(text);
    out.endRow();
    out.flush();
  };
  await stage.live.round(true);
  for (const text of ["one", "two", "one"]) say(text);
  stage.events!.repaint();
  assert.equal(stage.lines.at(-1), "one");
  assert.equal(stage.stderr.text(), "");
  stage.live.end();
  assert.equal(stage.stderr.text(), "one\ntwo\n");
  say("three");
  assert.equal(stage.stderr.text(), "one\ntwo\nthree\n");
});

Deno.test("there are not more messages than can be kept", async () => {
  const stage = new Stage();
  const { out } = stage.stderr;
  await stage.live.round(true);
  for (let i = 0; i < 1005; i++) {
    out.foreign(`message ${i}`);
    out.endRow();
  }
  stage.live.end();
  const lines = stage.stderr.text().trimEnd().split("\n");
  assert.equal(lines.length, 1001);
  assert.equal(lines.at(-1), "netstat: 5 more messages");
});

Deno.test("what ends it by a signal says what was said", async () => {
  const stage = new Stage();
  await stage.live.round(true);
  stage.stderr.out.foreign("lost");
  stage.stderr.out.endRow();
  stage.stderr.out.flush();
  stage.events!.end();
  assert.equal(stage.stderr.text(), "lost\n");
});

Deno.test("a terminal that cannot be painted on ends it", async () => {
  const stage = new Stage();
  await stage.live.round(true);
  const wait = stage.live.sleep(600_000);
  const gone = new Error("Input/output error");
  Object.defineProperty(stage, "size", {
    get() {
      throw gone;
    },
  });
  stage.press("down");
  await assert.rejects(wait, gone);
});

/** Waits until what a key began has come to its end. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
