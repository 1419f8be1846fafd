/**
 * A terminal that is painted on: its size, keys and signals, and that it is left as it
 * was found, whatever ends or stops the program.
 *
 * @module
 */

import { type Key, Keys } from "./keys.ts";
import { ioctl, isIgnored, obey, readable } from "./libc.ts";

/** `asm-generic/ioctls.h` */
const TIOCGWINSZ = 0x5413;
const STDIN = 0;
const STDOUT = 1;

/** After so many milliseconds an ESC is that key, and begins no other. */
const ESCAPE_MS = 50;

/** The other screen, where lines are cut at the margin, without a cursor. */
const ENTER = "\x1b[?1049h\x1b[?7l\x1b[?25l";
/** The same for a screen that is entered already. */
const AGAIN = "\x1b[?7l\x1b[?25l";
const LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

/** What ends a program, and its number. */
const ENDING = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;
const SIGTSTP = 20;

/** How many characters a terminal shows. */
export interface Size {
  /** In a line. */
  readonly columns: number;
  /** Lines. */
  readonly rows: number;
}

/** Who is told what happens. */
export interface Events {
  /** A key was pressed. */
  key(key: Key): void;
  /** The terminal has another size, or somebody else wrote on it. */
  repaint(): void;
  /** A signal ends the program. The terminal is left by then. */
  end(): void;
}

/** The terminal of stdout, and of stdin if that is one. */
export class Terminal {
  readonly #write: (bytes: Uint8Array) => void;
  #events: Events | undefined;
  #hasKeys = false;
  #reads = false;
  readonly #listening: (() => void)[] = [];

  /** Shows nothing yet. `write` writes bytes to stdout at once. */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /** Its size; undefined if it does not tell. */
  get size(): Size | undefined {
    // struct winsize starts with rows and columns
    const size = new Uint16Array(4);
    const errno = ioctl(STDOUT, TIOCGWINSZ, new Uint8Array(size.buffer));
    const [rows = 0, columns = 0] = size;
    return errno !== 0 || rows === 0 || columns === 0
      ? undefined
      : { columns, rows };
  }

  /** Takes the screen; does nothing if it has it. */
  enter(events: Events): void {
    if (this.#events !== undefined) return;
    this.#events = events;
    this.#listen();
    this.#takeKeys();
    this.#send(ENTER);
    this.#readKeys();
  }

  /** Shows a frame. */
  paint(frame: Uint8Array): void {
    if (this.#events !== undefined) this.#write(frame);
  }

  /** Leaves the screen and the keys as they were; does nothing if they are. */
  leave(): void {
    if (this.#events === undefined) return;
    this.#events = undefined;
    for (const end of this.#listening.splice(0)) end();
    this.#restore();
  }

  #listen(): void {
    const on = (signal: Deno.Signal, handler: () => void) => {
      Deno.addSignalListener(signal, handler);
      this.#listening.push(() => Deno.removeSignalListener(signal, handler));
    };
    // whoever started the program may not want it to end by these; with the first
    // listener the runtime handles several, and ends the program if nobody listens
    const ignored = [...Object.values(ENDING), SIGTSTP].filter((signal) =>
      isIgnored(signal)
    );
    for (const [name, number] of Object.entries(ENDING)) {
      on(name as keyof typeof ENDING, () => {
        if (!ignored.includes(number)) this.#endBy(number);
      });
    }
    if (!ignored.includes(SIGTSTP)) on("SIGTSTP", () => this.#stop());
    on("SIGCONT", () => this.#goOn(AGAIN));
    on("SIGWINCH", () => this.#events?.repaint());
    // whatever else ends the program
    const leave = () => this.leave();
    globalThis.addEventListener("unload", leave);
    this.#listening.push(() => globalThis.removeEventListener("unload", leave));
  }

  #endBy(signal: number): void {
    const events = this.#events;
    if (events === undefined) return;
    this.leave();
    events.end();
    obey(signal);
  }

  #stop(): void {
    if (this.#events === undefined) return;
    this.#restore();
    obey(SIGTSTP);
    this.#goOn(ENTER);
  }

  #goOn(sequence: string): void {
    if (this.#events === undefined) return;
    // a program in the background is stopped here, until it is in front
    this.#takeKeys();
    this.#send(sequence);
    this.#events.repaint();
  }

  #takeKeys(): void {
    try {
      if (!Deno.stdin.isTerminal()) return;
      // signals by keys stay
      Deno.stdin.setRaw(true, { cbreak: true });
      this.#hasKeys = true;
    } catch {
      // it cannot be read: the listing is shown without keys
    }
  }

  #restore(): void {
    this.#send(LEAVE);
    if (!this.#hasKeys) return;
    try {
      Deno.stdin.setRaw(false);
    } catch {
      // there is no such terminal any more
    }
  }

  #send(sequence: string): void {
    try {
      this.#write(new TextEncoder().encode(sequence));
    } catch {
      // who paints the next frame is told
    }
  }

  async #readKeys(): Promise<void> {
    if (!this.#hasKeys || this.#reads) return;
    this.#reads = true;
    const keys = new Keys();
    const bytes = new Uint8Array(1024);
    const tell = (all: Key[]) => all.forEach((key) => this.#events?.key(key));
    let timer: ReturnType<typeof setTimeout> | undefined;
    for (;;) {
      await readable(STDIN);
      // what is typed after the end is for others
      if (this.#events === undefined) return;
      let length: number | null;
      try {
        length = await Deno.stdin.read(bytes);
      } catch (error) {
        // whoever shares the terminal may have made it non-blocking
        if (error instanceof Deno.errors.WouldBlock) continue;
        // it can only be written to
        if ((error as { code?: string }).code === "EBADF") return;
        length = null;
      }
      clearTimeout(timer);
      // the terminal was closed
      if (length === null) return this.#endBy(ENDING.SIGHUP);
      tell(keys.read(bytes.subarray(0, length)));
      if (keys.waits) timer = setTimeout(() => tell(keys.settle()), ESCAPE_MS);
    }
  }
}

/**
 * The terminal of stdout; undefined if it does not tell its size, so that nobody can
 * paint on it. `write` writes bytes there at once.
 */
export function openTerminal(
  write: (bytes: Uint8Array) => void,
): Terminal | undefined {
  const terminal = new Terminal(write);
  return terminal.size && terminal;
}
