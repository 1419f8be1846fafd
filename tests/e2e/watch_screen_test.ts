// deno-lint-ignore-file no-control-regex
/**
 * `--watch` of the compiled executable on a terminal, as a person sees it: in `tmux`, in a
 * network namespace of its own. Needs root, `tmux` and `python3`.
 */

import assert from "node:assert/strict";
import { NETSTAT } from "./namespace.ts";

/** So long is waited for what must come, in milliseconds; mostly it comes at once. */
const PATIENCE = 30_000;

/** How often is looked whether it came, in milliseconds. */
const PAUSE = 50;

/** Opens ports, says that they are open, and ends when its standard input does. */
const LISTEN = `
import socket, sys
held = []
for port in sys.argv[1:]:
    if port.isdigit():
        one = socket.socket()
        one.bind(("0.0.0.0", int(port)))
        one.listen()
    else:
        one = socket.socket(socket.AF_UNIX)
        name = port.encode().decode("unicode_escape")
        one.bind(("\\0" + name).encode())
        one.listen()
    held.append(one)
print("ready", flush=True)
sys.stdin.read()
`;

/** Runs a program to its end. Returns what it printed. */
async function run(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.ok(success, `${program} ${args.join(" ")}: ${text(stderr)}`);
  return text(stdout);
}

/** A shell in a terminal. */
class Pane {
  readonly #folder: string;
  #pid = "";

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Runs `tmux`, whose server is that of this terminal. */
  tmux(...args: string[]): Promise<string> {
    return run("tmux", "-u", "-S", `${this.#folder}/tmux`, ...args);
  }

  async open(columns: number, rows: number): Promise<void> {
    const folder = this.#folder;
    await Deno.mkdir(`${folder}/bin`);
    await Deno.symlink(NETSTAT, `${folder}/bin/netstat`);
    const env = [
      `PATH=${folder}/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      "LC_ALL=C.UTF-8",
    ];
    await run(
      ...["unshare", "--net", "env", "-i", ...env],
      ...["tmux", "-u", "-S", `${folder}/tmux`, "-f", "/dev/null"],
      ...["new-session", "-d", "-x", `${columns}`, "-y", `${rows}`],
      "env TERM=screen PS1='ready> ' bash --norc --noprofile",
    );
    this.#pid = (await this.tell("pane_pid")).trim();
    await this.tmux("pipe-pane", `cat >'${folder}/log'`);
    await this.until("prompt", async () => /^ready>/.test(await this.seen()));
    await this.mode("before");
  }

  async close(): Promise<void> {
    await this.tmux("kill-server").catch(() => {});
    await Deno.remove(this.#folder, { recursive: true });
  }

  /** What `tmux` knows of it. */
  async tell(name: string): Promise<string> {
    return (await this.tmux("display-message", "-p", `#{${name}}`)).trim();
  }

  /** What is seen. */
  seen(): Promise<string> {
    return this.tmux("capture-pane", "-p");
  }

  /** All that was ever written to it. */
  async log(): Promise<string> {
    const path = `${this.#folder}/log`;
    return new TextDecoder().decode(await Deno.readFile(path));
  }

  /** Waits until something is so. */
  async until(what: string, is: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + PATIENCE;
    while (!await is()) {
      if (Date.now() > end) {
        assert.fail(`no ${what}:\n${await this.seen()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** Waits until this is seen. */
  async sees(pattern: RegExp): Promise<void> {
    await this.until(`${pattern}`, async () => pattern.test(await this.seen()));
  }

  /** Waits until this is not seen. */
  async sightless(pattern: RegExp): Promise<void> {
    await this.until(
      `end of ${pattern}`,
      async () => !pattern.test(await this.seen()),
    );
  }

  /** Waits until this was written. */
  async wrote(pattern: RegExp): Promise<void> {
    await this.until(`${pattern}`, async () => pattern.test(await this.log()));
  }

  /** Presses keys, by the names that `tmux` has for them. */
  async press(...keys: string[]): Promise<void> {
    await this.tmux("send-keys", ...keys);
  }

  /** Types text. */
  async type(text: string): Promise<void> {
    await this.tmux("send-keys", "-l", text);
  }

  /** Types a command. */
  async command(text: string): Promise<void> {
    await this.type(text);
    await this.press("Enter");
  }

  /** Watches, and waits for the first frame. */
  async watch(args: string): Promise<void> {
    await this.command(`netstat ${args}`);
    await this.sees(/^\d{4}-.*Z {2}every /);
    assert.equal(await this.tell("alternate_on"), "1");
    assert.equal(await this.tell("cursor_flag"), "0");
  }

  /** The process that watches. */
  async pid(): Promise<number> {
    return Number(await run("pgrep", "-x", "-P", this.#pid, "netstat"));
  }

  /** Waits for the shell, and that all is as it was. Returns the exit status. */
  async ended(): Promise<number> {
    await this.until(
      "end",
      async () => await this.tell("alternate_on") === "0",
    );
    await this.type('echo "status=$?"');
    await this.press("Enter");
    await this.sees(/^status=\d+$/m);
    const [, status] = /^status=(\d+)$/m.exec(await this.seen())!;
    assert.equal(await this.tell("cursor_flag"), "1");
    assert.equal(await this.tell("wrap_flag"), "1");
    await this.sane();
    return Number(status);
  }

  /** Whether the terminal is as it was. */
  async sane(): Promise<void> {
    assert.equal(await this.mode("after"), await this.mode("before"));
  }

  /** What the terminal's mode is, or was when this was asked first. */
  async mode(name: "before" | "after"): Promise<string> {
    const path = `${this.#folder}/${name}`;
    if (name === "after") await Deno.remove(path).catch(() => {});
    const read = () => Deno.readTextFile(path).catch(() => "");
    if (await read() === "") {
      await this.command(`stty -g >${path}`);
      await this.until("mode", async () => await read() !== "");
    }
    return await read();
  }

  /** Opens ports and abstract sockets. Returns what closes them. */
  async listen(...names: string[]): Promise<() => Promise<void>> {
    const child = new Deno.Command("nsenter", {
      args: [
        "--net",
        `--target=${this.#pid}`,
        "python3",
        "-c",
        LISTEN,
        ...names,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    assert.match(new TextDecoder().decode(value), /^ready/);
    return async () => {
      await child.stdin.close();
      await reader.cancel();
      await child.status;
    };
  }
}

/** A test in a terminal of this size. */
function screen(
  name: string,
  test: (pane: Pane) => Promise<void>,
  [columns, rows] = [100, 16],
): void {
  Deno.test(`--watch on a terminal: ${name}`, async () => {
    const pane = new Pane(await Deno.makeTempDir());
    try {
      await pane.open(columns!, rows!);
      await test(pane);
    } finally {
      await pane.close();
    }
  });
}

screen("rows come and go, and are marked for a while", async (pane) => {
  await pane.watch("-tln --watch=0.3");
  await pane.sees(/Z {2}every 0\.3 s {2}0 rows {2}\+0\/s -0\/s$/m);
  const close = await pane.listen("4711");
  await pane.wrote(/\x1b\[7m\+ {2}tcp .* 4711 .*LISTEN *\x1b\[0m/);
  await pane.wrote(/ 1 row {2}\+[1-9][\d.]*\/s -0\/s/);
  await pane.sees(/^ {3}proto .*\n {3}tcp .* 4711 .*LISTEN/m);
  await close();
  await pane.wrote(/\x1b\[2;9m- {2}tcp .* 4711 .*LISTEN *\x1b\[0m/);
  await pane.wrote(/ 0 rows {2}\+0\/s -[1-9][\d.]*\/s/);
  await pane.sightless(/4711/);
  // nothing was ever cleared as a whole
  assert.doesNotMatch(await pane.log(), /\x1b\[[23]J/);
  await pane.press("q");
  assert.equal(await pane.ended(), 0);
});

screen("what changes is bold", async (pane) => {
  const close = await pane.listen("4711");
  await pane.watch("-tln --columns local_port,pid --watch=0.3");
  await pane.sees(/^ +4711 +\d+$/m);
  // the socket is the same, and it is another process that has it
  await pane.press("Space");
  await pane.sees(/paused/);
  await close();
  const closeOther = await pane.listen("4711");
  await pane.press("Space");
  await pane.wrote(/K~ +4711 +\x1b\[1m *\d+\x1b\[0m/);
  await pane.press("q");
  assert.equal(await pane.ended(), 0);
  await closeOther();
});

const MANY = Array.from({ length: 40 }, (_, i) => `${5001 + i}`);

screen("it is as large as the window, and keys scroll", async (pane) => {
  const close = await pane.listen(...MANY);
  await pane.watch("-tln --sort local_port --watch=0.3");
  await pane.sees(/ 5001 [^]* 5013 .*\n27 rows below\n$/);
  await pane.press("Down");
  await pane.sees(
    /^ {3}proto .*\n.* 5002 [^]*\n1 row above, 26 rows below\n$/m,
  );
  await pane.press("NPage");
  await pane.sees(/^ {3}proto .*\n.* 5015 /m);
  await pane.press("End");
  await pane.sees(/ 5040 .*\n27 rows above\n$/);
  await pane.press("Home");
  await pane.sees(/^ {3}proto .*\n.* 5001 /m);
  await pane.tmux("resize-window", "-x", "50", "-y", "8");
  await pane.sees(/^.*\n.*\n.* 5001\n[^]* 5005\n35 rows below\n$/);
  for (const line of (await pane.seen()).split("\n")) {
    assert.ok(line.length <= 50, line);
  }
  await pane.tmux("resize-window", "-x", "120", "-y", "50");
  await pane.sees(/ 5040 /);
  await pane.press("q");
  assert.equal(await pane.ended(), 0);
  await close();
});

screen("Ctrl-Z stops it, and fg brings it back", async (pane) => {
  const close = await pane.listen("4711");
  await pane.command("echo what was there");
  await pane.watch("-tln --watch=0.3");
  await pane.press("C-z");
  await pane.sees(/what was there[^]*Stopped/);
  assert.equal(await pane.tell("alternate_on"), "0");
  assert.equal(await pane.tell("cursor_flag"), "1");
  await pane.sane();
  await pane.command("fg");
  await pane.sees(/^\d{4}-.*\n {3}proto .*\n.* 4711 /);
  assert.equal(await pane.tell("alternate_on"), "1");
  // the keys are its own again
  await pane.press("Space");
  await pane.sees(/paused/);
  await pane.press("q");
  assert.equal(await pane.ended(), 0);
  await close();
});

screen("who stops it from outside finds it whole, too", async (pane) => {
  await pane.watch("-tln --watch=0.3");
  Deno.kill(await pane.pid(), "SIGSTOP");
  await pane.sees(/Stopped/);
  await pane.command("fg");
  await pane.sightless(/Stopped/);
  await pane.press("q");
  assert.equal(await pane.ended(), 0);
});

screen("/ asks for other rows, and tells what is wrong", async (pane) => {
  const close = await pane.listen("4711", "4712");
  await pane.watch("-tln --watch=0.3");
  await pane.sees(/ 4711 /);
  await pane.type("/local_prt = 4712");
  await pane.sees(/--where: local_prt = 4712$/m);
  assert.equal(await pane.tell("cursor_flag"), "1");
  await pane.press("Enter");
  await pane.sees(
    /^netstat: --where: local_prt = 4712\n {18}\^ no .*local_port[^]*\n--where: local_prt = 4712$/m,
  );
  // it is still all that is seen
  await pane.sees(/ 4711 /);
  await pane.press("C-u");
  await pane.type("local_port = 4712");
  await pane.press("Enter");
  await pane.sightless(/ 4711 /);
  await pane.sees(/ 1 row .* {2}--where 'local_port = 4712'\n/);
  // nothing is new though it is another question
  assert.doesNotMatch(await pane.log(), /\x1b\[7m/);
  await pane.press("/", "Enter");
  await pane.sees(/ 2 rows .*-0\/s\n/);
  await pane.sees(/ 4711 /);
  assert.doesNotMatch(await pane.log(), /\x1b\[7m/);
  await pane.press("/", "x", "Escape");
  await pane.sightless(/--where/);
  await pane.press("q");
  assert.equal(await pane.ended(), 0);
  await close();
});

screen("s sorts by the next column", async (pane) => {
  const close = await pane.listen("4713", "4711", "4712");
  await pane.watch("-tln --columns state,local_port --watch=0.3");
  await pane.press("s");
  await pane.sees(/--sort state$/m);
  await pane.press("s");
  await pane.sees(/--sort local_port$/m);
  await pane.sees(/ 4711\n.* 4712\n.* 4713\n/);
  assert.doesNotMatch(await pane.log(), /\x1b\[7m/);
  await pane.press("s");
  await pane.sightless(/--sort/);
  await pane.press("q");
  assert.equal(await pane.ended(), 0);
  await close();
});

screen("space holds the picture", async (pane) => {
  await pane.watch("-tln --watch=0.3");
  await pane.press("Space");
  await pane.sees(/paused/);
  const held = await pane.seen();
  const close = await pane.listen("4711");
  // what was read is what was held: two more keys are followed meanwhile
  await pane.press("Down", "Up");
  assert.equal(await pane.seen(), held);
  await pane.press("Space");
  await pane.sees(/ 4711 /);
  await pane.press("q");
  assert.equal(await pane.ended(), 0);
  await close();
});

const SIGNALS = {
  SIGTERM: 143,
  SIGINT: 130,
  SIGHUP: 129,
  SIGQUIT: 131,
} as const;

for (const [signal, status] of Object.entries(SIGNALS)) {
  screen(`${signal} ends it, and the terminal is as it was`, async (pane) => {
    await pane.command("ulimit -c 0; echo what was there");
    await pane.watch("-tln --watch=0.3");
    Deno.kill(await pane.pid(), signal as Deno.Signal);
    await pane.sees(/what was there/);
    assert.equal(await pane.ended(), status);
  });
}

screen("Ctrl-C ends it, while a question is written, too", async (pane) => {
  await pane.watch("-tln --watch=0.3");
  await pane.press("/", "x");
  await pane.sees(/^--where: x/m);
  await pane.press("C-c");
  assert.equal(await pane.ended(), 130);
});

screen("a signal that is ignored does not end it", async (pane) => {
  await pane.command("trap '' HUP");
  await pane.watch("-tln --watch=0.3");
  const pid = await pane.pid();
  Deno.kill(pid, "SIGHUP");
  await pane.press("Space");
  await pane.sees(/paused/);
  assert.equal(await pane.pid(), pid);
  await pane.press("q");
  assert.equal(await pane.ended(), 0);
});

screen("it does not outlive its terminal", async (pane) => {
  // nobody is sent SIGHUP for it
  await pane.watch("-tln --watch=0.3");
  const pid = await pane.pid();
  await pane.tmux("kill-server");
  await pane.until(
    "end",
    () => Deno.stat(`/proc/${pid}`).then(() => false, () => true),
  );
});

screen("--for and --until end it", async (pane) => {
  await pane.watch("-tln --watch=0.3 --for 4s");
  assert.equal(await pane.ended(), 0);
  await pane.command("clear");
  await pane.watch("-tln --watch=0.3 --until 'local_port = 4711'");
  const close = await pane.listen("4711");
  assert.equal(await pane.ended(), 0);
  await pane.command("clear");
  await pane.watch("-tln --watch=0.3 --until 'local_port = 1' --for 4s");
  assert.equal(await pane.ended(), 1);
  await close();
});

screen(
  "without a terminal's skills or size it is as in a pipe",
  async (pane) => {
    const close = await pane.listen("4711");
    for (const how of ["TERM=dumb", "TERM="]) {
      await pane.command(`clear; ${how} netstat -tln --watch=0.3 --for 1s`);
      await pane.sees(/^\d{4}-.*Z {2}\+ {2}tcp .* 4711 /m);
      await pane.sees(/^ready>$/m);
    }
    await pane.command(
      "clear; stty rows 0 cols 0; netstat -tln --watch=0.3 --for 1s",
    );
    await pane.sees(/Z {2}\+ {2}tcp .* 4711 /);
    await pane.sees(/^ready>$/m);
    assert.doesNotMatch(await pane.log(), /\x1b\[\?1049h/);
    await close();
  },
  [140, 16],
);

screen("without keys it is painted all the same", async (pane) => {
  for (const input of ["</dev/null", "0>$(tty)"]) {
    await pane.watch(`-tln --watch=0.3 ${input}`);
    await pane.press("Down");
    const [title] = (await pane.seen()).split("\n");
    await pane.until(
      "more rounds",
      async () => !(await pane.seen()).startsWith(title!),
    );
    assert.equal(await pane.tell("alternate_on"), "1");
    await pane.press("C-c");
    assert.equal(await pane.ended(), 130);
    await pane.command("clear");
  }
});

screen("colours are only there if they are wanted", async (pane) => {
  const close = await pane.listen("4711");
  await pane.watch("-tln --watch=0.3");
  await pane.sees(/ 4711 /);
  await pane.press("q");
  await pane.ended();
  assert.doesNotMatch(await pane.log(), /\x1b\[[0-9;]*3\dm/);
  await pane.watch("-tln --watch=0.3 --color=always");
  await pane.wrote(/\x1b\[1;36mLISTEN\x1b\[0m/);
  await pane.press("q");
  assert.equal(await pane.ended(), 0);
  await close();
});

screen("what others write is no command to the terminal", async (pane) => {
  const close = await pane.listen("\\x1b]0;evil\\x07\\x1b[2J");
  await pane.watch("-xl --watch=0.3");
  await pane.sees(/\.\]0;evil\.\.\[2J/);
  await pane.press("/", "C-u");
  await pane.type("path = 'evil\u009b2J'");
  await pane.press("Enter", "q");
  assert.equal(await pane.ended(), 0);
  assert.doesNotMatch(await pane.log(), /\x1b\]|\x1b\[2J|\x07|\u009b/);
  await close();
});

screen(
  "a line that is wider than it seems takes no other one's place",
  async (pane) => {
    const close = await pane.listen("\\u6f22".repeat(35), "narrow");
    await pane.watch("-xl --sort -path --watch=0.3");
    await pane.sees(
      /^\d{4}-.*\n {3}proto .*\n {3}unix .*@\u6f22.*\n {3}unix .*@narrow\n {3}unix .*\n\n/,
    );
    await pane.press("q");
    assert.equal(await pane.ended(), 0);
    await close();
  },
  [70, 10],
);

screen("messages stand below, and are said once at the end", async (pane) => {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(`${root}/proc/net`, { recursive: true });
  await Deno.writeTextFile(`${root}/proc/net/tcp`, "  sl\nno line\n");
  await pane.watch(`-tan --root ${root} --watch=0.3`);
  await pane.sees(/\nCannot parse \/proc\/net\/tcp: line 2: "no line"\n$/);
  const [title] = (await pane.seen()).split("\n");
  await pane.until(
    "more rounds",
    async () => (await pane.seen()).split("\n")[0] !== title,
  );
  await pane.press("q");
  assert.equal(await pane.ended(), 0);
  assert.equal((await pane.seen()).split("Cannot parse").length, 2);
  await Deno.remove(root, { recursive: true });
});
