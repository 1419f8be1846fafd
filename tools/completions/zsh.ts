/**
 * Completions for zsh.
 *
 * @module
 */

import type { Option } from "../../core/args/options.ts";
import type { Family } from "../../core/contract/family.ts";
import { COUNT } from "../../core/query/list.ts";
import { TAKERS, type Vocabulary, vocabularyOf } from "../keys.ts";
import {
  abbreviations,
  closedLists,
  familyWords,
  FRAGMENT,
  IMPLIED,
  keyWords,
  MADE,
  namesOf,
  NOT,
  OFFERED,
  PLACES,
  quoted,
  type Told,
  VALUED,
  valuesOf,
  wrapped,
} from "./common.ts";

/** For zsh. */
export async function zsh(families: readonly Family[]): Promise<string> {
  const vocabulary = await vocabularyOf(families);
  const specs = OFFERED.map((option) => {
    const names = namesOf(option);
    const once = option.repeats ? "*" : `(${names.join(" ")})`;
    const behind = IMPLIED.includes(option) ? "=-" : "=";
    const [first, second] = names.map((name) =>
      name + (option.value === undefined ? "" : name.length > 2 ? behind : "+")
    );
    const help = `[${option.help.replaceAll("]", "\\]")}]${zshValues(option)}`;
    return second === undefined
      ? quoted(`${once}${first}${help}`)
      : `${quoted(once)}{${first},${second}}${quoted(help)}`;
  });
  const shortened = VALUED.flatMap((option) =>
    abbreviations(option).map((word) => quoted(`!${word}=${zshValues(option)}`))
  );
  const words = familyWords(families).map(([word, about]) =>
    `  ${quoted(`${word}[${about}]`)}\n`
  );
  return `#compdef netstat
${MADE}

local -a families=(
${words.join("")})

${zshKeys(vocabulary)}

_arguments -s -S : \\
  ${[...specs, ...shortened].join(" \\\n  ")}
`;
}

/** What completes an option's value, if it has one. */
function zshValues(option: Option): string {
  if (option.value === undefined) return "";
  const values = valuesOf(option);
  switch (values) {
    case "nothing":
      return `:${option.value.toLowerCase()}: `;
    case "families":
      return ":address family:_values -s , family $families";
    case "family files":
      return ':family file:_files -g "*.[jt]s"';
    case "files":
      return ":file:_files";
    case "folders":
      return ":folder:_files -/";
    case "keys":
      return `:columns: _netstat_list ${option.long}`;
    case "expressions":
      return ":expression: _netstat_where";
  }
  const optional = option.implied === undefined ? "" : ":";
  return `${optional}:${option.value.toLowerCase()}:(${values.join(" ")})`;
}

/** The functions that complete lists of keys, and expressions. */
function zshKeys(vocabulary: Vocabulary): string {
  const told = (words: Iterable<Told[number]>, indent: string) =>
    Array.from(
      words,
      ([word, about]) => `${indent}${quoted(`${word}:${about}`)}\n`,
    ).join("");
  const layers = TAKERS.toReversed().map((taker) => {
    const words = keyWords(vocabulary.columns, taker);
    const end = taker === TAKERS[0] ? ";;" : ";&";
    return `  ${taker})\n    offered+=(\n${
      told(words, "      ")
    }    )\n    ${end}\n`;
  });
  const values = [...closedLists(vocabulary)].map(({ names, words }) =>
    `    ${names.join("|")}) offered=(\n${wrapped(words, 6)}\n    ) ;;\n`
  );
  const places = PLACES.map(([before, place], i) =>
    `  ${i === 0 ? "if" : "elif"} [[ $before =~ '${before}' ]]; then
    ${
      place === "values"
        ? `case $match[1] in\n${values.join("")}    esac`
        : place === "a test"
        ? `offered=(${quoted(NOT.join(":"))})\n    _netstat_keys where`
        : `offered=(\n${told(place, "      ")}    )`
    }
`
  );
  return `# adds to "offered" the keys that an option takes
_netstat_keys() {
  case $1 in
${layers.join("")}  esac
}

# completes what an option has not in its list yet
_netstat_list() {
  local -a offered
  case $1 in
  columns)
    offered=(
${told(vocabulary.sets, "      ")}    )
    [[ $PREFIX == *,* ]] || offered+=('help:list all columns')
    ;;
  sort) offered=('${COUNT}:how many rows were counted') ;;
  esac
  _netstat_keys $1
  local -a taken=(\${\${(s:,:)PREFIX%,*}#[-+]})
  [[ $PREFIX == *,* ]] && offered=(\${offered:#(\${(j:|:)~taken}):*})
  compset -P '*,'
  case $1 in
  columns) compset -P '+' ;;
  sort) compset -P '-' ;;
  esac
  _describe -t columns column offered -qS ,
}

# what can stand at the end of an expression: words, and what is before them
_netstat_next() {
  local MATCH MBEGIN MEND
  local -a match mbegin mend
  offered=()
  [[ $1 =~ '${FRAGMENT}' ]]
  before=\${1%"$MATCH"} fragment=$MATCH
${places.join("")}  fi
  offered=(\${(M)offered:#\${fragment}*})
}

_netstat_where() {
  local before fragment only
  local -a offered next
  _netstat_next "\${(Q)PREFIX}"
  if (( \${#offered} == 1 )); then
    only=\${offered[1]%%:*} next=($offered)
    _netstat_next "$before$only "
    (( \${#offered} > 1 )) && next=("$only "\${^offered})
    offered=($next)
  fi
  compset -P '*[^A-Za-z0-9_.]'
  _describe -t expressions 'expression' offered -S ''
}
`;
}
