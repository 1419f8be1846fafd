/** What rtnetlink told `ip`: the same is told as it printed, and odd answers are borne. */

import assert from "node:assert/strict";
import { Answer } from "../core/contract/diag.ts";
import type { Value } from "../core/contract/family.ts";
import { isOfKind } from "../core/plugins/checked.ts";
import { Failure } from "../core/system/failures.ts";
import { lookUpRoute } from "../core/system/route_lookup.ts";
import { askSockets } from "../core/system/sock_diag.ts";
import { answerPath } from "../core/system/saved_diag.ts";
import { namesOf } from "../core/system/names.ts";
import { addNumbered } from "../core/system/numbered.ts";
import { Tree } from "../core/system/scan.ts";
import { neighFields } from "../families/_rt_neigh.ts";
import { routeFields } from "../families/_rt_route.ts";
import { answerOf, bytes, joined, nest, packed, text } from "./diag_answers.ts";
import { channelOf } from "./diag_samples.ts";
import { netstat } from "./program.ts";
import {
  answersIn,
  askingOf,
  piecesOf,
  printedOf,
  sampleOf,
  TABLES,
  valuesOf,
  VIEW,
} from "./rtnetlink.ts";
import { withTree } from "./trees.ts";

type Facts = Record<string, unknown>;

/** Words of `ip route` that have a value, and those that have none. */
const VALUED = new Set(
  ("via dev table proto scope src metric from nhid realms expires pref advmss window " +
    "rtt rttvar ssthresh cwnd reordering hoplimit initcwnd features rto_min initrwnd " +
    "quickack congctl mtu tos weight encap").split(" "),
);

/** What a line of `ip -d route` says. */
function factsOf(line: string): Facts {
  const [type, destination, ...words] = line.trim().split(/\s+/);
  const facts: Facts = { type, destination };
  const locked: string[] = [];
  while (words.length > 0) {
    const word = words.shift()!;
    if (!VALUED.has(word)) {
      // the values of an encapsulation are not told
      if (word === "onlink") facts.onlink = true;
      continue;
    }
    if (words[0] === "lock") locked.push(word) && words.shift();
    if (words[0] === "inet6") words.shift();
    if (word === "encap") {
      facts.encap = words.shift();
      words.splice(0, words.indexOf("dev"));
    } else facts[word] = words.shift()!.replace(/(ms|sec)$/, "");
  }
  if (locked.length > 0) facts.locked = locked.join();
  return facts;
}

interface Way {
  gateway: string | null;
  iface: string;
  weight: number;
}

/** The same of what we tell. */
function factsIn(row: Record<string, Value>, six: boolean): Facts {
  const ways = row.nexthops as { [key: string]: unknown }[];
  const columns = TABLES.route4!.columns.nexthops!.each!;
  const hops = ways.map((way) =>
    Object.fromEntries(
      Object.entries(columns).map(([key, { value }]) => [
        key,
        value(way, VIEW),
      ]),
    ) as unknown as Way
  );
  const prefix = (address: Value, length: Value) =>
    length === 0
      ? "default"
      : length === (six ? 128 : 32)
      ? address
      : `${address}/${length}`;
  const facts: Record<string, Value | undefined> = {
    type: row.type!,
    destination: prefix(row.destination!, row.prefix_length!),
    from: row.source_prefix_length
      ? prefix(row.source!, row.source_prefix_length)
      : undefined,
    tos: row.tos ? `0x${(row.tos as number).toString(16)}` : undefined,
    nhid: row.nexthop_id,
    encap: row.encapsulation,
    table: row.table,
    proto: row.protocol,
    scope: row.scope,
    src: row.preferred_source,
    metric: six || row.metric !== 0 ? row.metric : undefined,
    expires: row.expires_s,
    pref: row.preference,
    realms: row.realm === null ? undefined : `${row.source_realm}/${row.realm}`,
    mtu: row.route_mtu,
    advmss: row.route_advmss,
    window: row.route_window,
    rtt: row.route_rtt_ms,
    rttvar: row.route_rttvar_ms,
    rto_min: row.route_rto_min_ms,
    ssthresh: row.route_ssthresh,
    cwnd: row.route_cwnd,
    initcwnd: row.route_initcwnd,
    initrwnd: row.route_initrwnd,
    reordering: row.route_reordering,
    hoplimit: row.route_hoplimit,
    quickack: row.route_quickack === null
      ? undefined
      : Number(row.route_quickack),
    congctl: row.route_congestion,
    features: (row.route_features as string[] | null)?.join(),
    locked: (row.route_locked as string[] | null)?.join(),
    ...(hops.length === 1
      ? { via: hops[0]!.gateway, dev: hops[0]!.iface }
      : {}),
  };
  const flags = row.flag_names as string[];
  const told = Object.entries(facts)
    .filter(([, value]) =>
      value !== null && value !== undefined && value !== ""
    )
    .map(([key, value]) => [key, `${value}`] as const);
  return {
    ...Object.fromEntries(told),
    ...(flags.includes("onlink") ? { onlink: true } : {}),
    ...(hops.length > 1
      ? {
        ways: hops.map(({ gateway, iface, weight }) =>
          `via ${gateway} dev ${iface} weight ${weight}`
        ),
      }
      : {}),
  };
}

/** What `ip` printed of routes, with the ways of each. */
function routesIn(lines: readonly string[]): Facts[] {
  const routes: Facts[] = [];
  for (const line of lines) {
    const way = /^\tnexthop (.*)$/.exec(line);
    if (way !== null) {
      const last = routes.at(-1)!;
      last.ways ??= [] as string[] as unknown;
      (last.ways as string[]).push(way[1]!.trim());
    } else if (!line.startsWith("\t")) routes.push(factsOf(line));
  }
  return routes;
}

for (const [name, six] of [["route4", false], ["route6", true]] as const) {
  Deno.test(`rtnetlink: ${name}: as ip printed it`, () => {
    const printed = routesIn(printedOf(name))
      .filter(({ pref }) => (pref !== undefined) === six);
    const told = sampleOf(name).map((row) => factsIn(row, six));
    assert.ok(told.length > 15);
    assert.deepEqual(told, printed);
  });
}

/** A rule as `ip rule` prints it. */
function ruleLine(row: Record<string, Value>): string {
  const prefix = (address: Value, length: Value) =>
    address === null
      ? "all"
      : length === (`${address}`.includes(":") ? 128 : 32)
      ? address
      : `${address}/${length}`;
  const hex = (number: Value) => `0x${(number as number).toString(16)}`;
  const range = (first: Value, last: Value) =>
    first === last ? `${first}` : `${first}-${last}`;
  const flags = row.flag_names as string[];
  const words = [
    row.inverted ? "not" : "",
    `from ${prefix(row.source!, row.source_prefix_length!)}`,
    row.destination === null
      ? ""
      : `to ${prefix(row.destination!, row.prefix_length!)}`,
    row.tos ? `tos ${hex(row.tos)}` : "",
    row.mark === null ? "" : `fwmark ${hex(row.mark!)}/${hex(row.mark_mask!)}`,
    row.incoming_iface === null ? "" : `iif ${row.incoming_iface}`,
    row.outgoing_iface === null ? "" : `oif ${row.outgoing_iface}`,
    flags.includes("oif_detached") ? "[detached]" : "",
    row.uid_first === null
      ? ""
      : `uidrange ${range(row.uid_first!, row.uid_last!)}`,
    row.ip_protocol === 6 ? "ipproto tcp" : "",
    row.source_port_first === null
      ? ""
      : `sport ${range(row.source_port_first!, row.source_port_last!)}`,
    row.destination_port_first === null
      ? ""
      : `dport ${
        range(row.destination_port_first!, row.destination_port_last!)
      }`,
    row.action === "goto"
      ? `goto ${row.goto_priority}`
      : `${row.action} ${row.table ?? ""}`.trim(),
    row.suppress_prefix_length === null
      ? ""
      : `suppress_prefixlength ${row.suppress_prefix_length}`,
  ];
  return `${row.priority}:\t${words.filter((word) => word !== "").join(" ")}`;
}

for (const name of ["rule4", "rule6"]) {
  Deno.test(`rtnetlink: ${name}: as ip printed it`, () => {
    assert.deepEqual(
      sampleOf(name).map(ruleLine),
      printedOf(name).map((line) => line.trimEnd()),
    );
  });
}

Deno.test("rtnetlink: neighbours: as ip printed them", () => {
  const shown = sampleOf("neigh")
    .filter(({ state }) => state !== "NOARP" && state !== "NONE")
    .map((row) => ({
      address: row.neighbour,
      dev: row.iface,
      lladdr: row.hardware_address,
      state: row.state,
      router: (row.flag_names as string[]).includes("router"),
      learned: (row.flag_names as string[]).includes("extern_learn"),
      times: `${row.used_s}/${row.confirmed_s}/${row.updated_s}`,
      probes: row.probes,
      references: row.refcnt,
    }));
  const printed = printedOf("neigh").map((line) => {
    const after = (word: string) =>
      new RegExp(`\\b${word} (\\S+)`).exec(line)?.[1] ?? null;
    return {
      address: /^\S+/.exec(line)![0],
      dev: after("dev"),
      lladdr: after("lladdr"),
      state: /(\S+)\s*$/.exec(line)![1],
      router: line.includes(" router "),
      learned: line.includes("extern_learn"),
      times: /used (\d+\/\d+\/\d+)probes/.exec(line)![1],
      probes: Number(after("probes") ?? /probes (\d+)/.exec(line)![1]),
      references: Number(after("ref") ?? 0),
    };
  });
  assert.ok(printed.length > 3);
  assert.deepEqual(shown, printed);
});

Deno.test("rtnetlink: interfaces: as ip printed them", () => {
  const printed = printedOf("link").join("\n").split(/^(?=\d+: )/m);
  const told = sampleOf("link");
  assert.equal(told.length, printed.length);
  for (const [i, block] of printed.entries()) {
    const row = told[i]!;
    const after = (word: string) =>
      new RegExp(`[ \t]${word} (\\S+)`).exec(block)?.[1] ?? null;
    const number = (word: string) => Number(after(word));
    const [, , link, links] = /^\d+: ([^:@]+)(?:@(\S+?))?: (<\S*>)/.exec(
      block,
    )!;
    assert.equal(row.link_iface, link === undefined ? null : link, block);
    assert.ok(links !== undefined);
    assert.equal(row.operstate, after("state")!.toLowerCase());
    assert.equal(row.qdisc, after("qdisc"));
    assert.equal(row.master, after("master"));
    assert.equal(row.promiscuity, number("promiscuity"));
    assert.equal(row.allmulti, number("allmulti"));
    assert.equal(row.min_mtu, number("minmtu"));
    assert.equal(row.max_mtu, number("maxmtu"));
    const queues = after("numtxqueues");
    if (queues !== null) assert.equal(`${row.tx_queues}`, queues);
    const gso = after("gso_max_size");
    if (gso !== null) assert.equal(`${row.gso_max_size}`, gso);
    const alias = /^ {4}alias (.*)$/m.exec(block)?.[1] ?? null;
    assert.equal(row.alias, alias);
    assert.deepEqual(
      row.alternative_names,
      Array.from(block.matchAll(/^ {4}altname (.*)$/gm), ([, name]) => name),
    );
    if (row.kind !== null) {
      assert.match(block, new RegExp(`^ {4}${row.kind as string}\\b`, "m"));
    }
    const [received] = Array.from(
      block.matchAll(/^ +RX: .*\n +([\d ]+)$/gm),
      ([, numbers]) => numbers!.trim().split(/ +/),
    );
    assert.equal(`${row.rx_dropped}`, received![3]);
    assert.equal(`${row.rx_missed_errors}`, received![4]);
  }
  const kinds = new Set(told.map(({ kind }) => kind));
  for (const kind of [null, "veth", "bridge"]) assert.ok(kinds.has(kind));
});

Deno.test("rtnetlink: kinds that this kernel lacks: each number at its place", () => {
  const structure = new Uint8Array(16);
  const of = (...attributes: Parameters<typeof nest>) =>
    valuesOf(TABLES.link!, answerOf(structure, attributes))!;
  const number = (value: number) => packed([32, value]);
  const vlan = of([
    18,
    nest([1, text("vlan", 5)], [2, nest([1, bytes(5, 1)])]),
  ]);
  assert.deepEqual([vlan.kind, vlan.vlan_id, vlan.vrf_table], [
    "vlan",
    261,
    null,
  ]);
  const vrf = of([18, nest([1, text("vrf")], [2, nest([1, number(300)])])]);
  assert.deepEqual([vrf.vrf_table, vrf.vlan_id], [300, null]);
  const port = of(
    [10, number(2)],
    [18, nest([4, text("vrf")], [5, nest([1, number(300)])])],
  );
  assert.deepEqual(
    [port.kind, port.slave_kind, port.vrf_table, port.master],
    [null, "vrf", 300, "br0"],
  );
  const far = of([5, number(4)], [37, number(0)]);
  assert.deepEqual(
    [far.link_iface, far.link_ifindex, far.link_netns_id],
    [null, 4, 0],
  );
  const counters = packed(
    ...Array.from(
      { length: 25 },
      (_, i) => [64, 2n ** 60n + BigInt(i)] as const,
    ),
  );
  const counted = of([23, counters], [54, bytes(2, 0, 0, 0, 0, 0xa1)]);
  assert.equal(counted.rx_otherhost_dropped, 2n ** 60n + 24n);
  assert.equal(counted.rx_missed_errors, 2n ** 60n + 15n);
  assert.equal(counted.tx_window_errors, 2n ** 60n + 20n);
  assert.equal(counted.permanent_address, "02:00:00:00:00:a1");
  // an older kernel has fewer
  assert.equal(of([23, counters.subarray(0, 184)]).rx_nohandler, null);
  assert.deepEqual(of([43, nest([2, bytes(1)], [4, number(7)])]).xdp, "driver");
});

Deno.test("rtnetlink: routes: what is not there is not set", () => {
  const structure = new Uint8Array(12);
  structure.set([2, 32, 0, 0, 252, 4, 0, 1]);
  const DST = [1, bytes(192, 0, 2, 7)] as const;
  const of = (...attributes: Parameters<typeof nest>) =>
    valuesOf(TABLES.route4!, answerOf(structure, attributes));
  const host = of(DST, [15, packed([32, 5000])], [4, packed([32, 99])])!;
  assert.deepEqual(
    [host.flags, host.genmask, host.iface, host.table, host.metric],
    ["UH", "255.255.255.255", "if99", "5000", 0],
  );
  // a prefix that is not there, or of another size
  assert.equal(of(), undefined);
  assert.equal(of([1, bytes(192, 0, 2)]), undefined);
  assert.equal(of([1, new Uint8Array(16)]), undefined);
  // ways that do not fill their attribute
  for (const ways of [bytes(8, 0, 0), bytes(9, 0, 0, 0, 1, 0, 0, 0)]) {
    assert.equal(of(DST, [9, ways]), undefined);
  }
  const many = of(DST, [
    9,
    new Uint8Array([
      ...joined(bytes(16, 0, 16, 255, 2, 0, 0, 0), [[5, bytes(192, 0, 2, 1)]]),
      ...joined(bytes(30, 0, 0, 0, 99, 0, 0, 0), [
        [18, bytes(10, 0, 0x20, 1, ...new Array(13).fill(0), 1)],
      ]),
    ]),
  ])!;
  assert.equal(many.gateway, "192.0.2.1");
  const { each } = TABLES.route4!.columns.nexthops!;
  assert.deepEqual(
    (many.nexthops as object[]).map((hop) =>
      Object.values(each!).map(({ value }) => value(hop, VIEW))
    ),
    [
      [256, "192.0.2.1", "br0", 2, ["linkdown"]],
      [1, "2001::1", null, 99, []],
    ],
  );
});

/** A generator of numbers that are the same each time. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 8;
  }
}

/** Looks at all values of an answer, whatever it is. */
function look(name: string, answer: Answer): Record<string, Value> | undefined {
  const table = TABLES[name]!;
  const values = valuesOf(table, answer);
  for (const [key, value] of Object.entries(values ?? {})) {
    assert.ok(isOfKind(value, table.columns[key]!), `${name}: ${key}`);
  }
  const hops = TABLES.route4!.columns.nexthops!.each!;
  for (const hop of (values?.nexthops ?? []) as object[]) {
    for (const [key, column] of Object.entries(hops)) {
      assert.ok(isOfKind(column.value(hop, VIEW), column), `nexthops.${key}`);
    }
  }
  return values;
}

for (const name of Object.keys(TABLES)) {
  const asking = askingOf(name);
  const messages = () =>
    Array.from(
      answersIn(
        piecesOf(name, asking.rtnetlink!.get - 2),
        asking,
      ),
      ({ bytes, start, end }) => bytes.slice(start, end),
    ).filter((message) => asking.family === 0 || message[0] === asking.family);

  Deno.test(`rtnetlink: ${name}: odd answers are borne`, () => {
    const random = numbers(7);
    const next = (most: number) => random.next().value! % most;
    const answer = new Answer();
    let looked = 0;
    for (const message of messages()) {
      for (let cut = 0; cut <= message.length; cut++) {
        answer.set(message, 0, cut, asking.answer);
        // the walk over messages passes none that is shorter
        if (cut >= asking.answer) look(name, answer);
      }
      for (let round = 0; round < 100; round++) {
        const odd = message.slice();
        for (let i = next(4); i >= 0; i--) odd[next(odd.length)] = next(256);
        answer.set(odd, 0, odd.length, asking.answer);
        look(name, answer);
        looked++;
      }
    }
    assert.ok(looked >= 300);
  });

  Deno.test(`rtnetlink: ${name}: order, and what is not known, say nothing`, () => {
    const random = numbers(9);
    const answer = new Answer();
    for (const message of messages()) {
      answer.set(message, 0, message.length, asking.answer);
      const plain = look(name, answer);
      const attributes: [number, Uint8Array][] = [];
      for (let at = asking.answer; at < message.length;) {
        const length = message[at]! | message[at + 1]! << 8;
        const type = message[at + 2]! | message[at + 3]! << 8;
        attributes.push([type, message.slice(at + 4, at + length)]);
        at += length + 3 & ~3;
      }
      attributes.push([64, bytes(1)], [0x3ffe, bytes(2, 3)], [63, bytes(4)]);
      attributes.sort(() => random.next().value! % 3 - 1);
      const other = joined(message.subarray(0, asking.answer), attributes);
      answer.set(other, 0, other.length, asking.answer);
      assert.deepEqual(
        JSON.stringify(look(name, answer), big),
        JSON.stringify(plain, big),
      );
    }
  });

  Deno.test(`rtnetlink: ${name}: an answer that ends too early is told`, () => {
    const [piece] = piecesOf(name, asking.rtnetlink!.get - 2);
    for (let cut = 1; cut < Math.min(piece!.length, 600); cut += 3) {
      const lines = askSockets(
        asking,
        {},
        () => channelOf([piece!.slice(0, cut)]),
      );
      if (lines instanceof Failure) continue;
      let rows = 0;
      const line = { set() {} } as unknown as Parameters<typeof lines.next>[0];
      while (lines.next(line)) rows++;
      assert.ok(lines.failure !== undefined, `${cut}: ${rows}`);
    }
  });
}

function big(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}

Deno.test("rtnetlink: a lookup: the answer, or why there is none", () => {
  const asking = askingOf("route4");
  const address = bytes(203, 0, 113, 5);
  const sent: Uint8Array[] = [];
  const pieces = piecesOf("route_get", 24);
  const channel = channelOf(pieces);
  const answer = lookUpRoute(asking, address, {
    ...channel,
    send(message) {
      sent.push(message);
      return message.length;
    },
  });
  assert.ok(answer instanceof Uint8Array);
  const found = new Answer();
  found.set(answer, 0, answer.length, asking.answer);
  const row = valuesOf(TABLES.route4!, found)!;
  assert.deepEqual(
    [row.destination, row.gateway, row.iface, row.preferred_source, row.table],
    ["203.0.113.5", "198.51.100.2", "veth2", "198.51.100.1", "main"],
  );
  assert.deepEqual(row.flag_names, ["cloned"]);
  // the request is that of ip, but for its number
  const [length, type] = [sent[0]![0], sent[0]![4]];
  assert.deepEqual([length, type], [36, 26]);
  assert.deepEqual([...sent[0]!.subarray(16, 24)], [2, 32, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(
    [...sent[0]!.subarray(28)],
    [8, 0, 1, 0, 203, 0, 113, 5].slice(0, 8),
  );

  const refused = (errno: number) => {
    const message = new Uint8Array([
      ...packed([32, 36], [16, 2], [16, 0], [32, 0], [32, 0]),
      ...packed([32, -errno >>> 0]),
      ...new Uint8Array(16),
    ]);
    return lookUpRoute(asking, address, channelOf([message]));
  };
  for (
    const [errno, code] of [
      [101, "ENETUNREACH"],
      [113, "EHOSTUNREACH"],
      [13, "EACCES"],
      [22, "EINVAL"],
    ] as const
  ) {
    const failure = refused(errno);
    assert.ok(failure instanceof Failure);
    assert.equal(failure.code, code);
  }
  for (let cut = 0; cut < pieces[0]!.length; cut++) {
    const failure = lookUpRoute(
      asking,
      address,
      channelOf([pieces[0]!.slice(0, cut)]),
    );
    assert.ok(failure instanceof Failure || cut > 16, `${cut}`);
  }
});

Deno.test("rtnetlink: each answer has a name in a saved tree", () => {
  const paths = Object.keys(TABLES).map((name) => answerPath(askingOf(name)));
  assert.deepEqual(
    paths.map((path) => path.replace("/netlink/rtnetlink/", "")),
    ["routes", "routes6", "neighbours", "rules", "rules6", "interfaces"],
  );
});

Deno.test("rtnetlink: a neighbour's flags and a state that has no name", () => {
  const structure = packed(
    [32, 2],
    [32, 4],
    [16, 3],
    [8, 0xff],
    [8, 1],
  );
  const answer = answerOf(structure, [[1, bytes(192, 0, 2, 9)]]);
  assert.equal(neighFields.state!.value(answer, VIEW), "3");
  assert.equal(
    (neighFields.flag_names!.value(answer, VIEW) as string[]).length,
    8,
  );
  assert.equal(neighFields.hardware_address!.value(answer, VIEW), null);
});

Deno.test("rtnetlink: numbers have the names that files give them", () =>
  withTree({
    "usr/share/iproute2/rt_tables": "# reserved\n254 main\n100\tone # mine\n",
    "usr/share/iproute2/rt_protos": "0x4d seventyseven\nnone 3\n",
    "etc/iproute2/rt_tables": "100 first\n101",
    "etc/iproute2/rt_tables.d/b.conf": "100 second\n  102 third",
    "etc/iproute2/rt_tables.d/c.off": "100 last\n",
  }, (root) => {
    const tree = new Tree(root);
    const { names } = namesOf(tree, { patience: 0, numeric: true });
    assert.equal(names.numbered, undefined);
    addNumbered(names, tree);
    const tables = [100, 101, 102, 254, 255]
      .map((number) => names.numbered!("rt_tables", number));
    assert.deepEqual(tables, ["second", undefined, "third", "main", undefined]);
    assert.equal(names.numbered!("rt_protos", 77), "seventyseven");
    const row = answerOf(bytes(2, 0, 0, 0, 100, 77, 0, 1, 0, 0, 0, 0), []);
    const view = { ...VIEW, names } as typeof VIEW;
    const { table, protocol } = routeFields;
    assert.equal(table!.value(row, view), "second");
    assert.equal(protocol!.value(row, view), "seventyseven");
    return Promise.resolve();
  }));

Deno.test("rtnetlink: a saved tree has what was told", () =>
  withTree({
    "proc/net/route":
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
      "v0\t00000000\tFE0200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n",
    "proc/net/arp": "",
    "proc/net/if_inet6": "",
    "proc/net/dev": "Inter-|\n face |bytes\nveth1: 1 2\nbr0: 1 2\n",
    "sys/class/net/veth1/ifindex": "4\n",
    "sys/class/net/veth1/flags": "0x1003\n",
    "sys/class/net/veth1/speed": "2500\n",
    "sys/class/net/veth1/duplex": "full\n",
    "sys/class/net/br0/flags": "0x1003\n",
    "sys/class/net/br0/speed": "-1\n",
  }, async (root) => {
    const question = "--columns=destination,table,iface";
    const before = await netstat(...["--root", root, "-rn", question, "--csv"]);
    assert.equal(before.stdout, "destination,table,iface\n0.0.0.0,,v0\n");
    const done = new Uint8Array([
      ...packed([32, 20], [16, 3], [16, 2], [32, 0], [32, 0], [32, 0]),
    ]);
    for (
      const [name, as, type, family] of [
        ["route4", "routes", 24, 2],
        ["neigh", "neighbours", 28, 2],
        ["link", "interfaces", 16, 0],
      ] as const
    ) {
      await Deno.mkdir(`${root}/netlink/rtnetlink`, { recursive: true });
      const pieces = piecesOf(name, type)
        .filter((piece) => piece[16] === family);
      const answer = Array.from(
        answersIn(pieces, askingOf(name)),
        (found) => found.bytes.slice(found.start - 16, found.end),
      ).filter((message) => message[16] === family);
      await Deno.writeFile(
        `${root}/netlink/rtnetlink/${as}`,
        new Uint8Array([...answer.flatMap((one) => [...one]), ...done]),
      );
    }
    const after = await netstat(...["--root", root, "-rn", question, "--csv"]);
    assert.match(after.stdout, /\n10\.1\.0\.0,100,veth1\n/);
    assert.equal(after.stderr, "");
    const neighbours = await netstat(...["--root", root, "-A", "neigh"]);
    assert.match(neighbours.stdout, /^ip +192\.0\.2\.50 .* PERMANENT /m);
    const links = await netstat(...[
      "--root",
      root,
      "-i",
      "--columns=iface,kind,speed_mbit,duplex",
      "--csv",
    ]);
    assert.equal(
      links.stdout,
      "iface,kind,speed_mbit,duplex\nbr0,bridge,,\nveth1,veth,2500,full\n",
    );
    // what is cut is told, and what is before it is shown
    const path = `${root}/netlink/rtnetlink/routes`;
    const whole = await Deno.readFile(path);
    await Deno.writeFile(path, whole.subarray(0, 300));
    const cut = await netstat(...["--root", root, "-rn", question, "--csv"]);
    assert.match(cut.stderr, /rtnetlink\/routes.*cut short/);
    assert.equal(cut.exit, 1);
  }));
