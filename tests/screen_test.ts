// deno-lint-ignore-file no-control-regex
/** Frames for a terminal: what there is room for, marks, cuts, and bytes that do harm. */

import assert from "node:assert/strict";
import { byteString, fromUtf8, toUtf8 } from "../core/contract/line.ts";
import type { Shown } from "../core/contract/sink.ts";
import { Changes } from "../core/query/change.ts";
import * as colours from "../render/colours.ts";
import {
  type Frame,
  type Scene,
  Screen,
  type ScreenOptions,
  titleOf,
} from "../render/screen.ts";
import { column, give, type Relation, type Row, VIEW } from "./relations.ts";

const SCENE: Scene = { columns: 40, rows: 8, top: 0, title: "title" };

/** The column that says how a row differs. */
const SIGN: Shown = {
  ...column("change", "name", { nullable: true }),
  sign: true,
};
const STATE = column("state", "name");
const PORT = column("port", "integer");
const SHOWN = [SIGN, STATE, PORT];

/** Rows with ports from 1 on. */
function ports(count: number): Row[] {
  return Array.from(
    { length: count },
    (_, i) => ({ change: null, state: "LISTEN", port: i + 1 }),
  );
}

/** A screen that shows these. */
function screenOf(
  relations: readonly Relation[],
  options: Partial<ScreenOptions> = {},
): Screen {
  const screen = new Screen({ view: VIEW, ...options });
  give(screen, relations);
  screen.end();
  return screen;
}

/** The lines of a frame, with attributes, as they stand on the terminal. */
function raw({ bytes }: Frame): string[] {
  const text = fromUtf8(byteString(bytes));
  const [start, ...lines] = text.split(/\x1b\[\d+;1H\x1b\[K/);
  assert.equal(start, "\x1b[?25l");
  const places = [...text.matchAll(/\x1b\[(\d+);1H\x1b\[K/g)];
  assert.deepEqual(
    places.map(([, n]) => Number(n)),
    lines.map((_, i) => i + 1),
  );
  return lines;
}

/** The lines of a frame as they are read. */
function lines(frame: Frame): string[] {
  return raw(frame).map((line) =>
    line.replaceAll(/\x1b\[[0-9;?]*[a-zA-Z]/g, "").trimEnd()
  );
}

Deno.test("a frame has a title, a header and rows, and every line of the terminal", () => {
  const screen = screenOf([{ shown: SHOWN, rows: ports(2) }]);
  const frame = screen.frame(SCENE);
  assert.deepEqual(lines(frame), [
    "title",
    "   state   port",
    "   LISTEN     1",
    "   LISTEN     2",
    "",
    "",
    "",
    "",
  ]);
  assert.deepEqual([frame.top, frame.seen, screen.present], [0, 2, 2]);
});

Deno.test("rows that have no room are counted, above and below", () => {
  const screen = screenOf([{ shown: SHOWN, rows: ports(20) }]);
  const cases = [
    { top: 0, want: ["1", "5", "15 rows below"] },
    { top: 1, want: ["2", "6", "1 row above, 14 rows below"] },
    { top: 14, want: ["15", "19", "14 rows above, 1 row below"] },
    { top: 15, want: ["16", "20", "15 rows above"] },
    { top: Infinity, want: ["16", "20", "15 rows above"] },
    { top: -3, want: ["1", "5", "15 rows below"] },
  ];
  for (const { top, want } of cases) {
    const frame = screen.frame({ ...SCENE, top });
    const all = lines(frame);
    const [first, last] = [all[2], all[6]].map((line) =>
      line!.split(" ").at(-1)
    );
    assert.deepEqual([first, last, all[7]], want, `from ${top}`);
    assert.equal(frame.seen, 5);
  }
  assert.equal(screen.frame({ ...SCENE, top: Infinity }).top, 15);
});

Deno.test("rows that just fit leave no line for others", () => {
  const six = screenOf([{ shown: SHOWN, rows: ports(6) }]);
  assert.equal(lines(six.frame(SCENE)).at(-1), "   LISTEN     6");
  const seven = screenOf([{ shown: SHOWN, rows: ports(7) }]);
  assert.equal(lines(seven.frame(SCENE)).at(-1), "2 rows below");
});

Deno.test("no terminal is too small", () => {
  const screen = screenOf([{ shown: SHOWN, rows: ports(20) }]);
  const prompt = { label: "? ", text: "abc", error: ["abc", "^ no"] };
  for (let rows = 1; rows < 8; rows++) {
    for (const columns of [1, 2, 3, 10]) {
      const scene = { ...SCENE, rows, columns };
      assert.equal(raw(screen.frame(scene)).length, rows);
      const asked = lines(screen.frame({ ...scene, prompt, message: "m" }));
      assert.equal(asked.length, rows);
      for (const line of asked) assert.ok([...line].length <= columns, line);
      if (columns === 10) assert.equal(asked.at(-1), "? abc");
    }
  }
});

Deno.test("a listing without a row is its title", () => {
  const screen = new Screen({ view: VIEW });
  assert.deepEqual(lines(screen.frame({ ...SCENE, rows: 3 })), [
    "title",
    "",
    "",
  ]);
  screen.end();
  assert.deepEqual(lines(screen.frame({ ...SCENE, rows: 3 })), [
    "title",
    "",
    "",
  ]);
});

Deno.test("without a header there are only rows", () => {
  const screen = screenOf([{ shown: SHOWN, rows: ports(9) }], {
    header: false,
  });
  const all = lines(screen.frame(SCENE));
  assert.deepEqual(all.slice(0, 2), ["title", "   LISTEN     1"]);
  assert.equal(all.at(-1), "3 rows below");
});

Deno.test("new rows are highlighted, those that went are struck through", () => {
  const rows = [
    { change: "added", state: "LISTEN", port: 1 },
    { change: "removed", state: "LISTEN", port: 22 },
    { change: null, state: "LISTEN", port: 3 },
  ];
  const screen = screenOf([{ shown: SHOWN, rows }]);
  assert.deepEqual(raw(screen.frame(SCENE)).slice(1, 5), [
    "\x1b[1m   state   port\x1b[0m",
    "\x1b[7m+  LISTEN     1\x1b[0m",
    "\x1b[2;9m-  LISTEN    22\x1b[0m",
    "   LISTEN     3",
  ]);
  // who went is no more among those who are there
  assert.equal(screen.present, 2);
});

Deno.test("colours are only there if they are wanted", () => {
  const listening = column("state", "name", { tone: () => "listening" });
  const shown = [SIGN, listening, PORT];
  const rows = [
    { change: "added", state: "LISTEN", port: 1 },
    { change: null, state: "LISTEN", port: 2 },
  ];
  const screen = screenOf([{ shown, rows }], { colours });
  assert.deepEqual(raw(screen.frame(SCENE)).slice(2, 4), [
    "\x1b[7;32m+  LISTEN     1\x1b[0m",
    "   \x1b[1;36mLISTEN\x1b[0m     2",
  ]);
  const plain = screenOf([{ shown, rows }]);
  assert.doesNotMatch(raw(plain.frame(SCENE)).join(""), /\x1b\[[0-9;]*3\d/);
});

/** What a column was. */
function earlier(value: unknown, first?: unknown): Shown["earlier"] & object {
  return {
    value: () => value as undefined,
    first: () => first as undefined,
    seconds: () => 2,
  };
}

Deno.test("a cell that changed is bold, and shows what it is now", () => {
  const shown = [SIGN, { ...STATE, earlier: earlier("LISTEN") }, PORT];
  const rows = [{ change: "changed", state: "CLOSE", port: 1 }];
  const screen = screenOf([{ shown, rows }]);
  assert.equal(
    raw(screen.frame(SCENE))[2],
    "~  \x1b[1mCLOSE\x1b[0m     1",
  );
});

Deno.test("what only grows is shown by how much, moving or not", () => {
  const sent = column("sent", "integer", { counter: true });
  const rows = [{ change: null, sent: 1500 }];
  const cases = [
    { was: earlier(1000, 500), want: /\+1000 250\/s/ },
    { was: earlier(undefined, 500), want: /\+1000 0\/s/ },
    { was: earlier(undefined, undefined), want: / 1500/ },
    // it began anew
    { was: earlier(2000, 1900), want: / 1500/ },
  ];
  for (const { was, want } of cases) {
    const shown = [SIGN, { ...sent, earlier: was }];
    const screen = screenOf([{ shown, rows }]);
    assert.match(lines(screen.frame(SCENE))[2]!, want);
  }
});

Deno.test("the widest texts are cut, and so is a line that is wider all the same", () => {
  const path = column("path", "string");
  const rows = [{
    change: null,
    state: "LISTEN",
    port: 1,
    path: "/a".repeat(50),
  }];
  const shown = [SIGN, STATE, PORT, path];
  const screen = screenOf([{ shown, rows }]);
  for (const columns of [40, 30, 23, 20, 12, 5]) {
    for (const line of lines(screen.frame({ ...SCENE, columns }))) {
      assert.ok([...line].length <= columns, `${columns}: ${line}`);
    }
  }
  const line = lines(screen.frame(SCENE))[2];
  assert.equal(line, "   LISTEN     1  " + "/a".repeat(11) + "…");
  // -W cuts nothing but at the margin
  const wide = screenOf([{ shown, rows }], { view: { ...VIEW, wide: true } });
  assert.equal(lines(wide.frame(SCENE))[2]!.length, 40);
});

Deno.test("columns get wider, and never narrower", () => {
  const screen = new Screen({ view: VIEW });
  const headers = ["A", "ESTABLISHED", "B"].map((state) => {
    give(screen, [{
      shown: SHOWN,
      rows: [{ change: null, state, port: 1 }],
    }]);
    screen.end();
    return lines(screen.frame(SCENE))[1];
  });
  assert.deepEqual(headers, [
    "   state  port",
    "   state        port",
    "   state        port",
  ]);
});

Deno.test("names in UTF-8 are cut by characters", () => {
  const path = column("path", "string");
  const rows = [{ change: null, path: toUtf8("ñ".repeat(60)) }];
  const screen = screenOf([{ shown: [SIGN, path], rows }]);
  assert.equal(lines(screen.frame(SCENE))[2], "   " + "ñ".repeat(36) + "…");
});

Deno.test("no control byte of others reaches the terminal", () => {
  const path = column("path", "string");
  const evil = "\x1b[2J\x07\x9b5m\xc2\x9bx\r\n\x7f";
  const rows = [{ change: "added", path: evil }, { change: null, path: evil }];
  for (const some of [undefined, colours]) {
    const screen = screenOf([{ shown: [SIGN, path], rows }], { colours: some });
    const frame = screen.frame({
      ...SCENE,
      title: `t${evil}`,
      message: `m${evil}`,
      prompt: { label: "? ", text: evil, error: [`e${evil}`, `^ ${evil}`] },
    });
    const own = raw(frame).join("")
      .replaceAll(/\x1b\[(0|1|7|7;32)m|\x1b\[\d+;\d+H\x1b\[\?25h/g, "");
    assert.doesNotMatch(own, /[\x00-\x1f\x7f-\x9f]/);
    // the lines are there all the same
    assert.equal(lines(frame).map((line) => line[0]).join(""), "t + me^?");
  }
});

Deno.test("tables with other columns have a header each, wherever it is scrolled to", () => {
  const other = [SIGN, column("path", "string")];
  const paths = [1, 2, 3].map((i) => ({ change: null, path: `/${i}` }));
  const screen = screenOf([
    { shown: SHOWN, rows: ports(3) },
    { shown: other, rows: paths },
  ]);
  assert.deepEqual(lines(screen.frame({ ...SCENE, rows: 9 })), [
    "title",
    "   state   port",
    "   LISTEN     1",
    "   LISTEN     2",
    "   LISTEN     3",
    "",
    "   path",
    "   /1",
    "2 rows below",
  ]);
  const end = screen.frame({ ...SCENE, rows: 7, top: Infinity });
  assert.deepEqual(lines(end), [
    "title",
    "   path",
    "   /1",
    "   /2",
    "   /3",
    "",
    "3 rows above",
  ]);
});

Deno.test("the prompt is the last line, and what is wrong stands above it", () => {
  const screen = screenOf([{ shown: SHOWN, rows: ports(20) }]);
  const error = [
    "netstat: --where: a = b",
    "                  ^ no such column",
  ];
  const frame = screen.frame({
    ...SCENE,
    message: "said",
    prompt: { label: "--where: ", text: "a = b", error },
  });
  assert.deepEqual(lines(frame).slice(-5), [
    "19 rows below",
    "said",
    ...error,
    "--where: a = b",
  ]);
  // the cursor stands behind the text
  assert.match(byteString(frame.bytes), /\x1b\[8;15H\x1b\[\?25h$/);
});

Deno.test("of a long line the place where it is wrong is shown, and all words of why", () => {
  const screen = screenOf([]);
  const text = `netstat: --where: ${"x".repeat(60)} = nix`;
  const mark = " ".repeat(text.indexOf("nix"));
  const error = [text, `${mark}^ one two three four five six seven`];
  const frame = screen.frame({
    ...SCENE,
    rows: 20,
    prompt: { label: "? ", text: "y".repeat(99) + "z", error },
  });
  assert.deepEqual(lines(frame).slice(-4), [
    "xxxxxxxxxxxxxxxxx = nix",
    "                    ^ one two three four",
    "  five six seven",
    `? ${"y".repeat(36)}z`,
  ]);
});

Deno.test("the title tells time, interval, rows and how many come and go", () => {
  const listing = {
    time: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    interval: 500,
    rows: 1,
    added: 3,
    removed: 100,
    seconds: 2,
    also: ["paused"],
  };
  assert.equal(
    titleOf(listing),
    "2026-01-02T03:04:05Z  every 0.5 s  1 row  +1.5/s -50/s  paused",
  );
  assert.equal(
    titleOf({ ...listing, rows: 2, seconds: undefined, also: [] }),
    "2026-01-02T03:04:05Z  every 0.5 s  2 rows  +0/s -0/s",
  );
});

Deno.test("rows are new, or gone, for as many listings as they should be", () => {
  const changes = new Changes({ view: VIEW, rounds: 2, lost: assert.fail });
  const screen = new Screen({ view: VIEW });
  const port = { ...PORT, part: 0 };
  const shown = [port];
  const names = new Map([[shown, "tcp"]]);
  const sink = changes.compare(screen, names, () => 0);
  const rounds = [[1, 2], [1, 2, 3], [1, 3], [1, 3], [1, 3]].map((ports) => {
    give(sink, [{ shown, rows: ports.map((port) => ({ port })) }]);
    sink.end();
    return lines(screen.frame(SCENE)).slice(2).join("")
      .replaceAll(/ +(?=\d)/g, "");
  });
  // nothing is new at first
  assert.deepEqual(rounds, ["12", "12+3", "1-2+3", "1-23", "13"]);
});

Deno.test("of another tree only what differs is new, or gone", () => {
  const changes = new Changes({ view: VIEW, rounds: 2, lost: assert.fail });
  const screen = new Screen({ view: VIEW });
  const shown = [{ ...PORT, part: 0 }];
  const names = new Map([[shown, "tcp"]]);
  const kept = changes.keep(names, { view: VIEW, time: undefined });
  const sink = changes.compare(screen, names, () => 0);
  for (const [to, ports] of [[kept, [1, 2]], [sink, [2, 3]]] as const) {
    give(to, [{ shown, rows: ports.map((port) => ({ port })) }]);
    to.end();
  }
  assert.deepEqual(lines(screen.frame(SCENE)).slice(2, 5), [
    "-     1",
    "      2",
    "+     3",
  ]);
});
