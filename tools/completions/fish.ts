/**
 * Completions for fish.
 *
 * @module
 */

import type { Option } from "../../core/args/options.ts";
import type { Family } from "../../core/contract/family.ts";
import { COUNT } from "../../core/query/list.ts";
import { TAKERS, type Vocabulary, vocabularyOf } from "../keys.ts";
import {
  BUNDLE,
  closedLists,
  familyWords,
  FRAGMENT,
  isOperand,
  keyWords,
  MADE,
  NOT,
  OFFERED,
  PLACES,
  type Told,
  VALUED,
  valuesOf,
  wrapped,
} from "./common.ts";

/** For fish. */
export async function fish(families: readonly Family[]): Promise<string> {
  const vocabulary = await vocabularyOf(families);
  const lines = OFFERED.map((option) =>
    [
      "complete -c netstat",
      ...(option.short === undefined ? [] : [`-s ${fishWord(option.short)}`]),
      ...(option.long === undefined ? [] : [`-l ${option.long}`]),
      ...(option.value === undefined ? [] : [fishValues(option)]),
      `-d ${fishWord(option.help)}`,
    ].join(" ")
  );
  const operands = VALUED.filter(isOperand).map((option) =>
    `complete -c netstat -n '__fish_contains_opt ${option.long}' ${
      fishValues(option)
    }`
  );
  const words = familyWords(families).map(([word, about]) =>
    `        ${fishWord(`${word}\t${about}`)}`
  );
  return `# fish completion for netstat(8)
${MADE}

# the value of an option, as far as it is typed
function __netstat_value
    commandline -ct | string replace -r '^(--[^=]*=|${BUNDLE})' ''
end

function __netstat_families
    set -l before (__netstat_value | string replace -r '[^,]*$' '')
    for family in \\
${words.join(" \\\n")}
        contains -- (string split -f 1 \\t -- $family) (string split , -- $before)
        or echo -- $before$family
    end
end

# the files and folders whose names end like this
function __netstat_paths -a end
    complete -C "'' $(__netstat_value)" | string match -r ".*$end\\$"
end

${fishKeys(vocabulary)}

complete -c netstat -f
${lines.join("\n")}

# values that can stand behind their option as words of their own
${operands.join("\n")}
`;
}

/** A text as one word of fish. */
function fishWord(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** The functions that complete lists of keys, and expressions. */
function fishKeys(vocabulary: Vocabulary): string {
  const told = (words: Iterable<Told[number]>, indent: string) =>
    Array.from(
      words,
      ([word, about]) => `${indent}${fishWord(`${word}\t${about}`)}`,
    ).join(" \\\n");
  const layers = TAKERS.map((taker) =>
    `    printf '%s\\n' \\
${told(keyWords(vocabulary.columns, taker), "        ")}
    test $option = ${taker}; and return
`
  );
  const values = [...closedLists(vocabulary)].map(({ names, words }) =>
    `            case ${names.join(" ")}
                printf '%s\\t'$found[1]'\\n' \\
${wrapped(words, 20, " \\")}
`
  );
  const places = PLACES.map(([before, place], i) =>
    `    ${i === 0 ? "if" : "else if"} set -l found (string match -rg -- ${
      fishWord(before.includes("(") ? before : `(${before})`)
    } $before)
        ${
      place === "values"
        ? `switch $found[1]\n${values.join("")}        end`
        : place === "a test"
        ? `echo ${fishWord(NOT.join("\t"))}\n        __netstat_keys where`
        : `printf '%s\\n' \\\n${told(place, "            ")}`
    }
`
  );
  return `# the keys that an option takes
function __netstat_keys -a option
${layers.join("")}end

# completes what an option has not in its list yet
function __netstat_list -a option
    set -l value (__netstat_value)
    set -l before (string replace -r '[^,]*$' '' -- $value)
    set -l taken (string split , -- $before | string replace -r '^[-+]' '')
    set -l sign ''
    switch $option,(string replace -r '^.*,' '' -- $value)
        case 'columns,+*'
            set sign +
        case 'sort,-*'
            set sign -
    end
    begin
        switch $option
            case columns
                printf '%s\\n' \\
${told(vocabulary.sets, "                    ")}
                test -z "$before"; and echo help\\t'list all columns'
            case sort
                echo ${COUNT}\\t'how many rows were counted'
        end
        __netstat_keys $option
    end | while read -l word
        contains -- (string split -f 1 \\t -- $word) $taken
        or echo -- $before$sign$word
    end
end

# the words that can stand behind this in an expression
function __netstat_next -a before
${places.join("")}    end
end

function __netstat_where
    set -l typed (__netstat_value | string replace -r '^[\\'"]' '' |
        string replace -ra '\\\\\\\\(.)' '$1')
    set -l before (string replace -r '${FRAGMENT}' '' -- $typed)
    set -l fragment (string sub -s (math 1 + (string length -- "$before")) -- $typed)
    set -l words (__netstat_next "$before" | string match -- "$fragment*")
    if test (count $words) = 1
        set -l only (string split -f 1 \\t -- $words)
        set -l next (__netstat_next "$before$only ")
        test (count $next) -gt 1; and set words "$only "$next
    end
    for word in $words
        echo -- $before$word
    end
end`;
}

/** What completes an option's value. */
function fishValues(option: Option): string {
  const values = valuesOf(option);
  switch (values) {
    case "nothing":
      return "-x";
    case "families":
      return "-x -a '(__netstat_families)'";
    case "family files":
      return "-x -a '(__netstat_paths \"(?:\\.[jt]s|/)\")'";
    case "files":
      return "-r";
    case "folders":
      return "-x -a '(__netstat_paths /)'";
    case "keys":
      return `-x -a '(__netstat_list ${option.long})'`;
    case "expressions":
      return "-x -a '(__netstat_where)'";
  }
  return `${option.implied === undefined ? "-x" : "-f"} -a '${
    values.join(" ")
  }'`;
}
