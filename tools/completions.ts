/**
 * Completions for bash, zsh and fish, from the option table and the families. They
 * are of what is known here alone: no Tab starts `netstat`.
 *
 * @module
 */

import { getopt } from "../core/args/getopt.ts";
import { type Option, OPTIONS } from "../core/args/options.ts";
import type { Family } from "../core/contract/family.ts";
import { documented } from "../render/help.ts";

/** What completes a value. */
type Values = "families" | "family files" | "files" | "folders" | "nothing";

/** The values of the options that have no list of them. */
const VALUES: Readonly<Record<string, Values>> = {
  protocol: "families",
  family: "family files",
  "check-family": "files",
  root: "folders",
  "resolve-timeout": "nothing",
  where: "nothing",
  columns: "nothing",
  sort: "nothing",
  limit: "nothing",
  count: "nothing",
  sum: "nothing",
};

const OFFERED = documented(OPTIONS);
const VALUED = OFFERED.filter(({ value }) => value !== undefined);
/** Those whose value stands behind an equals sign, if there is one. */
const IMPLIED = VALUED.filter(({ implied }) => implied !== undefined);

/** Matches letters of which the last one has its value in the same word. */
const BUNDLE = bundle(VALUED.flatMap(({ short }) => short ?? []).join(""));

function bundle(letters: string): string {
  return `-[^-${letters}]*[${letters}]`;
}

/** What completes the option's value: one of these words, or something else. */
function valuesOf({ long, values }: Option): readonly string[] | Values {
  const found = values ?? VALUES[long!];
  if (found === undefined) throw new Error(`What completes --${long}?`);
  return found;
}

/** A word for each family, and each of its other names. */
function familyWords(families: readonly Family[]): [string, string][] {
  return families.flatMap(({ name, words = [name], about }) =>
    words.map((word): [string, string] => [word, about])
  );
}

/** The option's names, as they are typed. */
function namesOf({ short, long }: Option): string[] {
  return [
    ...(short === undefined ? [] : [`-${short}`]),
    ...(long === undefined ? [] : [`--${long}`]),
  ];
}

/** The abbreviations of an option's long name. */
function abbreviations(option: Option): string[] {
  const { long = "" } = option;
  const starts = Array.from(long, (_, i) => `--${long.slice(0, i)}`).slice(1);
  return starts.filter((word) => {
    const found = getopt([word, "value"], OPTIONS).next().value!;
    return "option" in found && found.option === option;
  });
}

/** A word or a sentence as one word of sh. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const MADE = "# Made from the option table by `./denow task docs`.";

/** For bash, with or without the package `bash-completion`. */
export function bash(families: readonly Family[]): string {
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
  const implied = IMPLIED.map(({ long }) => `--${long}`).join(" | ");
  return `# bash completion for netstat(8)
${MADE}
#
# bash-completion has one of its own for netstat, which runs \`netstat --help\` at
# each Tab and keeps it from looking for another: where this package is used, the
# file belongs into /etc/bash_completion.d.

_netstat() {
  local cur=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD - 1]}
  local before='' list word words
  COMPREPLY=()
  [[ " \${COMP_WORDS[*]:1:COMP_CWORD-1} " == *' -- '* ]] && return

  # an equals sign is a word, unless it was taken out of COMP_WORDBREAKS
  if [[ $cur == --*=* ]]; then
    option=\${cur%%=*} before=$option= cur=\${cur#*=}
  elif [[ $cur == '=' ]]; then
    cur=''
  elif [[ $option == '=' ]]; then
    option=\${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $cur =~ ^${BUNDLE} ]]; then
    before=\${BASH_REMATCH[0]} option=$before cur=\${cur#"$before"}
  else
    case $option in
    # what stands behind these is their value only with an equals sign
    ${implied}) option='' ;;
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
  }
  return `      mapfile -t COMPREPLY < <(
        compgen -P "$before" -W ${quoted(values.join(" "))} -- "$cur"
      )
`;
}

/** Words in lines of at most 80 bytes. */
function wrapped(words: readonly string[], indent: number, end = ""): string {
  const lines = [""];
  for (const word of words) {
    const line = `${lines.at(-1)} ${word}`.trimStart();
    if (indent + line.length + end.length > 80) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.map((line) => " ".repeat(indent) + line).join(`${end}\n`);
}

/** For zsh. */
export function zsh(families: readonly Family[]): string {
  const specs = OFFERED.map((option) => {
    const names = namesOf(option);
    const once = option.repeats ? "*" : `(${names.join(" ")})`;
    const behind = option.implied === undefined ? "=" : "=-";
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
  }
  const optional = option.implied === undefined ? "" : ":";
  return `${optional}:${option.value.toLowerCase()}:(${values.join(" ")})`;
}

/** For fish. */
export function fish(families: readonly Family[]): string {
  const string = (text: string) =>
    `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = OFFERED.map((option) =>
    [
      "complete -c netstat",
      ...(option.short === undefined ? [] : [`-s ${string(option.short)}`]),
      ...(option.long === undefined ? [] : [`-l ${option.long}`]),
      ...(option.value === undefined ? [] : [fishValues(option)]),
      `-d ${string(option.help)}`,
    ].join(" ")
  );
  const words = familyWords(families).map(([word, about]) =>
    `        ${string(`${word}\t${about}`)}`
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

complete -c netstat -f
${lines.join("\n")}
`;
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
  }
  return `${option.implied === undefined ? "-x" : "-f"} -a '${
    values.join(" ")
  }'`;
}
