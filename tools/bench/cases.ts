/**
 * What the bench measures: which command, beside which others, in which world, and
 * within which bounds. All of it is data; `worlds.ts` makes the worlds.
 *
 * @module
 */

/**
 * Who is measured. `empty` is a compiled program that does nothing, `each ss` is `ss` in
 * one network namespace after the other.
 */
export type Program =
  | "netstat"
  | "reference"
  | "ss"
  | "each ss"
  | "busybox"
  | "lsof"
  | "empty";

/** Where commands run. */
export type World =
  | "small"
  | "tcp file"
  | "unix file"
  | "route file"
  | "interfaces"
  | "sockets"
  | "servers"
  | "datagrams"
  | "time-wait"
  | "names"
  | "namespaces"
  | "one namespace";

/** How our time has to compare with another's: `ratio * its + plus` at most. */
export interface Bound {
  /** 1 unless given. */
  readonly ratio?: number;
  /** In milliseconds, or one of our starts, measured as `START`; 0 unless given. */
  readonly plus?: number | "start";
  /** Whether it is an aim rather. */
  readonly aim?: true;
}

/** Our arguments that show what a start takes: a case has them as a rival. */
export const START = "-rn";

/** A command beside ours, perhaps with a bound. */
export interface Rival extends Bound {
  readonly program: Program;
  /** Its arguments, by words, as a shell takes them. */
  readonly args: string;
  /** What it prints goes through this pipeline of a shell. */
  readonly through?: string;
  /** It is our command of the case of this name, measured in that one's world. */
  readonly of?: string;
}

/** Arguments as words: quotes keep blanks together. */
export function wordsOf(args: string): string[] {
  return [...args.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) =>
    quoted ?? word
  );
}

/** What a start is made of, and one command beside what people do in its place. */
export type Part = "start" | "today";

/** One command of ours in a world, beside others. */
export interface Case {
  /** What `--only` calls it. */
  readonly name: string;
  readonly world: World;
  /** Our arguments, by words, as a shell takes them. */
  readonly args: string;
  /** How large the world is, ascending; the last one is the one that is bounded. */
  readonly sizes: readonly number[];
  readonly rivals: readonly Rival[];
  /** Whether our statuses 1 and 2 say what was found, and no error. */
  readonly finds?: true;
  /** We need at most so much memory, in MiB. */
  readonly peak?: number;
  /** The table that it stands in, if not that of programs that do the same. */
  readonly table?: Part;
}

/** So many processes hold the sockets: a process has 20,000 descriptors at most. */
export const HOLDERS = 6;

/** So many servers are in each network namespace. */
export const SERVERS = 50;

/** Of live TCP sockets, as many have this local port, the one that listens among them. */
export const RARE = { port: 9090, sockets: 10 };

/** What a world of a size is called. */
export const ABOUT: Readonly<Record<World, (size: string) => string>> = {
  small: () => "a few routes and sockets",
  "tcp file": (size) => `${size} TCP sockets in a file`,
  "unix file": (size) => `${size} UNIX sockets in a file`,
  "route file": (size) => `${size} routes in a file`,
  interfaces: (size) => `${size} live interfaces`,
  sockets: (size) => `${size} live TCP sockets of ${HOLDERS} processes`,
  servers: (size) => `${size} live UNIX sockets, 1/20 as many TCP servers`,
  datagrams: (size) => `${size} live UDP sockets`,
  "time-wait": (size) => `${size} live TCP sockets in TIME_WAIT`,
  names: (size) => `${size} peers, DNS answers in 50 ms`,
  namespaces: (size) =>
    `${size} network namespaces, ${SERVERS} live TCP servers in each`,
  "one namespace": (size) => `${size} live TCP servers in one namespace`,
};

/** A family file of the small world, which is there as `.js` and as `.ts`. */
export const FAMILY_FILE = "/mnt/arp";

const GROWTH = [1_000, 10_000, 100_000, 1_000_000];

/** The same command of each of these programs, without a bound. */
function beside(args: string, ...programs: Program[]): Rival[] {
  return programs.map((program) => ({ program, args }));
}

const MILLION = [1_000_000];

/** Our `-tan`, beside a question about the same sockets. */
function ownList(ratio: number): Rival {
  return { program: "netstat", args: "-tan", ratio };
}

/** All cases; those of one world need not stand together. */
export const CASES: readonly Case[] = [
  {
    name: "start",
    world: "small",
    args: "-rn",
    sizes: [1],
    rivals: [
      { program: "empty", args: "", ratio: 1.15 },
      ...beside("-rn", "reference", "busybox"),
    ],
  },
  {
    name: "start-list",
    world: "small",
    args: "-tan",
    sizes: [1],
    rivals: [
      { program: "empty", args: "", ratio: 1.25 },
      ...beside("-tan", "reference", "ss", "busybox"),
    ],
  },
  {
    name: "counters",
    world: "small",
    args: "-s",
    sizes: [1],
    rivals: beside("-s", "reference"),
  },
  {
    name: "tcp-file",
    world: "tcp file",
    args: "-tan",
    sizes: GROWTH,
    rivals: [
      { program: "reference", args: "-tan", ratio: 0.25 },
      ...beside("-tan", "busybox"),
    ],
    peak: 100,
  },
  {
    name: "json-file",
    world: "tcp file",
    args: "--ndjson -tan",
    sizes: GROWTH,
    rivals: beside("-tan", "reference"),
    peak: 100,
  },
  {
    name: "count",
    world: "tcp file",
    args: "-tan --count state",
    sizes: MILLION,
    rivals: [
      {
        program: "reference",
        args: "-tan",
        through: "awk '{print $6}' | sort | uniq -c",
        ratio: 0.1,
      },
      ownList(0.7),
    ],
  },
  {
    name: "where",
    world: "tcp file",
    args: "-tan --where 'foreign_port = 443 and state = ESTABLISHED'",
    sizes: MILLION,
    rivals: [ownList(0.8)],
  },
  {
    name: "network",
    world: "tcp file",
    args: "-tan --where 'foreign_address in 10.0.0.0/8'",
    sizes: MILLION,
    rivals: [ownList(0.9)],
  },
  {
    name: "top",
    world: "tcp file",
    args: "-tan --sort -recv_q --limit 10",
    sizes: MILLION,
    rivals: [ownList(1)],
    peak: 90,
  },
  {
    name: "sort",
    world: "tcp file",
    args: "-tan --sort foreign_address",
    sizes: MILLION,
    rivals: [ownList(3)],
    peak: 500,
  },
  {
    name: "columns",
    world: "tcp file",
    args: "-tan --columns local_port,foreign_address,state",
    sizes: MILLION,
    rivals: [ownList(1.1)],
  },
  {
    name: "unix-file",
    world: "unix file",
    args: "-xa",
    sizes: GROWTH,
    rivals: beside("-xa", "reference", "busybox"),
  },
  {
    name: "route-file",
    world: "route file",
    args: "-rn",
    sizes: GROWTH,
    rivals: beside("-rn", "reference", "busybox"),
  },
  {
    name: "interfaces",
    world: "interfaces",
    args: "-i",
    sizes: [10, 100, 1000, 5000],
    rivals: beside("-i", "reference"),
  },
  {
    name: "sockets",
    world: "sockets",
    args: "-tan",
    sizes: [100_000],
    rivals: [
      { program: "reference", args: "-tan", ratio: 1 },
      { program: "ss", args: "-tan", ratio: 1, aim: true },
      ...beside("-tan", "busybox"),
    ],
  },
  {
    name: "owners",
    world: "sockets",
    args: "-tanp",
    sizes: [100_000],
    rivals: [
      { program: "reference", args: "-tanp", ratio: 0.35 },
      { program: "ss", args: "-tanp", ratio: 0.17 },
    ],
  },
  {
    name: "checks",
    world: "sockets",
    args: "--check --interval 0",
    finds: true,
    sizes: [100_000],
    rivals: [{ program: "netstat", args: "-tanp", ratio: 3 }],
  },
  {
    name: "find",
    world: "sockets",
    args: `-tan --where 'local_port = ${RARE.port}'`,
    sizes: [100_000],
    rivals: [
      { program: "ss", args: `-tan 'sport = :${RARE.port}'`, plus: "start" },
      ...beside(START, "netstat"),
    ],
  },
  {
    name: "tcp-info",
    world: "sockets",
    args: "-tan --columns @tcp",
    sizes: [100_000],
    rivals: [{ program: "ss", args: "-tinO", ratio: 0.9 }],
  },
  {
    name: "listening",
    world: "sockets",
    args: "-tln",
    sizes: [100_000],
    rivals: [
      { program: "netstat", args: START, plus: 5, aim: true },
      ...beside("-tln", "reference", "ss"),
    ],
  },
  {
    name: "servers",
    world: "servers",
    args: "-tlnp",
    sizes: [20_000],
    rivals: beside("-tlnp", "reference", "ss"),
  },
  {
    name: "unix",
    world: "servers",
    args: "-xap",
    sizes: [20_000],
    rivals: beside("-xap", "reference", "ss"),
  },
  {
    name: "unix-peers",
    world: "servers",
    args: "-xa --columns @default,@peer",
    sizes: [20_000],
    rivals: [{ program: "ss", args: "-xp", ratio: 1 }],
  },
  {
    name: "time-wait",
    world: "time-wait",
    args: "-tan",
    sizes: [20_000],
    rivals: [
      { program: "reference", args: "-tan", ratio: 1 },
      { program: "ss", args: "-tan", ratio: 1.8 },
      ...beside("-tan", "busybox"),
    ],
  },
  {
    name: "datagrams",
    world: "datagrams",
    args: "-uan",
    sizes: [20_000],
    rivals: [
      { program: "ss", args: "-uan", plus: "start" },
      ...beside(START, "netstat"),
      ...beside("-uan", "reference"),
    ],
  },
  {
    // the bound is for 1,000 peers, which cost the reference 50 s a run; with fewer
    // it is the harder to hold, since the start weighs more
    name: "names",
    world: "names",
    args: "-4t",
    sizes: [200],
    rivals: [{ program: "reference", args: "-4t", ratio: 0.1 }],
  },
  {
    name: "namespaces",
    world: "namespaces",
    args: "-tanp --netns all",
    sizes: [25, 50, 100, 200],
    rivals: [{ program: "each ss", args: "-tanp", ratio: 0.15 }],
  },
  {
    // for each namespace the kernel passes by the servers of all of them
    name: "namespaces-list",
    world: "namespaces",
    args: "-tan --netns all",
    sizes: [200],
    rivals: [
      {
        program: "netstat",
        args: "-tan",
        of: "one-namespace",
        ratio: 1.5,
      },
      ...beside("-tan", "each ss"),
    ],
  },
  {
    name: "one-namespace",
    world: "one namespace",
    args: "-tan",
    sizes: [200 * SERVERS],
    rivals: beside("-tan", "reference", "ss"),
  },
  {
    name: "today-port",
    world: "sockets",
    args: `-tanp --where 'local_port = ${RARE.port}'`,
    sizes: [100_000],
    rivals: [
      { program: "lsof", args: `-nP -iTCP:${RARE.port}` },
      { program: "reference", args: "-tanp", through: `grep :${RARE.port}` },
      { program: "ss", args: "-tanp", through: `grep :${RARE.port}` },
      { program: "ss", args: `-tanp 'sport = :${RARE.port}'` },
    ],
    table: "today",
  },
  {
    name: "today-listening",
    world: "sockets",
    args: "-tlnp",
    sizes: [100_000],
    rivals: [
      { program: "lsof", args: "-nP -iTCP -sTCP:LISTEN" },
      { program: "ss", args: "-tlnp" },
      { program: "reference", args: "-tlnp" },
    ],
    table: "today",
  },
  {
    name: "today-states",
    world: "sockets",
    args: "-tan --count state",
    sizes: [100_000],
    rivals: [
      {
        program: "reference",
        args: "-tan",
        through: "awk '{print $6}' | sort | uniq -c",
      },
      {
        program: "ss",
        args: "-tan",
        through: "awk '{print $1}' | sort | uniq -c",
      },
    ],
    table: "today",
  },
  {
    name: "today-peers",
    world: "sockets",
    args: "-tan --count foreign_address --limit 10",
    sizes: [100_000],
    rivals: [
      {
        program: "reference",
        args: "-tan",
        through: "awk '{print $5}' | sed 's/:[^:]*$//' | sort | uniq -c | " +
          "sort -rn | head",
      },
      {
        program: "ss",
        args: "-tan",
        through: "awk '{print $5}' | sed 's/:[^:]*$//' | sort | uniq -c | " +
          "sort -rn | head",
      },
    ],
    table: "today",
  },
  {
    name: "today-json",
    world: "servers",
    args: "--json -tlnp",
    sizes: [20_000],
    rivals: [
      { program: "reference", args: "-tlnp", through: "jc --netstat" },
    ],
    table: "today",
  },
  {
    name: "split",
    world: "small",
    args: "-V",
    sizes: [1],
    rivals: [
      ...beside("", "empty"),
      ...[
        "-rn",
        "-tan",
        "-tanp",
        "-ta",
        "-xa",
        "-i",
        "-gn",
        "-s",
        "--json -tan",
        `--family ${FAMILY_FILE}.js -A arp`,
        `--family ${FAMILY_FILE}.ts -A arp`,
      ]
        .map((args): Rival => ({ program: "netstat", args })),
    ],
    table: "start",
  },
];

/** What is chosen of the cases. */
export interface Choice {
  /** Only the case of this name. */
  readonly only?: string;
  /** Whether loads are small, for a look at the bench itself. */
  readonly quick: boolean;
  /** So many rounds exactly; as many as the time allows unless given. */
  readonly rounds?: number;
}

/** Loads are divided by this for a quick look. */
const QUICK = 20;

/** The cases chosen, with the sizes that their worlds then have. */
export function chosenCases({ only, quick }: Choice): Case[] {
  const chosen = CASES.find(({ name }) => name === only);
  const beside = new Set(chosen?.rivals.map(({ of }) => of));
  return CASES
    .filter(({ name }) =>
      chosen === undefined || name === only || beside.has(name)
    )
    .map((each) => {
      const sizes = each.sizes.map((n) => Math.ceil(n / QUICK));
      return quick ? { ...each, sizes } : each;
    });
}
