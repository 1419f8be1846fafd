/**
 * `--watch` at a terminal: paints listing after listing, and does what the keys ask. What
 * the program says meanwhile is shown below the rows, and said again at the end.
 *
 * @module
 */

import { isNumeric } from "../core/contract/column.ts";
import type { Key, KeyName } from "../core/system/keys.ts";
import type { Terminal } from "../core/system/terminal.ts";
import type { Output } from "./out.ts";
import { type Prompt, type Screen, titleOf } from "./screen.ts";

/** What the keys ask for, beside what the options do; byte strings. */
export interface Wish {
  /** Another test of rows, if there is one. */
  readonly where?: string | undefined;
  /** The columns by which rows are sorted first, if there is one. */
  readonly sort?: string | undefined;
}

/** What lists rows, and how many there were. */
export interface Lister {
  /** Lists them once. Returns the status. */
  round(isFirst: boolean): number | Promise<number>;
  /** What the title tells of the last listing. */
  numbers(): Numbers;
}

/** What a listing was, and by how much it differs from the one before. */
export interface Numbers {
  /** When it was, in milliseconds since 1970. */
  readonly time: number;
  /** How many rows came. */
  readonly added: number;
  /** How many rows went. */
  readonly removed: number;
  /** Seconds since the one before, if there is one. */
  readonly seconds: number | undefined;
}

/** What a live listing is made of. */
export interface LiveOptions {
  /** Where it is painted. */
  readonly terminal: Pick<Terminal, "enter" | "leave" | "paint" | "size">;
  /** What gets the rows. */
  readonly screen: Screen;
  /** Where messages go at the end. */
  readonly stderr: Output;
  /** Milliseconds from one listing to the next. */
  readonly interval: number;
  /** What the options list. */
  readonly lister: Lister;
  /** Lists what is wished for. Throws a `QuestionError` if that cannot be asked. */
  ask(wish: Wish): Promise<Lister>;
  /** Whether the program waits for nothing any more. */
  met(): boolean | undefined;
}

/** So long is a message shown after it was last said, in milliseconds. */
const MESSAGE_MS = 10_000;

/** So many different messages are kept. */
const MESSAGES_MOST = 1000;

/** So long a line can be written, in bytes. */
const TEXT_MOST = 4096;

const LABEL = "--where: ";

/** A listing that a person looks at. */
export class Live {
  readonly #options: LiveOptions;
  #lister: Lister;
  #wish: Wish = {};
  /** What is wished for next. */
  #wished: Wish | undefined;
  #top = 0;
  #seen = 0;
  #prompt: Prompt | undefined;
  /** What was written when it was done, until it is known what comes of it. */
  #done: Prompt | undefined;
  #isPaused = false;
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;
  /** Whether it can be painted. */
  #isShown = false;
  #wake: () => void = () => {};
  readonly #messages = new Set<string>();
  /** How many messages were not kept. */
  #more = 0;
  #last: { readonly text: string; readonly at: number } | undefined;
  readonly #giveBack: () => void;

  /** Takes what is said from now on. */
  constructor(options: LiveOptions) {
    this.#options = options;
    this.#lister = options.lister;
    this.#giveBack = options.stderr.divert((bytes) => {
      // as byte strings: who writes them makes them harmless
      const text = Array.from(bytes, (byte) => String.fromCharCode(byte));
      for (const line of text.join("").split("\n")) {
        if (line !== "") this.#hear(line);
      }
      return bytes.length;
    });
  }

  #hear(text: string): void {
    this.#last = { text, at: performance.now() };
    if (this.#messages.size < MESSAGES_MOST) this.#messages.add(text);
    else if (!this.#messages.has(text)) this.#more++;
  }

  /** Whether what is waited for came; undefined if nothing is. */
  readonly met = (): boolean | undefined => this.#options.met();

  /** Whether the user ended it. */
  readonly over = (): boolean => this.#isOver;

  /** Lists the rows and shows them, unless it is paused. */
  readonly round = async (isFirst: boolean): Promise<number> => {
    this.#check();
    if (this.#isOver || this.#isPaused && !isFirst) return 0;
    const status = await this.#lister.round(isFirst);
    if (isFirst) {
      if (status !== 0 || this.#isOver || this.met()) return status;
      this.#isShown = true;
      this.#options.terminal.enter({
        key: (key) => this.#guarded(() => this.#press(key)),
        repaint: () => this.#guarded(() => this.#paint()),
        end: () => this.#say(),
      });
    }
    this.#paint();
    return status;
  };

  /** Waits so many milliseconds, and does meanwhile what the user asks for. */
  readonly sleep = async (milliseconds: number): Promise<void> => {
    const end = performance.now() + milliseconds;
    for (;;) {
      this.#check();
      if (this.#isOver || this.met()) return;
      if (this.#wished !== undefined) {
        await this.#follow(this.#wished);
        continue;
      }
      const left = end - performance.now();
      if (left <= 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };

  /** Leaves the terminal, and says what was said. */
  end(): void {
    this.#isShown = false;
    this.#options.terminal.leave();
    this.#say();
  }

  #say(): void {
    this.#giveBack();
    const { stderr } = this.#options;
    if (this.#more > 0) {
      this.#messages.add(`netstat: ${this.#more} more messages`);
    }
    for (const message of this.#messages) {
      stderr.foreign(message);
      stderr.endRow();
    }
    this.#messages.clear();
    this.#more = 0;
  }

  /** Asks for something else, and lists it at once, if that can be asked. */
  async #follow(wish: Wish): Promise<void> {
    const done = this.#done;
    this.#done = this.#wished = undefined;
    let lister: Lister;
    try {
      lister = await this.#options.ask(wish);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "QuestionError") {
        throw error;
      }
      // to be mended, unless another one is written by then
      if (done !== undefined) {
        this.#prompt ??= { ...done, error: error.message.split("\n") };
      } else if (wish.sort !== undefined) {
        // not every column can be sorted by
        this.#want({ ...wish, sort: this.#sortAfter(wish.sort) });
      }
      return this.#paint();
    }
    this.#wish = wish;
    this.#lister = lister;
    this.#top = 0;
    await lister.round(false);
    this.#paint();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** What goes wrong in between is told to who waits for the next listing. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#failure = { error };
      this.#wake();
    }
  }

  #press(key: Key): void {
    if ("name" in key && this.#scroll(key.name)) return this.#paint();
    if (this.#prompt !== undefined) this.#edit(key, this.#prompt);
    else if ("text" in key) this.#act(key.text);
    this.#paint();
  }

  /** Returns whether the key is one that scrolls. */
  #scroll(name: KeyName): boolean {
    const to: Partial<Record<KeyName, number>> = {
      "up": this.#top - 1,
      "down": this.#top + 1,
      "page up": this.#top - this.#seen,
      "page down": this.#top + this.#seen,
      "home": 0,
      "end": Infinity,
    };
    const top = to[name];
    if (top !== undefined) this.#top = top;
    return top !== undefined;
  }

  #edit(key: Key, prompt: Prompt): void {
    const write = (text: string) => {
      this.#prompt = { ...prompt, text, error: [] };
    };
    if ("text" in key) {
      if (prompt.text.length < TEXT_MOST) write(prompt.text + key.text);
      return;
    }
    switch (key.name) {
      case "backspace":
        // all bytes of a character
        return write(prompt.text.replace(/[^\x80-\xbf]?[\x80-\xbf]*$/, ""));
      case "clear":
        return write("");
      case "escape":
        this.#prompt = undefined;
        return;
      case "enter": {
        const where = prompt.text.trim() || undefined;
        this.#done = prompt;
        this.#prompt = undefined;
        return this.#want({ ...this.#wished ?? this.#wish, where });
      }
    }
  }

  #act(text: string): void {
    switch (text) {
      case "q":
        this.#isOver = true;
        this.#wake();
        break;
      case " ":
        this.#isPaused = !this.#isPaused;
        break;
      case "/":
        this.#prompt = { label: LABEL, text: "", error: [] };
        break;
      case "s": {
        const wish = this.#wished ?? this.#wish;
        this.#want({ ...wish, sort: this.#sortAfter(wish.sort) });
      }
    }
  }

  #want(wish: Wish): void {
    this.#wished = wish;
    this.#wake();
  }

  /**
   * The next column to sort by: those that are shown, one after the other, and then none.
   * Of quantities the largest come first.
   */
  #sortAfter(sort: string | undefined): string | undefined {
    const keys = this.#options.screen.shown
      .filter(({ column: { kind }, sign }) =>
        !sign && kind !== "strings" && kind !== "objects"
      )
      .map(({ key, column: { kind, unit } }) =>
        isNumeric(kind) && unit !== undefined ? `-${key}` : key
      );
    return keys[sort === undefined ? 0 : keys.indexOf(sort) + 1];
  }

  #paint(): void {
    const { terminal, screen, interval } = this.#options;
    const { size } = terminal;
    if (!this.#isShown || this.#isOver || size === undefined) return;
    const { where, sort } = this.#wish;
    const title = titleOf({
      ...this.#lister.numbers(),
      interval,
      rows: screen.present,
      also: [
        this.#isPaused ? "paused" : "",
        sort === undefined ? "" : `--sort ${sort}`,
        where === undefined ? "" : `--where '${where}'`,
      ].filter((text) => text !== ""),
    });
    const last = this.#last;
    const message = last && performance.now() - last.at < MESSAGE_MS
      ? last.text
      : undefined;
    const { bytes, top, seen } = screen.frame({
      ...size,
      top: this.#top,
      title,
      message,
      prompt: this.#prompt,
    });
    this.#top = top;
    this.#seen = Math.max(1, seen);
    terminal.paint(bytes);
  }
}
