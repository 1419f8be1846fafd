/**
 * Routes, rules, neighbours and interfaces as rtnetlink tells of them, value by value
 * beside iproute2's `ip`. Needs root, `iproute2` and `strace`.
 */

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { NETSTAT } from "./namespace.ts";
import { look, makeWorld, type World } from "./world.ts";

const WORLD = new URL("rtnetlink_world.sh", import.meta.url).pathname;

/** So often both are asked until `ip` says the same before and after. */
const ATTEMPTS = 10;

// deno-lint-ignore no-explicit-any
type Row = Record<string, any>;

/** What `ip` says. */
async function ip(world: World, ...args: string[]): Promise<Row[]> {
  const { stdout } = await new Deno.Command("nsenter", {
    args: ["--net", `--target=${world.pid}`, "ip", "-j", ...args],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" },
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The rows of a question. */
async function rowsOf(world: World, ...args: string[]): Promise<Row[]> {
  const { stdout, stderr, exit } = await look(world, NETSTAT, [
    ...args,
    "--json",
  ]);
  assert.deepEqual([stderr, exit], ["", 0], args.join(" "));
  return JSON.parse(stdout);
}

/** Both, of one moment. */
async function both(
  world: World,
  asked: readonly string[],
  question: readonly string[],
): Promise<{ printed: Row[]; rows: Row[] }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const printed = await ip(world, ...asked);
    const rows = await rowsOf(world, ...question);
    const again = await ip(world, ...asked);
    if (JSON.stringify(printed) === JSON.stringify(again)) {
      return { printed, rows };
    }
  }
  return assert.fail(`ip ${asked.join(" ")} does not agree with itself`);
}

/** An object without the keys that have no value. */
function given(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) =>
      value !== null && value !== undefined
    ),
  );
}

/** A prefix as `ip` spells it. */
function prefix(address: string, length: number): string {
  if (length === 0) return "default";
  return length === (address.includes(":") ? 128 : 32)
    ? address
    : `${address}/${length}`;
}

/**
 * Our row as `ip -j -d route` has it. Left out there, and told here: `tos` 0, what is
 * locked, `expires_s` to the second, which may pass in between.
 */
function asRoute(row: Row): Row {
  const six = row.family === "inet6";
  const metrics = given({
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
    quickack: row.route_quickack === null ? null : Number(row.route_quickack),
    congestion: row.route_congestion,
    ecn: row.route_features?.includes("ecn"),
  });
  const hops = row.nexthops.map((hop: Row) =>
    given({
      gateway: hop.gateway,
      dev: hop.iface,
      weight: hop.weight,
      flags: hop.flag_names,
    })
  );
  const [hop] = hops;
  const ways = hops.length === 1
    ? { gateway: hop.gateway, dev: hop.dev }
    : hops.length === 0
    ? {}
    : { nexthops: hops };
  return given({
    type: row.type,
    dst: prefix(row.destination, row.prefix_length),
    ...ways,
    table: row.table,
    protocol: row.protocol,
    scope: row.scope,
    prefsrc: row.preferred_source,
    metric: six || row.metric !== 0 ? row.metric : null,
    tos: row.tos === 0 ? null : `0x${row.tos.toString(16)}`,
    nhid: row.nexthop_id,
    encap: row.encapsulation,
    realms: row.realm === null ? null : `${row.source_realm}/${row.realm}`,
    flags: row.flag_names,
    expires: row.expires_s === null ? null : true,
    pref: row.preference,
    metrics: Object.keys(metrics).length === 0 ? null : [metrics],
  });
}

/** What `ip` has, in the same spelling. */
function printedRoute(
  { nh_info: _info, via, metrics, expires, tos, ...row }: Row,
): Row {
  // the values of an encapsulation are not told
  const encap = row.encap === undefined ? {} : { encap: row.encap.encap_type };
  const [all] = metrics ?? [];
  if (all !== undefined && "ecn" in all) all.ecn = true;
  const flow = row.flow ?? row.realms;
  delete row.flow;
  return given({
    ...row,
    ...encap,
    gateway: row.gateway ?? via?.host,
    tos: tos === undefined ? null : `${tos}`,
    expires: expires === undefined ? null : true,
    realms: typeof flow === "object" && flow !== null
      ? `${flow.from}/${flow.to}`
      : flow,
    metrics: all === undefined ? null : [all],
  });
}

/** Rows in an order of their own. */
function sorted(rows: readonly Row[]): Row[] {
  const key = (row: Row) =>
    JSON.stringify(Object.entries(row).sort(([a], [b]) => a < b ? -1 : 1));
  return [...rows].sort((a, b) => key(a) < key(b) ? -1 : 1);
}

async function routes(world: World): Promise<void> {
  for (const six of [false, true]) {
    const version = six ? "-6" : "-4";
    const { printed, rows } = await both(
      world,
      ["-d", version, "route", "show", "table", "all"],
      [version, "-rn", "--columns=@default,@route"],
    );
    assert.ok(rows.length > 10);
    assert.deepEqual(
      sorted(rows.map(asRoute)),
      sorted(printed.map(printedRoute)),
    );
    const encap = rows.filter(({ encapsulation }) => encapsulation !== null);
    assert.ok(six || encap.length === 1);
  }
  const [locked] = await rowsOf(
    world,
    "-rn",
    "--columns=@route",
    "--where=route_mtu = 1400",
  );
  assert.deepEqual(locked!.route_locked, ["mtu", "rto_min"]);
}

/** What netstat has without netlink is the same with it. */
async function sameAsFile(world: World): Promise<void> {
  const plain = await rowsOf(world, "-4rn");
  const deep = await rowsOf(
    world,
    "-4rn",
    "--columns=@default,type",
  );
  assert.ok(plain.length > 10);
  assert.deepEqual(deep.map(({ type: _, ...row }) => row), plain);
  // of IPv6, a route of several ways is several lines, and the kernel's own is none
  let plain6: readonly Row[];
  let deep6: readonly Row[];
  do {
    // references come and go
    plain6 = await rowsOf(world, "-6rn");
    deep6 = await rowsOf(world, "-6rn", "--columns=@default,type,nexthops");
  } while (!isDeepStrictEqual(await rowsOf(world, "-6rn"), plain6));
  const text = (row: Row) => JSON.stringify(row);
  const lines = new Set(plain6.map(text));
  for (const { type: _, nexthops, ...row } of deep6) {
    assert.ok(lines.has(text(row)), text(row));
    assert.ok(nexthops.length > 0);
  }
  const ways = deep6.reduce((sum, { nexthops }) => sum + nexthops.length, 0);
  const own = plain6.filter(({ metric }) => metric === 0xffff_ffff);
  assert.equal(ways, plain6.length - own.length);
  // net-tools' text, by a test that is true of all
  const lines4 = await look(world, NETSTAT, ["-rn"]);
  const all = await look(world, NETSTAT, ["-rn", "--where=type_num >= 0"]);
  assert.deepEqual(all, lines4);
  const main = await look(world, NETSTAT, ["-rnee", "--where=table = main"]);
  assert.deepEqual(main, await look(world, NETSTAT, ["-rnee"]));
  const six = await look(world, NETSTAT, [
    "-6rn",
    "--where=type = unreachable",
  ]);
  const before = await look(world, NETSTAT, ["-6rn"]);
  assert.ok(six.stdout.includes("2001:db8:7::/48"));
  for (const line of six.stdout.split("\n")) {
    assert.ok(before.stdout.split("\n").includes(line), line);
  }
}

/** Which tables are listed. */
async function tables(world: World): Promise<void> {
  const counted = async (...args: string[]) => (await rowsOf(world, ...args));
  const byTable = await counted("-rn", "--count=table");
  assert.deepEqual(
    byTable.map(({ table }) => table).sort(),
    ["100", "5000", "local", "main"],
  );
  const main = byTable.find(({ table }) => table === "main")!;
  const listed = await counted("-rn", "--columns=destination,type");
  // the table main of IPv4 has nothing that the file leaves out
  assert.equal(listed.length, main.count);
  const [one] = await counted("-rn", "--where=table_num = 5000");
  assert.equal(one!.destination, "10.2.0.0");
  assert.deepEqual(
    (await counted(
      "-rn",
      "--where=nexthops.gateway in 198.51.100.0/24",
      "--columns=destination",
    )).map(({ destination }) => destination).sort(),
    ["10.7.0.0", "203.0.113.0"],
  );
}

async function rules(world: World): Promise<void> {
  for (const [version, proto] of [["-4", "ip"], ["-6", "ip6"]] as const) {
    const { printed, rows } = await both(
      world,
      [version, "rule"],
      ["-A", "rule", `--where=proto = ${proto}`, "--columns=@all"],
    );
    const hex = (number: number | null) =>
      number === null ? null : `0x${number.toString(16)}`;
    const told = rows.map((row) =>
      given({
        priority: row.priority,
        not: row.inverted ? null : undefined,
        src: row.source ?? "all",
        srclen: row.source !== null && row.source_prefix_length !==
            (proto === "ip" ? 32 : 128)
          ? row.source_prefix_length
          : null,
        dst: row.destination,
        dstlen: row.destination === null ? null : row.prefix_length,
        fwmark: hex(row.mark),
        fwmask: hex(row.mark_mask),
        iif: row.incoming_iface,
        oif: row.outgoing_iface,
        uid_start: row.uid_first,
        uid_end: row.uid_last,
        ipproto: row.ip_protocol === null ? null : "tcp",
        tos: row.tos === 0 ? null : hex(row.tos),
        table: row.table,
        action: row.action === "lookup" || row.action === "goto"
          ? null
          : row.action,
        goto: row.goto_priority,
        suppress_prefixlen: row.suppress_prefix_length,
      })
    );
    const same = printed.map((row) => {
      const {
        sport: _s,
        sport_start: _ss,
        sport_end: _se,
        dport: _d,
        dport_start: _ds,
        dport_end: _de,
        not: _n,
        oif_detached: _o,
        protocol: _p,
        // newer than the headers that there are
        sport_mask: _sm,
        dport_mask: _dm,
        ...rest
      } = row;
      return given(rest);
    });
    assert.deepEqual(told, same);
    for (const [i, row] of printed.entries()) {
      const ours = rows[i]!;
      assert.equal(ours.inverted, "not" in row);
      assert.equal(
        ours.flag_names.includes("oif_detached"),
        "oif_detached" in row,
      );
      if (ours.source_port_first !== null) {
        assert.equal(ours.source_port_first, row.sport);
        assert.equal(ours.destination_port_first, row.dport_start);
        assert.equal(ours.destination_port_last, row.dport_end);
      }
    }
  }
  const { stdout } = await look(world, NETSTAT, ["-A", "rule"]);
  assert.match(stdout, /^Kernel routing rules\n/);
  assert.match(stdout, /^ip +100 10\.0\.0\.0\/8 +all .* lookup +100$/m);
}

async function neighbours(world: World): Promise<void> {
  const { printed, rows } = await both(
    world,
    ["-s", "neigh"],
    ["-A", "neigh", "--columns=@all"],
  );
  const told = rows.map((row) =>
    given({
      dst: row.neighbour,
      dev: row.iface,
      lladdr: row.hardware_address,
      state: [row.state],
      router: row.flag_names.includes("router") ? true : null,
      extern_learn: row.flag_names.includes("extern_learn") ? true : null,
      refcnt: row.refcnt === 0 ? null : row.refcnt,
      probes: row.probes,
    })
  );
  const same = printed.map((
    { used: _u, confirmed: _c, updated: _d, ...row },
  ) =>
    given({
      ...row,
      router: "router" in row ? true : null,
      extern_learn: "extern_learn" in row ? true : null,
    })
  );
  assert.ok(told.length >= 3);
  assert.deepEqual(told, same);
  for (const [i, { used, confirmed, updated }] of printed.entries()) {
    const row = rows[i]!;
    const near = [
      row.used_s - used,
      row.confirmed_s - confirmed,
      row.updated_s - updated,
    ];
    for (const apart of near) assert.ok(apart >= 0 && apart <= 1, `${near}`);
  }
  // `nud all` has what is never asked for, and so does -a
  const all = await both(
    world,
    ["neigh", "show", "nud", "all"],
    ["-aA", "neigh", "--columns=neighbour,state"],
  );
  assert.deepEqual(
    all.rows.map(({ neighbour, state }) => `${neighbour} ${state}`).sort(),
    all.printed.map(({ dst, state }) => `${dst} ${state}`).sort(),
  );
  assert.ok(all.rows.some(({ state }) => state === "NOARP"));
  assert.ok(rows.every(({ state }) => state !== "NOARP"));
}

/** `ip` does not tell `xdp` if there is none, nor `carrier`, but for a flag of it. */
async function interfaces(
  world: World,
  lacks: readonly string[],
): Promise<void> {
  const { printed, rows } = await both(
    world,
    ["-d", "-s", "-s", "link"],
    ["-ia", "--columns=@default,@link"],
  );
  const named = new Map(rows.map((row) => [row.iface, row]));
  assert.equal(rows.length, printed.length + 1);
  for (const one of printed) {
    const row = named.get(one.ifname)!;
    const { rx, tx } = one.stats64;
    const info = one.linkinfo ?? {};
    const told = given({
      ifindex: row.ifindex,
      link: row.link_iface,
      master: row.master,
      mtu: row.mtu,
      qdisc: row.qdisc,
      operstate: row.operstate.toUpperCase(),
      group: row.link_group,
      promiscuity: row.promiscuity,
      allmulti: row.allmulti,
      min_mtu: row.min_mtu,
      max_mtu: row.max_mtu,
      kind: row.kind,
      slave: row.slave_kind,
      vlan: row.vlan_id,
      vrf: row.vrf_table,
      num_tx_queues: row.tx_queues,
      num_rx_queues: row.rx_queues,
      gso_max_size: row.gso_max_size,
      gso_max_segs: row.gso_max_segs,
      tso_max_size: row.tso_max_size,
      tso_max_segs: row.tso_max_segs,
      gro_max_size: row.gro_max_size,
      ifalias: row.alias,
      altnames: row.alternative_names.length === 0
        ? null
        : row.alternative_names,
      txqlen: row.tx_queue_len,
      rx: {
        bytes: row.rx_bytes,
        packets: row.rx_ok,
        errors: row.rx_err,
        dropped: row.rx_dropped,
        over_errors: row.rx_over_errors,
        multicast: row.rx_multicast,
        length_errors: row.rx_length_errors,
        crc_errors: row.rx_crc_errors,
        frame_errors: row.rx_frame_errors,
        fifo_errors: row.rx_ovr,
        missed_errors: row.rx_missed_errors,
      },
      tx: {
        bytes: row.tx_bytes,
        packets: row.tx_ok,
        errors: row.tx_err,
        dropped: row.tx_drp,
        carrier_errors: row.tx_carrier_errors,
        collisions: row.tx_collisions,
        aborted_errors: row.tx_aborted_errors,
        fifo_errors: row.tx_ovr,
        window_errors: row.tx_window_errors,
        heartbeat_errors: row.tx_heartbeat_errors,
        carrier_changes: row.carrier_changes,
      },
    });
    const { nohandler: _r, otherhost_dropped: _o, ...rxes } = rx;
    const same = given({
      // which only IPv6 addresses tell
      ...(row.ifindex === null ? {} : { ifindex: one.ifindex }),
      link: one.link,
      master: one.master,
      mtu: one.mtu,
      qdisc: one.qdisc,
      operstate: one.operstate,
      group: one.group === "default" ? 0 : one.group,
      promiscuity: one.promiscuity,
      allmulti: one.allmulti,
      min_mtu: one.min_mtu,
      max_mtu: one.max_mtu,
      kind: info.info_kind,
      slave: info.info_slave_kind,
      vlan: info.info_data?.id,
      vrf: info.info_data?.table ?? info.info_slave_data?.table,
      num_tx_queues: one.num_tx_queues,
      num_rx_queues: one.num_rx_queues,
      gso_max_size: one.gso_max_size,
      gso_max_segs: one.gso_max_segs,
      tso_max_size: one.tso_max_size,
      tso_max_segs: one.tso_max_segs,
      gro_max_size: one.gro_max_size,
      ifalias: one.ifalias,
      altnames: one.altnames,
      txqlen: one.txqlen,
      rx: rxes,
      tx,
    });
    // what ip prints only of some kinds
    for (const key of Object.keys(told)) {
      if (!(key in same) && /^(num|gso|tso|gro)_/.test(key)) delete told[key];
    }
    assert.deepEqual(told, same, one.ifname);
    const up = one.flags.includes("UP");
    if (up) assert.equal(row.carrier, !one.flags.includes("NO-CARRIER"));
  }
  const kinds = new Set(rows.map(({ kind }) => kind));
  for (const kind of ["bridge", "macvlan", "vlan", "dummy", "vrf"]) {
    assert.equal(kinds.has(kind), !lacks.includes(kind), kind);
  }
  const alias = named.get("v0:1")!;
  assert.equal(alias.kind, "veth");
  assert.deepEqual(
    [named.get("v0")!.speed_mbit, named.get("v0")!.duplex],
    [10_000, "full"],
  );
  assert.deepEqual(
    [named.get("lo")!.speed_mbit, named.get("lo")!.duplex],
    [null, null],
  );
  // the text is net-tools', and no question changes a row
  await same(world, ["-ia"], [
    "-ia",
    "--where=kind = veth or kind != veth or kind is null",
  ]);
  await same(world, ["-ie"], ["-ie", "--where=carrier or not carrier"]);
  const counters = /^[rt]x_/;
  const still = (row: Row) =>
    Object.fromEntries(
      Object.entries(row).filter(([key]) =>
        !counters.test(key) && key !== "kind"
      ),
    );
  let plain = await rowsOf(world, "-ia");
  // the kernel tries out addresses of IPv6 for a second or two
  for (let tries = 0; tries < 100; tries++) {
    if (!JSON.stringify(plain).includes("tentative")) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
    plain = await rowsOf(world, "-ia");
  }
  const deep = await rowsOf(world, "-ia", "--columns=@default,kind");
  assert.deepEqual(deep.map(still), plain.map(still));
}

/** Both command lines print the same, once nothing changes meanwhile. */
async function same(
  world: World,
  one: readonly string[],
  other: readonly string[],
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await look(world, NETSTAT, one);
    const ours = await look(world, NETSTAT, other);
    const after = await look(world, NETSTAT, one);
    if (JSON.stringify(before) !== JSON.stringify(after)) continue;
    assert.deepEqual(ours, before);
    return;
  }
  assert.fail(`${one.join(" ")} does not agree with itself`);
}

async function lookups(world: World): Promise<void> {
  for (
    const address of [
      "8.8.8.8",
      "192.0.2.7",
      "203.0.113.5",
      "10.7.1.1",
      "10.11.0.9",
      "127.0.0.1",
      "2001:db8:5::1",
      "2001:db8:a::1",
      "::1",
    ]
  ) {
    const [printed] = await ip(world, "route", "get", address);
    const rows = await rowsOf(world, "-rn", "--for", address);
    assert.equal(rows.length, 1);
    const [row] = rows as [Row];
    const [hop] = row.nexthops;
    assert.deepEqual(
      given({
        dst: row.destination,
        gateway: hop.gateway,
        dev: row.iface,
        prefsrc: row.preferred_source,
        table: row.table === "main" || row.table === "local" ? null : row.table,
      }),
      given({
        dst: printed!.dst,
        gateway: printed!.gateway ?? printed!.via?.host,
        dev: printed!.dev,
        prefsrc: printed!.prefsrc,
        table: printed!.table === "local" ? null : printed!.table,
      }),
      address,
    );
  }
  const { stdout } = await look(world, NETSTAT, ["-r", "--for", "8.8.8.8"]);
  assert.equal(
    stdout,
    "destination  gateway      iface  preferred_source  type     table\n" +
      "8.8.8.8      192.0.2.254  v0     192.0.2.1         unicast  main\n",
  );
  const brief = await look(world, NETSTAT, [
    ..."-rn --for 8.8.8.8 --columns prefix_length,iface".split(" "),
  ]);
  assert.equal(brief.stdout, "prefix_length  iface\n           32  v0\n");
  const counted = await look(world, NETSTAT, [
    ..."-rn --for 8.8.8.8 --count=iface".split(" "),
  ]);
  assert.equal(counted.stdout, "iface  count\nv0         1\n");
  for (
    const [address, says] of [
      [
        "10.66.1.1",
        "the route there is a blackhole, or such an address has " +
        "none (Invalid argument)",
      ],
      ["10.67.1.1", "the route there is unreachable (No route to host)"],
      ["10.68.1.1", "the route there is prohibited (Permission denied)"],
      ["2001:db8:7::1", "the route there is unreachable (No route to host)"],
      ["2001:db8:9::1", "the route there is prohibited (Permission denied)"],
    ] as const
  ) {
    const [text, json] = [
      await look(world, NETSTAT, ["-rn", "--for", address]),
      await look(world, NETSTAT, ["-rn", "--for", address, "--json"]),
    ];
    const stderr = `netstat: --for ${address}: ${says}\n`;
    assert.deepEqual(text, { stdout: "", stderr, exit: 1 });
    assert.deepEqual(json, { stdout: "[]\n", stderr, exit: 1 });
  }
  for (
    const [args, says] of [
      [["-i", "--for", "8.8.8.8"], "--for looks up a route: it needs -r"],
      [
        ["-r", "--root", "/", "--for", "8.8.8.8"],
        "--for asks the running kernel: it cannot be given with --root",
      ],
    ] as const
  ) {
    assert.deepEqual(await look(world, NETSTAT, args), {
      stdout: "",
      stderr: `netstat: ${says}\n`,
      exit: 1,
    });
  }
  const bad = await look(world, NETSTAT, ["-r", "--for", "8.8.8"]);
  assert.equal(bad.exit, 1);
  assert.match(bad.stderr, /^netstat: --for: 8\.8\.8\n +\^ an IPv4 or IPv6/);
}

/** Where the kernel may not be asked, the file is read, and that is told. */
async function refused(world: World): Promise<void> {
  const through = [
    ..."strace -f -qq -o /dev/null -e trace=socket".split(" "),
    "-e",
    "inject=socket:error=EPERM",
  ];
  const { stdout, stderr, exit } = await look(world, NETSTAT, [
    "-rn",
    "--columns=destination,table",
    "--json",
  ], { through });
  const rows: Row[] = JSON.parse(stdout);
  assert.ok(rows.length > 5);
  assert.ok(rows.every(({ table }) => table === null));
  assert.equal(
    stderr,
    "netstat: cannot read rtnetlink: Operation not permitted\n",
  );
  assert.equal(exit, 1);
  const plain = await look(world, NETSTAT, ["-rn"], { through });
  assert.deepEqual([plain.stderr, plain.exit], ["", 0]);
}

Deno.test("rtnetlink: beside ip", async (t) => {
  const world = await makeWorld("--net", "sh", WORLD);
  const lacks = world.said.trim().split(" ").slice(1);
  try {
    await t.step("routes", () => routes(world));
    await t.step("routes are those of the files", () => sameAsFile(world));
    await t.step("which tables are listed", () => tables(world));
    await t.step("rules", () => rules(world));
    await t.step("neighbours", () => neighbours(world));
    await t.step("interfaces", () => interfaces(world, lacks));
    await t.step("lookups", () => lookups(world));
    await t.step("the kernel may not be asked", () => refused(world));
  } finally {
    await world.end();
  }
});
