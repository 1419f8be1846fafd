/**
 * `docs/json.md`, from the column specs.
 *
 * @module
 */

import { declared } from "../core/contract/column.ts";
import type {
  Columns,
  Family,
  Section,
  Table,
  View,
} from "../core/contract/family.ts";
import { columnsOfCounters } from "../core/views/counters.ts";
import interfaces from "../families/interfaces.ts";

/** A view that asks for nothing: titles of routes do not depend on it. */
const NOTHING = {} as View;

const HEAD = `# JSON output

<!-- Made from the column specs by \`./denow task docs\`; a test compares them. -->

\`netstat --json\` prints one array of objects, \`netstat --ndjson\` one object a
line. Sockets of all families stand in one array, in the order of the text. Which
sockets are listed is decided as for the text (\`-a\`, \`-l\`, \`-t\`, \`-A\`, …); every
row has the columns of its table, whatever \`-e\`, \`-o\` and \`-W\` say. Those marked
\`-p\` need that option, since finding owners takes time; \`-Z\` likewise. Those
marked \`--columns\` are shown where it names them or \`@all\`: few people want to
know. Other keys, rows and orders can be asked for ([questions.md](questions.md)):
with \`--columns\`, an object has the keys that it names, and no others but
[labels](fleet.md#which-machine-is-it).

\`\`\`sh
netstat -tln --json
\`\`\`

How many sockets are in which state, on the machine whose \`/proc\` is in
\`docs/server\`, counted by jq, and by netstat:

\`\`\`console
$ netstat --root docs/server -tan --json | jq -c 'group_by(.state)[] | [.[0].state, length]'
["CLOSE_WAIT",1]
["ESTABLISHED",5]
["LISTEN",5]
["TIME_WAIT",1]
$ netstat --root docs/server -tan --count=state --ndjson
{"state":"LISTEN","count":5}
{"state":"ESTABLISHED","count":5}
{"state":"TIME_WAIT","count":1}
{"state":"CLOSE_WAIT","count":1}
\`\`\`

- Numbers are numbers, exact however large: up to 2^64 - 1.
- A type with \`?\` can be \`null\`.
- Numbers are always there, of addresses, ports and users; [names](#names) stand
  beside them.
- IPv6 addresses are spelled as RFC 5952 says. One that holds an IPv4 address is
  \`::ffff:192.0.2.1\`; the text, as that of net-tools, leaves out the \`::ffff:\`.
- Strings are valid UTF-8. Control characters are escaped (\`\\u001b\`). A byte that
  is not part of valid UTF-8, as in the path of a UNIX socket, becomes the escaped
  lone surrogate U+DC00 + byte (\`\\udcff\`), so that nothing is lost: Python's
  \`json.loads(text).encode(errors="surrogateescape")\` gives the bytes back.
- A line of the kernel's that cannot be parsed is told on stderr, with the file and
  the number of the line, and the other rows are printed.
- All other messages are those of the text, and go to stderr even where the text
  has them in the listing. If a table is missing that was asked for, the exit status
  is the text's, and the array is closed all the same.
- Where the text ends before its time, JSON goes on: with \`-i\`, behind an interface
  that is listed, but cannot be asked (each one is told, and the status is 1, as that
  of the text); and behind a bad line of IPX's sockets, of \`ip_masquerade\` or of
  counters. A line that cannot be parsed does not change the status of JSON.
- A file that is there and cannot be read is told on stderr, and the exit status is
  not 0: then there is more than is shown.
- The kernel makes its files piece by piece, and sockets that come and go meanwhile
  move the others: a file can have a socket twice, or not at all. One that it has
  twice, with one inode and the same ends, is shown once. One without an inode, as
  in TIME_WAIT, is shown each time: there can be two of the same ends, of two
  devices. One that it leaves out cannot be told; \`--source netlink\`, for the text
  of TCP, leaves none out.

Every row but an interface has \`family\`, the name of its address family. With
\`-g\`, the groups stand in the same array; those of \`proto\` \`igmp\` and \`igmp6\`
are groups. \`-s\` prints a row for each counter.

Each row is whole, so that a line of \`--ndjson\` can be understood by itself. With
\`-p\` the command line of a process therefore stands at each of its sockets, and is
bounded: 4 KiB at the first 4096 sockets that are told of a process, and from there on
16 MiB for all others together.

## Names

A row waits for the names in it. Only those of hosts and networks can take long, as
long as \`--resolve-timeout\` if a name server is dead: what did not come by then is
null, and a line on stderr says so. Who wants users and services at once gives \`-n\`:

| option | hosts and networks | services and protocols | users |
| --- | --- | --- | --- |
| none of these | as \`/etc/nsswitch.conf\` says | as \`/etc/nsswitch.conf\` says | as \`/etc/nsswitch.conf\` says |
| \`-n\` | null | from \`/etc/services\`, \`/etc/protocols\` | from \`/etc/passwd\` |
| \`--numeric-hosts\` | null | as without | as without |
| \`--numeric-ports\` | as without | null | as without |
| \`--numeric-users\` | as without | as without | null |

With \`-n\` no server is asked, whatever \`/etc/nsswitch.conf\` says: a user whom only
a directory such as LDAP knows is null then, and has a name with \`--numeric-hosts\`.
\`-n --numeric-users --numeric-ports\` leaves no name at all. With \`--root\` all names
come from the tree's \`etc\`.
`;

const INTERFACES = `
## Interfaces (\`-i\`)

The interfaces that are up, with \`-a\` all; \`-e\` makes no difference. Counters are
those of \`/proc/net/dev\`; what aliases and old kernels do not have is \`null\`.
With \`--root\` the other facts come from \`/sys/class/net\`, which has no IPv4
addresses and no aliases. A file that is missing there costs only its own value,
which is \`null\`, and a note on stderr tells which it is.

`;

const MASQUERADE = `
## Translated connections (\`-M\`)

Those of \`/proc/net/ip_masquerade\` (Linux 2.0 and 2.2) or, on every later kernel,
the connections of \`/proc/net/nf_conntrack\` whose answers are not simply the other
way round.
`;

const COUNTERS = `
## Counters

\`netstat -s --json\` prints a row for each counter, under the kernel's names and in
the kernel's order:

\`\`\`json
{"family":"inet","section":"Tcp","counter":"ActiveOpens","value":12,"text":"12 active connection openings"}
\`\`\`

- All counters are there, also those that the text hides, such as zeros.
- \`signal\` and \`explanation\` stand in each row with \`--explain\`, or where a question
  names them ([counters.md](counters.md)).
- Options choose sections as for the text: one that is not listed here is always
  shown.
- A pair of lines or a counter that cannot be parsed is told on stderr, and what
  follows it is printed, where the text ends. The two lines of a pair must name the
  same section, and a pair with more names than values, or fewer, is told.

`;

/** The whole document. */
export async function jsonDocs(families: readonly Family[]): Promise<string> {
  const specs = new Map<Columns<unknown>, string[]>();
  for (const family of families) {
    for (const { name, columns, sources } of tablesOf(family)) {
      const protos = sources.map(({ proto = name, path }) =>
        `\`${proto}\` (${family.name}, \`${path}\`)`
      );
      specs.set(columns, [...(specs.get(columns) ?? []), ...protos]);
    }
  }
  return HEAD +
    [...specs].map(([columns, protos]) =>
      `\n## ${title(protos)}\n\n${protos.join(", ")}\n\n${table(columns)}`
    ).join("") + objects([...specs.keys()]) + await routeDocs(families) +
    INTERFACES + table(interfaces.columns) +
    MASQUERADE + await masqueradeDocs(families) +
    COUNTERS + table(columnsOfCounters(false)) +
    (await Promise.all(families.map(counters))).join("");
}

const ROUTES = `
# Routes

\`netstat -r --json\` prints the routes of the families that are asked for, in that
order; \`-C\` prints caches, and \`-FC\` both. All columns are there, whatever \`-e\`
says.
`;

/** What the objects in columns are made of: a chapter for each key of such columns. */
function objects(specs: readonly Columns<unknown>[]): string {
  const found = new Map<string, Columns<unknown>>();
  for (const [key, { each }] of specs.flatMap(Object.entries)) {
    if (each === undefined) continue;
    if ((found.get(key) ?? each) !== each) {
      throw new Error(`Cannot document two kinds of ${key} under one name`);
    }
    found.set(key, each);
  }
  return [...found].map(([key, each]) => `\n## ${key}\n\n${table(each)}`)
    .join("");
}

/** The tables of `-r`. */
async function routeDocs(families: readonly Family[]): Promise<string> {
  let text = ROUTES;
  for (const { name, routes } of families) {
    for (
      const { frozen, sources, columns } of await routes?.tables() ?? []
    ) {
      const title = frozen.title?.text(NOTHING) ?? name;
      const paths = sources.map(({ path }) => `\`${path}\``).join(", ");
      text += `\n## ${title}\n\n(${name}, ${paths})\n\n` +
        table(columns, (key) => `${key}-${name}`);
      for (const [key, { each }] of Object.entries(columns)) {
        if (each !== undefined) {
          text += `\n### ${key} (${name})\n\n${table(each)}`;
        }
      }
    }
  }
  return text;
}

async function masqueradeDocs(families: readonly Family[]): Promise<string> {
  let text = "";
  for (const family of families) {
    for (const { columns, sources } of await family.masquerade?.() ?? []) {
      const paths = sources.map((s) => `\`${s.path}\``).join(", ");
      text += `\n### ${paths} (${family.name})\n\n${table(columns)}`;
    }
  }
  return text;
}

// deno-lint-ignore no-explicit-any
function tablesOf(family: Family): Table<any>[] {
  return [...family.tables, ...family.groups ?? []];
}

/** Where a family's counters are, and which sections options choose. */
async function counters({ name, statistics }: Family): Promise<string> {
  if (statistics === undefined) return "";
  const { files, sections } = await statistics();
  const paths = files.map((file) => `\`${file.path}\``).join(", ");
  const rows = Object.entries(sections).map((
    [section, { protocol, counters }],
  ) => `| \`${section}\` | \`--${protocol}\` | ${sentences(counters)} |\n`);
  return `\n### ${name}\n\nFrom ${paths}.\n\n` +
    `| section | asked for by | sentences |\n| --- | --- | --- |\n` +
    rows.join("");
}

/** How many counters have a sentence. */
function sentences(counters: Section["counters"]): number {
  return Object.values(counters).filter((c) => c.text !== undefined).length;
}

function title(protos: readonly string[]): string {
  const names = protos.map((text) => /`(.*?)`/.exec(text)![1]!);
  return [...new Set(names)].join(", ");
}

/** Columns; `anchor` names the heading over what the objects in one are made of. */
function table(
  // deno-lint-ignore no-explicit-any
  columns: Columns<any>,
  anchor: (key: string) => string = (key) => key,
): string {
  const rows = Object.entries(columns).map(([key, column]) => {
    const needs = column.rare
      ? " `--columns`"
      : column.needs === undefined || column.needs === "names"
      ? ""
      : key === "security_context"
      ? " `-Z`"
      : " `-p`";
    const kind = declared(column);
    const type = column.each ? `[${kind}](#${anchor(key)})` : kind;
    return `| \`${key}\` | ${type}${needs} | ${column.about} |\n`;
  });
  return `| key | type | meaning |\n| --- | --- | --- |\n${rows.join("")}`;
}
