/**
 * The sockets view: the tables of all families, processes that hold sockets, and
 * the names of hosts, services and users.
 *
 * @module
 */

import type { Around, Format, Subject } from "./format.ts";
import { oddLine } from "./mutate.ts";
import type { Random } from "./random.ts";
import { DEVIATIONS } from "./sockets_deviations.ts";

/** Rows that a deviation must explain one by one are not a million. */
const EXPLAINED_MOST = 10_000;

/** A number in hexadecimal, in capitals, of at least so many digits. */
function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}

/** Mostly 0, seldom the greatest of so many hexadecimal digits, else any. */
function quantity(random: Random, digits: number): string {
  if (random.once(2)) return "0".repeat(digits);
  if (random.once(20)) return "F".repeat(digits);
  return hex(random.below(random.pick([16, 5000, 2 ** 31])), digits)
    .slice(-digits);
}

/** Inodes are few, so that processes and sockets meet. */
function inode(random: Random): number {
  if (random.once(30)) return random.pick([4294967295, 4294967296, 2 ** 52]);
  return random.once(6) ? 0 : random.between(1, 60);
}

const UIDS = [0, 0, 0, 33, 112, 1000, 1001, 65534, 4294967294];

/** Addresses as IPv4's tables have them: those of `/etc/hosts`, and others. */
const IPV4 = [
  "00000000",
  "00000000",
  "0100007F",
  "0200000A",
  "0300000A",
  "4D01A8C0",
  "FFFFFFFF",
  "00020100",
  "03020100",
  "010000E0",
];

const IPV6 = [
  "00000000000000000000000000000000",
  "00000000000000000000000000000000",
  "00000000000000000000000001000000",
  "0000000000000000FFFF00000100007F",
  "0000000000000000FFFF00000200000A",
  "B80D0120000000000000000001000000",
  "B80D0120BBBBAAAADDDDCCCCFFFFEEEE",
  "000080FE000000000000000001000000",
  "00000000000000000000000004030201",
  "00000000000000000000FFFF04030201",
];

const PORTS = [0, 0, 22, 53, 80, 123, 443, 500, 3868, 7777, 65535, 1, 6, 17];

function address(random: Random, words: number): string {
  if (random.once(2)) return random.pick(words === 1 ? IPV4 : IPV6);
  let text = "";
  for (let i = 0; i < words; i++) {
    text += random.once(3) ? "00000000" : random.hex(8);
  }
  return text;
}

function port(random: Random): string {
  return hex(random.once(2) ? random.pick(PORTS) : random.below(65536), 4);
}

const INET_HEADER =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const INET6_HEADER =
  "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

/** How the tables of the Internet protocols differ. */
interface Inet {
  readonly path: string;
  readonly slot: number;
  readonly padded: number;
  readonly states: readonly number[];
  tail(random: Random): string;
}

function inet({ path, slot, padded, states, tail }: Inet): Format {
  const words = path.endsWith("6") ? 4 : 1;
  const header = words === 1 ? INET_HEADER : INET6_HEADER;
  const datagram = !path.includes("tcp");
  return {
    path,
    header: [
      datagram
        ? `${slot === 5 ? " " : ""}${header} ref pointer drops`.padEnd(padded)
        : header.padEnd(padded),
    ],
    line(random) {
      const end = () => `${address(random, words)}:${port(random)}`;
      return [
        `${random.below(9999)}:`.padStart(slot + 1),
        end(),
        end(),
        hex(random.pick(states), 2),
        `${quantity(random, 8)}:${quantity(random, 8)}`,
        `${hex(random.below(5), 2)}:${quantity(random, 8)}`,
        quantity(random, 8),
        random.pick(UIDS).toString().padStart(5),
        (random.once(3) ? random.below(20) : 0).toString().padStart(8),
        inode(random),
        tail(random),
      ].join(" ").padEnd(padded);
    },
  };
}

function protocol(
  name: string,
  rest: Omit<Inet, "path">,
): Format[] {
  return ["", "6"].map((suffix) =>
    inet({ path: `/proc/net/${name}${suffix}`, ...rest })
  );
}

const TCP_STATES = [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11];

/** Without a socket of its own: TIME_WAIT, SYN_RECV. */
const tcpTail = (random: Random) =>
  random.once(4) ? "3 0000000000000000" : "1 0000000000000000 100 0 0 10 0";

const datagramTail = (random: Random) =>
  `2 0000000000000000 ${random.below(3)}`;

const inetFormats = [
  ...protocol("tcp", {
    slot: 4,
    padded: 149,
    states: TCP_STATES,
    tail: tcpTail,
  }),
  ...["udp", "udplite"].flatMap((name) =>
    protocol(name, {
      slot: 5,
      padded: 127,
      states: [1, 7, 7, 2],
      tail: datagramTail,
    })
  ),
  ...protocol("raw", {
    slot: 4,
    padded: 0,
    states: [1, 7, 7, 10],
    tail: datagramTail,
  }),
];

/** An address as SCTP's tables have it. */
function sctpAddress(random: Random): string {
  if (random.once(2)) {
    return random.pick([
      "0.0.0.0",
      "10.0.0.2",
      "10.0.0.3",
      "127.0.0.1",
      "192.168.100.200",
      "255.255.255.255",
      "0.1.2.0",
    ]);
  }
  const words = Array.from(
    { length: 8 },
    () => random.once(2) ? "0000" : random.hex(4).toLowerCase(),
  );
  return random.once(4)
    ? "0000:0000:0000:0000:0000:ffff:0a00:0002"
    : words.join(":");
}

function sctpAddresses(random: Random, primary: boolean): string {
  const count = random.pick([1, 1, 1, 2, 3]);
  return Array.from(
    { length: count },
    (_, i) => `${primary && i === 0 ? "*" : ""}${sctpAddress(random)} `,
  ).join("");
}

function sctpEndpoints(path: string): Format {
  return {
    path,
    header: [" ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS"],
    line: (random) =>
      [
        "0000000000000000",
        "0000000000000000",
        random.between(0, 2).toString().padEnd(3),
        random.pick([10, 7, 10]).toString().padEnd(3),
        random.below(64).toString().padEnd(4),
        random.pick(PORTS).toString().padEnd(5),
        random.pick(UIDS).toString().padStart(5),
        inode(random).toString().padStart(5),
        random.once(12) ? "" : sctpAddresses(random, false),
      ].join(" "),
  };
}

function sctpAssociations(path: string): Format {
  return {
    path,
    header: [
      " ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS HBINT INS OUTS MAXRT T1X T2X RTXC wmema wmemq sndbuf rcvbuf",
    ],
    line: (random) =>
      [
        "0000000000000000",
        "0000000000000000",
        random.between(0, 2).toString().padEnd(3),
        random.pick([1, 1, 7]).toString().padEnd(3),
        random.between(0, 7).toString().padEnd(2),
        random.below(64).toString().padEnd(4),
        random.below(99).toString().padStart(4),
        random.pick([0, 0, 1, 1500, 212992]).toString().padStart(8),
        random.pick([0, 0, 1, 1500, 212992]).toString().padStart(8),
        random.pick(UIDS).toString().padStart(7),
        inode(random).toString().padStart(5),
        random.pick(PORTS).toString().padEnd(5),
        random.pick(PORTS).toString().padStart(5),
        `${sctpAddresses(random, random.once(9))}<-> ${
          sctpAddresses(random, true)
        }\t   7500    10    10   10    0    0        0        1        0   212992   212992`,
      ].join(" "),
  };
}

const PATHS = [
  "",
  "",
  " /run/dbus/system_bus_socket",
  " /run/systemd/private",
  " @/tmp/.X11-unix/X0",
  " @",
  " @00012",
  " /run/with space/sock",
  " /tmp/\xc3\xa9\xe2\x82\xac",
  ` /${"p/".repeat(52)}p`,
];

const unix: Format = {
  path: "/proc/net/unix",
  header: ["Num       RefCount Protocol Flags    Type St Inode Path"],
  line(random) {
    const listens = random.once(3);
    return `${random.hex(16).toLowerCase()}: ${hex(random.between(2, 9), 8)} ${
      hex(0, 8)
    } ${listens ? "00010000" : "00000000"} ${
      hex(random.pick([1, 1, 2, 5]), 4)
    } ${listens ? "01" : random.pick(["01", "03", "03", "02"])} ${
      inode(random).toString().padStart(5)
    }${random.pick(PATHS)}`;
  },
};

function ipxAddress(random: Random): string {
  const network = random.once(4)
    ? random.pick(["00000000", "FFFFFFFF"])
    : random.hex(8);
  const node = random.once(4) ? "000000000000" : random.hex(12);
  return `${network}:${node}:${random.hex(4)}`;
}

const ipx: Format = {
  path: "/proc/net/ipx/socket",
  most: EXPLAINED_MOST,
  header: [
    "Local_Address               Remote_Address              Tx_Queue  Rx_Queue  State  Uid",
  ],
  line: (random) =>
    [
      ipxAddress(random),
      random.once(2) ? "Not_Connected".padEnd(26) : ipxAddress(random),
      quantity(random, 8),
      quantity(random, 8),
      random.pick(["07", "01", "02"]).padEnd(5),
      random.pick([0, 1000, 112, 5]).toString().padStart(3, "0"),
    ].join("  "),
};

const CALLS = ["N0CALL", "N0CALL-1", "G4ABC-15", "DB0NR-5", "AA1AA", "F6BVP-9"];

function call(random: Random): string {
  return random.once(4) ? "*" : random.pick(CALLS);
}

function device(random: Random, name: string): string {
  return random.once(5) ? "???" : name + random.pick([0, 0, 1, 2]);
}

/** Timers as the packet radio tables have them. */
function timers(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.below(200)).join(" ");
}

const ax25: Format = {
  path: "/proc/net/ax25",
  header: [],
  line: (random) =>
    [
      `${random.hex(16).toLowerCase()}`,
      device(random, "ax"),
      random.pick(CALLS) + (random.once(5) ? "*" : ""),
      call(random) +
      (random.once(3) ? `,${random.pick(CALLS)},${random.pick(CALLS)}*` : ""),
      random.below(5),
      random.below(8),
      random.below(8),
      timers(random, 14),
      random.once(3)
        ? "* * *"
        : `${random.below(3000)} ${random.below(3000)} ${inode(random)}`,
    ].join(" "),
};

const oldAx25: Format = {
  path: "/proc/net/ax25",
  header: [
    "dest_addr src_addr  dev   st vs vr va    t1     t2     t3      idle   n2  rtt wnd paclen Snd-Q Rcv-Q",
  ],
  line: (random) =>
    `${call(random).padEnd(9)} ${random.pick(CALLS).padEnd(9)} ${
      device(random, "ax").padEnd(4)
    } ${random.below(5).toString().padStart(2)} ${
      random.below(8).toString().padStart(2)
    } ${
      random.below(8).toString().padStart(2)
    }  0   0/010  0/03   0/300   0/000  0/10   4   2  256${
      random.once(3)
        ? ""
        : ` ${random.below(3000).toString().padStart(5)} ${
          random.below(3000).toString().padStart(5)
        }`
    }`,
};

function digits(random: Random, most: number): string {
  if (random.once(5)) return "*";
  const count = random.between(1, most);
  return Array.from({ length: count }, () => random.below(10)).join("");
}

/** X.25's file, which older kernels have where it is now a folder. */
function x25(path: string): Format {
  return {
    path,
    most: EXPLAINED_MOST,
    header: [
      "dest_addr  src_addr   dev   lci st vs vr va   t  t2 t21 t22 t23 Snd-Q Rcv-Q inode",
    ],
    line: (random) =>
      [
        digits(random, 10).padEnd(10),
        digits(random, random.once(8) ? 10 : 9).padEnd(10),
        device(random, "x25").padEnd(5),
        random.once(3)
          ? "000"
          : random.once(9)
          ? random.hex(3)
          : random.below(1000).toString().padStart(3, "0"),
        ` ${random.below(5)} `,
        `${random.below(8)} `,
        `${random.below(8)} `,
        `${random.below(8)} `,
        "  0   3 200 180 180",
        random.below(3000).toString().padStart(5),
        random.below(3000).toString().padStart(5),
        inode(random),
      ].join(" "),
  };
}

const netrom: Format = {
  path: "/proc/net/nr",
  header: [
    "user_addr dest_node src_node  dev    my  your  st  vs  vr  va    t1     t2     t4      idle   n2  wnd Snd-Q Rcv-Q inode",
  ],
  line: (random) =>
    `${call(random).padEnd(9)} ${call(random).padEnd(9)} ${
      random.pick(CALLS).padEnd(9)
    } ${device(random, "nr").padEnd(3)}  ${random.hex(2)}/${random.hex(2)} ${
      random.hex(2)
    }/${random.hex(2)} ${random.below(4).toString().padStart(2)} ${
      random.below(256).toString().padStart(3)
    } ${random.below(256).toString().padStart(3)} ${
      random.below(256).toString().padStart(3)
    }   0/120  0/05   0/180   0/020  0/03   4 ${
      random.below(3000).toString().padStart(5)
    } ${random.below(3000).toString().padStart(5)} ${inode(random)}`,
};

const rose: Format = {
  path: "/proc/net/rose",
  most: EXPLAINED_MOST,
  header: [
    "dest_addr  dest_call src_addr   src_call  dev   lci neigh st vs vr va   t  t1  t2  t3  hb    idle Snd-Q Rcv-Q inode",
  ],
  line(random) {
    // a real address has ten digits, for which net-tools has no room
    const end = () =>
      `${digits(random, random.once(9) ? 10 : 8).padEnd(10)} ${
        call(random).padEnd(9)
      }`;
    return `${end()} ${end()} ${device(random, "ros").padEnd(5)} ${
      random.once(9)
        ? random.hex(3)
        : random.below(1000).toString().padStart(3, "0")
    } ${random.below(100).toString().padStart(5, "0")}  ${
      random.below(4)
    }  0  1  0   0 200 180 180   5   0/000 ${
      random.below(3000).toString().padStart(5)
    } ${random.below(3000).toString().padStart(5)} ${inode(random)}`;
  },
};

function bluetoothAddress(random: Random): string {
  if (random.once(3)) return "00:00:00:00:00:00";
  return Array.from({ length: 6 }, () => random.hex(2).toLowerCase()).join(":");
}

const l2cap: Format = {
  path: "/sys/kernel/debug/bluetooth/l2cap",
  most: EXPLAINED_MOST,
  header: [],
  line(random) {
    const typed = !random.once(4);
    const end = () =>
      bluetoothAddress(random) + (typed ? ` (${random.below(3)})` : "");
    const channel = () => `0x${random.hex(4).toLowerCase()}`;
    return `${end()} ${end()} ${random.between(1, 9)} ${
      random.pick([1, 25, 4097])
    } ${channel()} ${channel()} ${random.below(65536)} ${random.below(2000)} ${
      random.below(5)
    } 0`;
  },
};

const rfcomm: Format = {
  path: "/sys/kernel/debug/bluetooth/rfcomm",
  most: EXPLAINED_MOST,
  header: [],
  line: (random) =>
    `${bluetoothAddress(random)} ${bluetoothAddress(random)} ${
      random.between(1, 9)
    } ${random.between(0, 30)}`,
};

const HOSTS = [
  "127.0.0.1 localhost.localdomain localhost",
  "127.0.0.1 second",
  "10.0.0.2 peer.example.com peer",
  "10.0.0.3 averyveryverylonghostname.sub.example.com longone",
  "0.1.2.3 zerohost",
  "::1 ip6-localhost ip6-loopback",
  "2001:db8::1 v6host.example.org v6",
  "fe80::1 linklocal",
  "255.255.255.255 bcast",
  "10.0.0.8 only4.example.com",
  "::ffff:10.0.0.9 mapped.example.com",
  "10.0.0.9 notmapped.example.com # not this",
  "0.0.0.0 anyhost",
  ":: any6",
  "# a comment",
  "192.168.1.77\ttabs\there",
  `192.168.100.200 ${"long".repeat(40)}`,
];

const SERVICES = [
  "http 80/tcp www # one",
  "http-two 80/tcp",
  "ssh 22/tcp",
  "domain 53/tcp",
  "domain 53/udp",
  "ntp 123/udp",
  "onlytcp 500/tcp",
  "https\t\t443/tcp",
  "rawserv 99/raw",
  "six 6/raw",
  "a-very-long-service-name-indeed 7777/tcp",
  "sctpsvc 3868/sctp",
  "z 65535/tcp",
  "zero 0/tcp",
  `${"service".repeat(12)} 7777/udp`,
  "",
];

const PROTOCOLS = [
  "# Internet protocols",
  "ip\t0\tIP",
  "icmp\t1\tICMP",
  "tcp\t6\tTCP",
  "udp 17 UDP",
  "ipv6-icmp\t58\tIPv6-ICMP",
];

const NETWORKS = [
  "zeronet 0.1.2.0",
  "zn2 0.1.2.4",
  "loopback 127.0.0.0",
  "ten 10",
];

const USERS = [
  "root:x:0:0:root:/root:/bin/bash",
  "www-data:x:33:33::/var/www:/usr/sbin/nologin",
  "postgres:x:112:120::/var/lib/postgresql:/bin/bash",
  "alice:x:1000:1000::/home/alice:/bin/sh",
  "second-alice:x:1000:1000::/home/alice:/bin/sh",
  "systemd-timesync-long:x:1001:996::/:/usr/sbin/nologin",
  "nobody:x:65534:65534::/:/usr/sbin/nologin",
];

const COMMANDS = [
  "/usr/sbin/sshd\0-D\0",
  "sshd: root@pts/0\0",
  "/usr/sbin/sshd: root@pts/0\0",
  "nginx: worker process is shutting down\0",
  "./rel/path/prog\0",
  "",
  "/\0",
  "/sbin/dir/\0",
  "/usr/bin/a b/c d\0x",
  "-bash\0",
  "/opt/verylongprogramname\0",
  "no-nul",
  "\0",
  "/a/\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\0",
  "/bin/e\x1b[31mvil\0",
  "/bin/two\nlines\tand a tab\0",
  `/${"long/".repeat(120)}name\0`,
];

function descriptor(random: Random): string {
  // no process holds a socket without an inode
  const number = inode(random) || 1;
  if (random.once(30)) {
    return random.pick([
      `socket:[0x${number.toString(16)}]`,
      `socket:[0${number.toString(8)}]`,
      `socket:[${number}`,
      `socket:[${number}x]`,
      `socket:[ ${number}]`,
      `socket:[-${number}]`,
      `socket:[+${number}]`,
      `socket:[${number.toString().padStart(22, "0")}]`,
      `[0000]:${number}`,
      "socket:[]",
      "[0000]:",
    ]);
  }
  return random.once(4)
    ? random.pick(["/dev/null", "pipe:[21]", "anon_inode:[eventpoll]"])
    : `socket:[${number}]`;
}

function around(random: Random): Around {
  const tree = new Map<string, string>();
  const links = new Map<string, string>();
  const files = {
    hosts: HOSTS,
    services: SERVICES,
    protocols: PROTOCOLS,
    networks: NETWORKS,
    passwd: USERS,
  };
  for (const [name, lines] of Object.entries(files)) {
    if (random.once(5)) continue;
    const some = lines.filter(() => !random.once(5))
      .map((line) => random.once(60) ? oddLine(line, random) : line);
    tree.set(`/etc/${name}`, some.map((line) => `${line}\n`).join(""));
  }
  // a file where a folder should be
  if (random.once(40)) {
    tree.set(
      random.pick(["/proc/net/ipx", "/proc/net/sctp"]),
      "Local_Address\n",
    );
  }
  const processes = random.pick([0, 1, 3, 6]);
  for (let i = 0; i < processes; i++) {
    const pid = random.pick([1, 7, 55, 100, 812, 930, 2044, 1234567]);
    if (!random.once(12)) {
      tree.set(`/proc/${pid}/cmdline`, random.pick(COMMANDS));
    }
    for (let fd = random.below(8); fd > 0; fd--) {
      links.set(`/proc/${pid}/fd/${random.below(30)}`, descriptor(random));
    }
  }
  return { tree, links };
}

const PROTOCOL_OPTIONS = [
  "-t",
  "-u",
  "-U",
  "-w",
  "-S",
  "-x",
  "--tcp",
  "--udp",
  "--unix",
];

const FAMILY_OPTIONS = [
  "-4",
  "-6",
  "-4",
  "-6",
  "--inet",
  "--inet6",
  "--ax25",
  "--x25",
  "--ipx",
  "--netrom",
  "--rose",
  "--unix",
  "-Ainet",
  "-Ainet6,unix",
  "--protocol=ipx,ax25",
  "-Arose,x25,netrom",
  "-Aip6",
  "-Atcpip",
];

const SELDOM_OPTIONS = [
  "-2",
  "-f",
  "--bluetooth",
  "-Abluetooth",
  "-Addp",
  "-Aeconet",
  "-Aash",
  "--tcpip",
  "-Z",
  "-V",
  "-h",
  "-k",
  "--num",
  "word",
  "-",
  "--",
  "-Afoo",
  "-Ainet,",
  "-d",
];

function args(random: Random): string[] {
  const chosen: string[] = [];
  const maybe = (often: number, ...words: string[]) => {
    if (random.once(often)) chosen.push(random.pick(words));
  };
  switch (random.below(4)) {
    case 0:
      break;
    case 1:
      chosen.push(random.pick(PROTOCOL_OPTIONS));
      break;
    case 2:
      chosen.push(random.pick(FAMILY_OPTIONS));
      break;
    default:
      chosen.push(
        ...PROTOCOL_OPTIONS.filter(() => random.once(3)),
        ...FAMILY_OPTIONS.filter(() => random.once(12)),
      );
  }
  if (random.once(2)) chosen.push(random.pick(["-n", "--numeric"]));
  else {
    maybe(4, "--numeric-hosts");
    maybe(4, "--numeric-ports");
    maybe(4, "--numeric-users");
    maybe(8, "-N", "--symbolic");
  }
  maybe(2, "-a", "-a", "--all", "-l");
  maybe(5, "-l", "--listening");
  maybe(3, "-e", "-ee", "--extend");
  maybe(3, "-o", "--timers");
  maybe(3, "-p", "--programs");
  maybe(4, "-W", "--wide");
  maybe(4, "-v", "--verbose");
  maybe(12, "-C", "-F", "--cache", "--fib");
  maybe(12, ...SELDOM_OPTIONS);
  return random.shuffle(chosen);
}

/** All tables of sockets. */
const sockets: Subject = {
  name: "sockets",
  formats: [
    ...inetFormats,
    sctpEndpoints("/proc/net/sctp/eps"),
    sctpAssociations("/proc/net/sctp/assocs"),
    sctpEndpoints("/proc/net/sctp6/eps"),
    sctpAssociations("/proc/net/sctp6/assocs"),
    unix,
    ipx,
    ax25,
    oldAx25,
    x25("/proc/net/x25"),
    x25("/proc/net/x25/socket"),
    netrom,
    rose,
    l2cap,
    rfcomm,
  ],
  around,
  args,
  inFiles: true,
  deviations: DEVIATIONS,
};

export default sockets;
