/**
 * GNU `getopt_long`: bundled short options, abbreviated long ones, permutation,
 * `--`, and its error texts. What the options mean is in `options.ts`.
 *
 * @module
 */

/** An option as the parser sees it. */
export interface Switch {
  /** Its letter. */
  readonly short?: string;
  /** Its long name. */
  readonly long?: string;
  /** Whether it takes a value. */
  readonly value?: string;
  /**
   * The value that its bare long name stands for (`optional_argument`): another one
   * must follow in the same word.
   */
  readonly implied?: string;
  /**
   * Long options of one kind do not make each other's abbreviations ambiguous;
   * each option is of its own kind unless this says otherwise.
   */
  readonly kind?: string;
  /** Matched by its full name only, and no part in abbreviations. */
  readonly exact?: boolean;
}

/** What was found: an option with its value, an operand, or what is wrong with a word. */
export type Found<Option extends Switch> =
  | { readonly option: Option; readonly value: string }
  | { readonly operand: string }
  | {
    readonly error: string;
    /** The word, if no option is called so. */
    readonly unknown?: string;
  };

/**
 * Reads the words from left to right. The first error ends the reading; it is a
 * byte string, like all texts that quote a word.
 *
 * @param posix whether the first operand ends the options (`POSIXLY_CORRECT`)
 */
export function* getopt<Option extends Switch>(
  words: readonly string[],
  options: readonly Option[],
  posix = false,
): Generator<Found<Option>> {
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--") return yield* operands(words.slice(i + 1));
    if (word.startsWith("--")) {
      const { name, value } = split(word.slice(2));
      const option = byLongName(name, word, options);
      if ("error" in option) return yield option;
      if (option.value === undefined) {
        if (value !== undefined) {
          return yield {
            error: `option '--${option.long}' doesn't allow an argument`,
          };
        }
        yield { option, value: "" };
      } else if (value !== undefined) {
        yield { option, value };
      } else if (option.implied !== undefined) {
        yield { option, value: option.implied };
      } else if (++i < words.length) {
        yield { option, value: words[i]! };
      } else {
        return yield {
          error: `option '--${option.long}' requires an argument`,
        };
      }
    } else if (word.startsWith("-") && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at]!;
        const option = options.find((o) => o.short === letter);
        if (option === undefined) {
          const error = `invalid option -- '${letter}'`;
          return yield { error, unknown: word };
        }
        if (option.value === undefined) {
          yield { option, value: "" };
          continue;
        }
        if (at + 1 < word.length) yield { option, value: word.slice(at + 1) };
        else if (++i < words.length) yield { option, value: words[i]! };
        else {
          return yield { error: `option requires an argument -- '${letter}'` };
        }
        break;
      }
    } else if (posix) {
      return yield* operands(words.slice(i));
    } else {
      yield { operand: word };
    }
  }
}

function* operands(words: readonly string[]): Generator<{ operand: string }> {
  for (const operand of words) yield { operand };
}

/** A long option's name and, after the first `=`, its value. */
function split(text: string): { name: string; value: string | undefined } {
  const equals = text.indexOf("=");
  return equals < 0
    ? { name: text, value: undefined }
    : { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

/** The option with this name or abbreviation, or what is wrong with it. */
function byLongName<Option extends Switch>(
  name: string,
  word: string,
  options: readonly Option[],
): Option | { error: string; unknown?: string } {
  const exact = options.find((o) => o.long === name);
  if (exact) return exact;
  const hits = options.filter((o) => !o.exact && o.long?.startsWith(name));
  const [first, ...later] = hits;
  if (first === undefined) {
    return { error: `unrecognized option '${word}'`, unknown: word };
  }
  const others = later.filter((o) =>
    o.kind === undefined || o.kind !== first.kind
  );
  if (others.length === 0) return first;
  const possible = [first, ...others].map((o) => `'--${o.long}'`).join(" ");
  return {
    error: `option '${word}' is ambiguous; possibilities: ${possible}`,
  };
}
