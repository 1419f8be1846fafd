/** Questions that cannot be asked, and what is said of each. */

import assert from "node:assert/strict";
import { fromUtf8, toUtf8 } from "../core/contract/line.ts";
import { check } from "../core/query/check.ts";
import { QuestionError } from "../core/query/error.ts";
import { parseExpression } from "../core/query/expression.ts";
import { planOf, type Question } from "../core/query/plan.ts";
import { Schemas } from "../core/query/schema.ts";
import { OTHER, plain, SCHEMA, services, VIEW } from "./query_relations.ts";

const schemas = new Schemas([SCHEMA, OTHER]);

/** What is said of an expression, behind `netstat: --where: ` and below. */
function said(text: string): string[] {
  const written = { option: "--where", text: toUtf8(text) };
  return linesOf(() =>
    check(parseExpression(written), { written, schemas, services })
  ).map((line) => line.slice("netstat: --where: ".length));
}

function linesOf(ask: () => unknown): string[] {
  try {
    ask();
  } catch (error) {
    assert.ok(error instanceof QuestionError, String(error));
    assert.equal(error.message, error.lines.join("\n"));
    return error.lines.map(fromUtf8);
  }
  assert.fail("it can be asked");
}

/** Expressions, and what stands below them. */
const EXPRESSIONS: [text: string, advice: string][] = [
  ["", "^ there is nothing to test: write a column, as in state = LISTEN"],
  ["   ", "^ there is nothing to test: write a column, as in state = LISTEN"],
  [
    "state",
    "^ state is not true or false: write what it must be, as state = ESTABLISHED, and quotes around it all",
  ],
  [
    "not state",
    "    ^ state is not true or false: write what it must be, as state = ESTABLISHED, and quotes around it all",
  ],
  [
    "recv_q",
    "^ recv_q is not true or false: write what it must be, as recv_q = 42, and quotes around it all",
  ],
  [
    "owners.comm",
    "^ owners.comm is not true or false: write what it must be, as owners.comm = 'text', and quotes around it all",
  ],
  ["state =", "       ^ a value must stand here; an empty text is written ''"],
  [
    "state = ESTABLISHD",
    "        ^ no such state; did you mean 'ESTABLISHED'? All: ESTABLISHED TIME_WAIT LISTEN 'DISC SENT' LISTENING CONNECTED",
  ],
  [
    "state in (LISTEN, CLOSE)",
    "                  ^ no such state: ESTABLISHED TIME_WAIT LISTEN 'DISC SENT' LISTENING CONNECTED",
  ],
  ["proto = tpc", "        ^ no such proto; did you mean 'tcp'? All: tcp unix"],
  [
    "family = inet7",
    "         ^ no such family; did you mean 'inet'? All: inet unix",
  ],
  [
    "prot = tcp",
    "^ no column 'prot'; did you mean 'proto'? (--columns help lists them)",
  ],
  [
    "stat = LISTEN",
    "^ no column 'stat'; did you mean 'state'? (--columns help lists them)",
  ],
  [
    "State = LISTEN",
    "^ no column 'State'; did you mean 'state'? (--columns help lists them)",
  ],
  ["xyzzy = 1", "^ no column 'xyzzy' (--columns help lists them)"],
  [
    "port = 443",
    "^ no column 'port'; did you mean 'local_port' or 'foreign_port'? (--columns help lists them)",
  ],
  [
    "listen",
    "^ no column 'listen'; did you mean state = LISTEN? (--columns help lists them)",
  ],
  [
    "rtts > 1ms",
    "^ no column 'rtts'; did you mean 'rtt'? (--columns help lists them)",
  ],
  [
    "owners.com = nginx",
    "^ no column 'owners.com'; did you mean 'owners.comm'? (--columns help lists them)",
  ],
  [
    "owner.comm = nginx",
    "^ no column 'owner.comm'; did you mean 'owners.comm'? (--columns help lists them)",
  ],
  ["state.x = 1", "^ no column 'state.x' (--columns help lists them)"],
  [
    "path = `pth`",
    "       ^ no column 'pth'; did you mean 'path'? (--columns help lists them)",
  ],
  ["state == LISTEN", "      ^ write '=' in place of '=='"],
  [
    "state = LISTEN && recv_q > 0",
    "               ^ write 'and' in place of '&&'",
  ],
  ["state = LISTEN || running", "               ^ write 'or' in place of '||'"],
  [
    "state = LISTEN AND recv_q > 0",
    "               ^ write 'and', in lower case",
  ],
  ["(running OR running)", "         ^ write 'or', in lower case"],
  ["NOT running", "^ write 'not', in lower case"],
  ["!running", "^ write 'not' in place of '!'"],
  ["state <> LISTEN", "      ^ write '!=' in place of '<>'"],
  ["state =~ LIST", "      ^ write '~' in place of '=~'"],
  ["state LIKE LIST", "      ^ write '~' in place of 'LIKE'"],
  ["iface =! eth0", "      ^ write '!=' in place of '=!'"],
  ["recv_q => 5", "       ^ write '>=' in place of '=>'"],
  ["recv_q =< 5", "       ^ write '<=' in place of '=<'"],
  ["state IS null", "      ^ write 'is', in lower case"],
  ["state ! LISTEN", "      ^ write '!=' in place of '!'"],
  [
    "443 = local_port",
    "^ a column must stand here, not '443': the column comes first, as in state = LISTEN",
  ],
  [
    "'state' = LISTEN",
    "^ a column must stand here, not a text: write it without quotes, as in state = LISTEN",
  ],
  [
    "and state = LISTEN",
    "^ a column must stand here, not 'and', as in state = LISTEN",
  ],
  [
    "state = LISTEN and",
    "                  ^ a column must stand here, as in state = LISTEN",
  ],
  [
    "state = LISTEN or or",
    "                  ^ a column must stand here, not 'or', as in state = LISTEN",
  ],
  ["not", "   ^ a column must stand here, as in state = LISTEN"],
  ["in (1, 2)", "^ a column must stand here, not 'in', as in state = LISTEN"],
  ["(state = LISTEN", "^ this ( is not closed: write ) where it ends"],
  [
    "state = LISTEN)",
    "              ^ no ( is open that this could close: take it out",
  ],
  ["(running running)", "         ^ an operator must stand here, as = or in"],
  ["()", " ^ a column must stand here, as in state = LISTEN"],
  [
    "state = LISTEN recv_q > 0",
    "               ^ join two tests by 'and' or 'or'; put quotes around a text that has blanks or signs in it",
  ],
  ["state LISTEN", "      ^ an operator must stand here, as = or in"],
  ["state 'LISTEN'", "      ^ an operator must stand here, as = or in"],
  ["state (LISTEN)", "      ^ an operator must stand here, as = or in"],
  [
    "state in LISTEN",
    "         ^ a set must stand here: values in parentheses, as (22, 80), 1..1023 or 10.0.0.0/8",
  ],
  [
    "local_port in 443",
    "              ^ a set must stand here: values in parentheses, as (22, 80), 1..1023 or 10.0.0.0/8",
  ],
  [
    "local_port in (22, 80",
    "              ^ this ( is not closed: write ) behind the last value",
  ],
  [
    "local_port in ()",
    "               ^ a value must stand here; an empty text is written ''",
  ],
  [
    "local_port in (22,)",
    "                  ^ a value must stand here; an empty text is written ''",
  ],
  [
    "local_port in (22 80)",
    "                  ^ write , or ) here; put quotes around a text that has blanks or signs in it",
  ],
  [
    "local_port not 22",
    "               ^ 'in' must stand here, as not in (22, 80)",
  ],
  [
    "local_port = 22,80",
    "               ^ several values stand behind 'in', as in (22, 80)",
  ],
  [
    "state = (LISTEN, CLOSE)",
    "        ^ one value must stand here; several stand behind 'in'",
  ],
  [
    "state != (LISTEN)",
    "         ^ one value must stand here; several stand behind 'not in'",
  ],
  ["recv_q > (1)", "         ^ one value must stand here"],
  ["path = 'abc", "       ^ this ' is not closed: write ' where it ends"],
  ['path = "abc', '       ^ this " is not closed: write " where it ends'],
  ["`state = 3", "^ this ` is not closed: write ` where it ends"],
  [
    "path = it's",
    "         ^ put the whole text in \", since it has a ' in it",
  ],
  ["path = ", "       ^ a value must stand here; an empty text is written ''"],
  [
    "path = =",
    "       ^ a value must stand here; quotes stand around a text that begins with a sign",
  ],
  [
    "path = and",
    "       ^ a value must stand here; the text and stands in quotes",
  ],
  [
    "path = null",
    "       ^ write 'is null' for that; the text null stands in quotes",
  ],
  [
    "path != null",
    "        ^ write 'is not null' for that; the text null stands in quotes",
  ],
  [
    "path is 5",
    "        ^ only null stands here, as is null or is not null; a value stands behind =",
  ],
  [
    "path is not",
    "           ^ only null stands here, as is null or is not null; a value stands behind =",
  ],
  [
    "path is",
    "       ^ only null stands here, as is null or is not null; a value stands behind =",
  ],
  [
    "recv_q > lots",
    "         ^ this is no number of bytes: write 42, 0x2a, 64K, 2M or 1G (of 1024)",
  ],
  [
    "recv_q > 1.5",
    "         ^ this is no number of bytes: write 42, 0x2a, 64K, 2M or 1G (of 1024)",
  ],
  [
    "recv_q > 64k",
    "         ^ this is no number of bytes: write 42, 0x2a, 64K, 2M or 1G (of 1024)",
  ],
  [
    "recv_q > 64KB",
    "         ^ this is no number of bytes: write 42, 0x2a, 64K, 2M or 1G (of 1024)",
  ],
  [
    "rx_ok > 10K",
    "        ^ only bytes have K, M and G: write the number of packets in full",
  ],
  ["rx_ok > many", "        ^ this is no number of packets: write 42 or 0x2a"],
  [
    "inode > 10KiB",
    "        ^ only bytes have K, M and G: write the number in full",
  ],
  ["inode = ''", "        ^ this is no number: write 42 or 0x2a"],
  [
    "local_port = htps",
    "             ^ there is no service 'htps': write a number, as 443, a name of /etc/services, or 1..1023",
  ],
  ["local_port = 70000", "             ^ ports go from 0 to 65535"],
  ["local_port = -1", "             ^ ports go from 0 to 65535"],
  [
    "local_port in 100..1",
    "              ^ nothing is in this range: the lesser value comes first",
  ],
  [
    "local_port < 1..5",
    "             ^ a range is compared by = or in; here one value must stand",
  ],
  [
    "local_port in 1..",
    "                 ^ a value must stand here; an empty text is written ''",
  ],
  [
    "local_port = foreign_address",
    "             ^ local_port is a port and foreign_address is an address: they cannot be compared",
  ],
  [
    "local_port = `path`",
    "             ^ local_port is a port and path is a text: they cannot be compared",
  ],
  [
    "local_port = owners.pid",
    "             ^ owners.pid is a list: it must stand at the left, and one value here",
  ],
  [
    "local_port ~ 44",
    "           ^ local_port is a port: only texts are matched; write = or in",
  ],
  [
    "rtt > 100",
    "      ^ rtt does not tell its unit: write 100us, 100ms or 100s",
  ],
  [
    "rtt > 100x",
    "      ^ this is no duration: write 200us, 10ms, 2s, 5m or 1h",
  ],
  [
    "retrans_ratio > 5m",
    "                ^ this is no ratio: write 0.05 or 5%",
  ],
  [
    "retrans_ratio > .5",
    "                ^ this is no ratio: write 0.05 or 5%",
  ],
  [
    "retrans_ratio > inode",
    "                ^ retrans_ratio is a ratio and inode is a number: they cannot be compared",
  ],
  [
    "retrans_ratio ~ 5",
    "              ^ retrans_ratio is a ratio: only texts are matched; write = or in",
  ],
  [
    "retrans_ratio",
    "^ retrans_ratio is not true or false: write what it must be, as retrans_ratio = 5%, and quotes around it all",
  ],
  [
    "delete_s > 1d",
    "           ^ this is no duration: write 200us, 10ms, 2s, 5m or 1h",
  ],
  ["rtt > 100 ms", "          ^ write 100ms, without a blank"],
  ["(rtt > 1.5 s)", "           ^ write 1.5s, without a blank"],
  [
    "expire_ms > 5 minutes",
    "              ^ join two tests by 'and' or 'or'; put quotes around a text that has blanks or signs in it",
  ],
  ["running = yes", "          ^ running is true or false, not 'yes'"],
  [
    "running < true",
    "        ^ running is true or false: only = and != compare it",
  ],
  ["state < LISTEN", "      ^ state is a name: only = and != compare it"],
  [
    "state = foreign_port",
    "        ^ state is a name and foreign_port is a port: they cannot be compared",
  ],
  [
    "foreign_address = 10.0.0",
    "                  ^ this is no address: write 10.0.0.1, 10.0.0.0/8, fe80::1 or fe80::/10",
  ],
  [
    "foreign_address = 010.0.0.1",
    "                  ^ this is no address: write 10.0.0.1, 10.0.0.0/8, fe80::1 or fe80::/10",
  ],
  [
    "foreign_address in 10.0.0.0/33",
    "                   ^ this is no address: write 10.0.0.1, 10.0.0.0/8, fe80::1 or fe80::/10",
  ],
  [
    "foreign_address in fe80::/129",
    "                   ^ this is no address: write 10.0.0.1, 10.0.0.0/8, fe80::1 or fe80::/10",
  ],
  [
    "foreign_address = localhost",
    "                  ^ this is no address: write 10.0.0.1, 10.0.0.0/8, fe80::1 or fe80::/10",
  ],
  [
    "foreign_address in 10.0.0.0/8..10.0.0.9",
    "                   ^ a range goes from one address to another, not networks",
  ],
  [
    "foreign_address in 10.0.0.9..10.0.0.1",
    "                   ^ nothing is in this range: the lesser address comes first",
  ],
  [
    "foreign_address in 10.0.0.1..fe80::1",
    "                   ^ a range is of IPv4 addresses or of IPv6 ones, not of both",
  ],
  [
    "foreign_address < 10.0.0.0/8",
    "                  ^ a network is compared by = or in",
  ],
  [
    "gateway = 10.0.0.300",
    "          ^ this is no address: write 10.0.0.1, 10.0.0.0/8, fe80::1 or fe80::/10",
  ],
  [
    "gateway = ''",
    "          ^ this is no address: write 10.0.0.1, 10.0.0.0/8, fe80::1 or fe80::/10",
  ],
  [
    "path in a..b",
    "        ^ path has no ranges; put quotes around a text that has .. in it",
  ],
  [
    "path in (a, b..c)",
    "            ^ path has no ranges; put quotes around a text that has .. in it",
  ],
  [
    "path = iface",
    "       ^ there is a column of this name, too: write 'iface' for the text, `iface` for the column",
  ],
  [
    "mode = path",
    "       ^ there is a column of this name, too: write 'path' for the text, `path` for the column",
  ],
  [
    "path = inode",
    "       ^ there is a column of this name, too: write 'inode' for the text, `inode` for the column",
  ],
  [
    "path = `inode`",
    "       ^ path is a text and inode is a number: they cannot be compared",
  ],
  [
    "path ~ (",
    "       ^ this is no regular expression of ECMAScript: unterminated group",
  ],
  [
    "path ~ [z-a]",
    "       ^ this is no regular expression of ECMAScript: range out of order in character class",
  ],
  [
    "path ~ a**",
    "       ^ this is no regular expression of ECMAScript: nothing to repeat",
  ],
  ["path ~", "      ^ a pattern must stand here, as in iface ~ ^eth"],
  ["path ~ `iface`", "       ^ a pattern must stand here, not a column"],
  ["path ~ 'a", "       ^ this ' is not closed: write ' where it ends"],
  [
    "owners = nginx",
    "^ owners is a list of objects: write what of them is meant, owners.pid owners.comm owners.user owners.cmdline owners.local",
  ],
  [
    "owners",
    "^ owners is a list of objects: write what of them is meant, owners.pid owners.comm owners.user owners.cmdline owners.local",
  ],
];

for (const [text, advice] of EXPRESSIONS) {
  Deno.test(`query: no expression: ${text}`, () => {
    assert.deepEqual(said(text), [text, advice]);
  });
}

Deno.test("query: the whole message", () => {
  const { lines } = new QuestionError(
    { option: "--where", text: "state = X" },
    8,
    "no such state: A",
  );
  assert.deepEqual(lines, [
    "netstat: --where: state = X",
    "                          ^ no such state: A",
  ]);
});

/** What a terminal shows of a text that is not ASCII, and the column of its end. */
const SHOWN: [name: string, text: string, shown: string, column: number][] = [
  ["a tab and newlines", "\tpath\t=\n\r\nx", " path =   x", 11],
  ["escape sequences", "path = \x1b[31m\x07", "path = .[31m.", 13],
  ["C1", "path = \x9b1", "path = .1", 9],
  ["letters of two bytes", "path = größe", "path = größe", 12],
  ["combining marks", "path = gro\u0308ße", "path = gro\u0308ße", 12],
  ["wide letters", "path = 漢字", "path = 漢字", 11],
  ["emoji", "path = 😀", "path = 😀", 9],
];

for (const [name, text, shown, column] of SHOWN) {
  Deno.test(`query: what a message quotes: ${name}`, () => {
    assert.deepEqual(said(`${text} and state = X`), [
      `${shown} and state = X`,
      `${" ".repeat(column + 13)}^ no such state: ` +
      "ESTABLISHED TIME_WAIT LISTEN 'DISC SENT' LISTENING CONNECTED",
    ]);
  });
}

Deno.test("query: bytes that are no UTF-8 are quoted as one character each", () => {
  const written = { option: "--where", text: "path = \xff\x80 and x = 1" };
  const [first, second] = linesOf(() =>
    check(parseExpression(written), { written, schemas, services })
  );
  assert.equal(first, "netstat: --where: path = \ufffd\ufffd and x = 1");
  assert.equal(second!.indexOf("^"), first!.indexOf("x = 1"));
});

Deno.test("query: long expressions are quoted around the place", () => {
  const many = Array(50).fill("recv_q > 0").join(" or ");
  const [first, second] = said(`${many} or recv = 1 or ${many}`);
  assert.match(first!, /^\.\.\.r recv_q .* or recv = 1 or .* or recv\.\.\.$/);
  assert.equal(first!.length, 2 * (72 + 3));
  assert.equal(second!.indexOf("^"), first!.indexOf("recv = 1"));
  const [word, advice] = said(`proto = ${"x".repeat(1000)}`);
  assert.equal(word, `proto = ${"x".repeat(72)}...`);
  assert.equal(advice, "        ^ no such proto: tcp unix");
  assert.equal(
    said("x".repeat(1000))[1],
    `^ no column '${"x".repeat(40)}...' (--columns help lists them)`,
  );
});

Deno.test("query: nested deeply", () => {
  for (const text of ["(".repeat(100_000), "not ".repeat(20_000)]) {
    assert.match(said(text)[1]!, /\^ this is nested too deeply: take some/);
  }
});

/** Other options, and the whole of what is said. */
const QUESTIONS: [question: Question, ...lines: string[]][] = [
  [
    { where: ["running", "prot = tcp"] },
    "netstat: --where: prot = tcp",
    "                  ^ no column 'prot'; did you mean 'proto'? " +
    "(--columns help lists them)",
  ],
  [
    { columns: "proto, stat" },
    "netstat: --columns: proto, stat",
    "                           ^ no column 'stat'; did you mean 'state'? " +
    "(--columns help lists them)",
  ],
  [
    { columns: "@tpc" },
    "netstat: --columns: @tpc",
    "                    ^ no set '@tpc': @default @text @all @tcp @owner",
  ],
  [
    { columns: "+@x" },
    "netstat: --columns: +@x",
    "                     ^ no set '@x': @default @text @all @tcp @owner",
  ],
  [
    { columns: "state,,proto" },
    "netstat: --columns: state,,proto",
    "                          ^ a column must stand here",
  ],
  [
    { columns: "state proto" },
    "netstat: --columns: state proto",
    "                         ^ write a comma between two columns",
  ],
  [
    { columns: "state,help" },
    "netstat: --columns: state,help",
    "                          ^ --columns help lists the columns, if it has " +
    "nothing else in its list",
  ],
  [
    { sort: "proto, recv_q desc" },
    "netstat: --sort: proto, recv_q desc",
    "                              ^ write -recv_q to have the largest first",
  ],
  [
    { sort: "recv_q ASC" },
    "netstat: --sort: recv_q ASC",
    "                       ^ write recv_q alone: the smallest comes first",
  ],
  [
    { count: "owners.comm" },
    "netstat: --count: owners.comm",
    "                  ^ owners.comm can only be tested, by --where: a row can " +
    "have several; take another column",
  ],
  [
    { columns: "" },
    "netstat: --columns: ",
    "                    ^ a column must stand here",
  ],
  [
    { columns: "-state" },
    "netstat: --columns: -state",
    "                    ^ take the - out: it is for --sort, once for each column",
  ],
  [
    { columns: "state,owners.comm" },
    "netstat: --columns: state,owners.comm",
    "                          ^ owners.comm can only be tested, by --where: a " +
    "row can have several; take owners",
  ],
  [
    { sort: "--state" },
    "netstat: --sort: --state",
    "                  ^ take the - out: it is for --sort, once for each column",
  ],
  [
    { sort: "state,-@tcp" },
    "netstat: --sort: state,-@tcp",
    "                        ^ sets are for --columns: name the columns here",
  ],
  [
    { sort: "state,-owners" },
    "netstat: --sort: state,-owners",
    "                       ^ owners is a list, which has no order: sort by " +
    "another column",
  ],
  [
    { count: "owners" },
    "netstat: --count: owners",
    "                  ^ owners is a list of objects: count by another column, " +
    "as pid",
  ],
  [
    { count: "count" },
    "netstat: --count: count",
    "                  ^ count is what --count adds: count by another column",
  ],
  [
    { count: "state", sum: "recv_q,local_port" },
    "netstat: --sum: recv_q,local_port",
    "                       ^ local_port is no number that could be summed: " +
    "take one, as recv_q",
  ],
  [
    { count: "recv_q", sum: "recv_q" },
    "netstat: --sum: recv_q",
    "                ^ recv_q is counted by already: sum another column",
  ],
  [
    { count: "state", sum: "recv_q", sort: "-inode" },
    "netstat: --sort: -inode",
    "                  ^ counted rows have no 'inode', but state count recv_q: " +
    "count by it as well, or sum it",
  ],
  [
    { count: "state", columns: "state,inode" },
    "netstat: --columns: state,inode",
    "                          ^ counted rows have no 'inode', but state count: " +
    "count by it as well, or sum it",
  ],
  [
    { sum: "recv_q", columns: "@all" },
    "netstat: --columns: @all",
    "                    ^ sets are for --columns: name the columns here",
  ],
  [
    { limit: "ten" },
    "netstat: --limit: ten",
    "                  ^ write how many rows, as 10",
  ],
  [
    { limit: "-1" },
    "netstat: --limit: -1",
    "                  ^ write how many rows, as 10",
  ],
];

Deno.test("query: a word that is a service and a column", () => {
  const among = new Schemas([{
    head: {},
    columns: { ...SCHEMA.columns, ...plain("ssh", "integer") },
  }]);
  const asking = (text: string) => {
    const written = { option: "--where", text };
    return check(parseExpression(written), {
      written,
      schemas: among,
      services,
    });
  };
  assert.deepEqual(linesOf(() => asking("local_port = ssh")), [
    "netstat: --where: local_port = ssh",
    "                               ^ there is a column of this name, too: " +
    "write 'ssh' for the text, `ssh` for the column",
  ]);
  assert.equal(asking("local_port = 'ssh'").is, "in");
  assert.equal(asking("local_port = `ssh`").is, "keys");
});

Deno.test("query: a column that is called count", () => {
  const schema = { head: {}, columns: plain("count", "integer") };
  for (const question of [{ count: "count" }, { sum: "count" }]) {
    const [option] = Object.keys(question);
    const [, advice] = linesOf(() =>
      planOf(question, [schema], {
        view: VIEW,
        text: true,
        services,
        lost: assert.fail,
      })
    );
    assert.equal(
      advice!.trim(),
      option === "count"
        ? "^ count is what --count adds: count by another column"
        : "^ count is counted by already: sum another column",
    );
  }
});

for (const [question, ...lines] of QUESTIONS) {
  Deno.test(`query: no question: ${JSON.stringify(question)}`, () => {
    const asked = linesOf(() =>
      planOf(question, [SCHEMA, OTHER], {
        view: VIEW,
        text: true,
        services,
        lost: assert.fail,
      })
    );
    assert.deepEqual(asked, lines);
  });
}
