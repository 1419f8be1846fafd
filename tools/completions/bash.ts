/**
 * Completions for bash.
 *
 * @module
 */

import type { Option } from "../../core/args/options.ts";
import type { Family } from "../../core/contract/family.ts";
import { COUNT } from "../../core/query/list.ts";
import { TAKERS, type Vocabulary, vocabularyOf } from "../keys.ts";
import {
  abbreviations,
  BUNDLE,
  closedLists,
  familyWords,
  FRAGMENT,
  IMPLIED,
  isOperand,
  keyWords,
  MADE,
  namesOf,
  NOT,
  OFFERED,
  PLACES,
  quoted,
  VALUED,
  valuesOf,
  wrapped,
} from "./common.ts";

/** For bash, with or without the package `bash-completion`. */
export async function bash(families: readonly Family[]): Promise<string> {
  const vocabulary = await vocabularyOf(families);
  const cases = VALUED.map((option) => {
    const patterns = [
      ...(option.short === undefined ? [] : [`-*${option.short}`]),
      ...(option.long === undefined ? [] : [`--${option.long}`]),
      ...abbreviations(option),
    ];
    return `    ${patterns.join(" | ")})\n${bashValues(option, families)}` +
      "      return\n      ;;\n";
  });
  const words = OFFERED.flatMap((option) =>
    namesOf(option).flatMap((name) =>
      !name.startsWith("--") || option.value === undefined
        ? [name]
        : option.implied === undefined
        ? [`${name}=`]
        : [name, `${name}=`]
    )
  );
  const pattern = (options: readonly Option[]) =>
    options.map(({ long }) => `--${long}`).join(" | ");
  const implied = pattern(IMPLIED);
  const operands = pattern(VALUED.filter(isOperand));
  return `# bash completion for netstat(8)
${MADE}
#
# bash-completion has one of its own for netstat, which runs \`netstat --help\` at
# each Tab and keeps it from looking for another: where this package is used, the
# file belongs into /etc/bash_completion.d.

${bashLists(vocabulary)}

${bashExpressions(vocabulary)}

_netstat() {
  local cur=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD - 1]}
  local before='' list word words
  COMPREPLY=()
  [[ " \${COMP_WORDS[*]:1:COMP_CWORD-1} " == *' -- '* ]] && return

  # equals and at signs are words, unless they were taken out of COMP_WORDBREAKS
  if [[ $cur == --*=* ]]; then
    option=\${cur%%=*} before=$option= cur=\${cur#*=}
  elif [[ $cur == *[\\'\\"]* ]]; then
    [[ $option == '=' ]] && option=\${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $2 == @* || $cur == '=' || $option == '=' ]]; then
    word=\${COMP_LINE:0:COMP_POINT}
    [[ $word =~ (--[a-z-]+)(=|[[:space:]]+)[^[:space:]]*$ ]] &&
      option=\${BASH_REMATCH[1]}
    [[ $cur == '=' ]] && cur=''
  elif [[ $cur =~ ^${BUNDLE} ]]; then
    before=\${BASH_REMATCH[0]} option=$before cur=\${cur#"$before"}
  else
    case $option in
    # what stands behind these is their value only with an equals sign
    ${implied}) option='' ;;
    ${operands}) [[ $cur == -* ]] && option='' ;;
    esac
  fi

  case $option in
${cases.join("")}  esac
  mapfile -t COMPREPLY < <(compgen -W '
${wrapped(words, 4)}
  ' -- "$cur")
  [[ \${COMPREPLY-} == *= ]] && compopt -o nospace 2>/dev/null
} && complete -F _netstat netstat
`;
}

/** The lines that complete an option's value. */
function bashValues(option: Option, families: readonly Family[]): string {
  const values = valuesOf(option);
  switch (values) {
    case "nothing":
      return "";
    case "families":
      return `      list=\${cur%"\${cur##*,}"} words=''
      for word in \\
${wrapped(familyWords(families).map(([word]) => word), 8, " \\")}; do
        [[ ,$list == *,$word,* ]] || words+=" $list$word"
      done
      mapfile -t COMPREPLY < <(compgen -P "$before" -W "$words" -- "$cur")
      compopt -o nospace 2>/dev/null
`;
    case "family files":
      return `      mapfile -t COMPREPLY < <(
        compgen -P "$before" -f -X '!*.[jt]s' -- "$cur"
        compgen -P "$before" -d -- "$cur"
      )
      compopt -o filenames 2>/dev/null
`;
    case "files":
      return `      mapfile -t COMPREPLY < <(compgen -P "$before" -f -- "$cur")
      compopt -o filenames 2>/dev/null
`;
    case "folders":
      return `      mapfile -t COMPREPLY < <(compgen -P "$before" -d -- "$cur")
      compopt -o filenames 2>/dev/null
`;
    case "keys":
      return `      _netstat_list ${option.long} "$2"\n`;
    case "expressions":
      return `      _netstat_where "$cur" "$2"\n`;
  }
  return `      mapfile -t COMPREPLY < <(
        compgen -P "$before" -W ${quoted(values.join(" "))} -- "$cur"
      )
`;
}

/** The functions that complete lists of keys. */
function bashLists(vocabulary: Vocabulary): string {
  const layers = TAKERS.toReversed().map((taker) => {
    const words = keyWords(vocabulary.columns, taker).map(([word]) => word);
    const end = taker === TAKERS[0] ? ";;" : ";&";
    return `  ${taker}) list+=' \n${wrapped(words, 4)}\n  ' ${end}\n`;
  });
  return `# adds to \`list\` the keys that an option takes
_netstat_keys() {
  case $1 in
${layers.join("")}  esac
}

# the argument as far as it is typed, without the option in front of it
_netstat_typed() {
  typed=\${COMP_LINE:0:COMP_POINT}
  typed=\${typed##*[[:space:]]}
  [[ $typed == --*=* ]] && typed=\${typed#*=}
}

# completes what an option has not in its list yet
_netstat_list() {
  local typed word list='' before sign=''
  _netstat_typed
  before=\${typed%"\${typed##*,}"}
  case $1 in
  columns)
    list='${[...vocabulary.sets.keys()].join(" ")}'
    [[ ! $before ]] && list+=' help'
    [[ \${typed##*,} == +* ]] && sign=+
    ;;
  sort)
    list=${COUNT}
    [[ \${typed##*,} == -* ]] && sign=-
    ;;
  esac
  _netstat_keys "$1"
  COMPREPLY=()
  for word in $list; do
    [[ ,$before == *,"$word",* || ,$before == *,[-+]"$word",* ]] && continue
    word=$before$sign$word
    [[ $word == "$typed"* ]] && COMPREPLY+=("\${word#"\${typed%"$2"}"}")
  done
  compopt -o nospace 2>/dev/null
}`;
}

/** The functions that complete expressions. */
function bashExpressions(vocabulary: Vocabulary): string {
  const list = (words: readonly string[], indent: number) =>
    `list='\n${wrapped(words, indent + 2)}\n${" ".repeat(indent)}'`;
  const values = [...closedLists(vocabulary)].map(({ names, words }) =>
    `    ${names.join(" | ")}) ${list(words, 4)} ;;\n`
  );
  const places = PLACES.map(([before, place], i) =>
    `  ${
      i === 0 ? "if" : "elif"
    } place='${before}'; [[ $before =~ $place ]]; then
    ${
      place === "values"
        ? `case \${BASH_REMATCH[1]} in\n${values.join("")}    esac`
        : place === "a test"
        ? `list=${NOT[0]}\n    _netstat_keys where`
        : `list='${place.map(([word]) => word.replace("~", "\\~")).join(" ")}'`
    }
`
  );
  return `# what can stand at the end of an expression: words, and what is before them
_netstat_next() {
  local place='${FRAGMENT}' fragment list=''
  [[ $1 =~ $place ]]
  fragment=\${BASH_REMATCH[0]} before=\${1%"\${BASH_REMATCH[0]}"}
${places.join("")}  fi
  mapfile -t words < <(compgen -W "$list" -- "$fragment")
}

_netstat_where() {
  local typed=$2 front='' before word only quoted=''
  local -a words
  [[ $1 == *[\\'\\"]* ]] && quoted=yes
  if [[ ! $quoted ]]; then
    _netstat_typed
    front=\${typed%"$2"}
  fi
  _netstat_next "$typed"
  if [[ $quoted ]] && ((\${#words[@]} == 1)); then
    only=$before\${words[0]}
    _netstat_next "$only "
    ((\${#words[@]} > 1)) || before=$only words=('')
  fi
  # where they are only shown, what is before them is left out
  ((COMP_TYPE == 63)) && before='' front=''
  COMPREPLY=()
  for word in "\${words[@]}"; do
    word=$before$word
    COMPREPLY+=("\${word#"$front"}")
  done
  compopt -o nospace 2>/dev/null
}`;
}
