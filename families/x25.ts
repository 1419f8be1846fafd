/**
 * X.25, the CCITT's packet-switched network layer.
 *
 * @module
 */

import {
  fact,
  foreign,
  heading,
  left,
  type Tones,
} from "../core/contract/column.ts";
import type { Columns, Family, Table } from "../core/contract/family.ts";
import { atoi, type Line } from "../core/contract/line.ts";
import {
  type Circuit,
  circuitColumns,
  deviceColumn,
  inodeWord,
  LINE_LIMIT,
  noCircuit,
} from "./_packet_radio.ts";
import { numberColumns } from "./_packet_radio_numbers.ts";
import { wordsOf } from "./_words.ts";

/** Where net-tools looks: a file until Linux 2.4, a folder since. */
const FORMERLY = "/proc/net/x25";

/** `X25_STATE_0` and so on, `include/net/x25.h` */
const STATES: Tones = {
  LISTENING: "listening",
  SABM_SENT: "pending",
  DISC_SENT: "closing",
  ESTABLISHED: "connected",
  RECOVERY: "pending",
};

/** A virtual circuit. */
interface Row extends Circuit {
  /** Whether the file is the one that net-tools can read. */
  readonly former: boolean;
  destination: string;
  source: string;
  /** The logical channel as the kernel writes it, in hexadecimal. */
  lci: string;
}

/**
 * Parses a line of `x25_seq_socket_show`:
 *
 * ```text
 * dest_addr  src_addr   dev   lci st vs vr va   t  t2 t21 t22 t23 Snd-Q Rcv-Q inode
 * 1234567    23456789   lapb5 001  3  1  2  1   0   3 200 180 180     0  1920 768
 * ```
 */
function parse(line: Line, row: Row): boolean {
  const words = wordsOf(line);
  const [destination, source, device, lci] = words;
  const [state, vs, vr] = words.slice(4, 7).map(atoi);
  if (
    !/^[0-9a-f]+$/i.test(lci ?? "") || state === undefined ||
    vs === undefined || vr === undefined
  ) return false;
  row.destination = destination!;
  row.source = source!;
  row.device = device!;
  row.lci = lci!;
  row.state = state;
  row.vs = vs;
  row.vr = vr;
  row.numbers.length = 0;
  for (let i = 7; i < 13; i++) row.numbers.push(atoi(words[i]) ?? null);
  row.sendQueue = atoi(words[13]) ?? 0;
  row.receiveQueue = atoi(words[14]) ?? 0;
  row.inode = inodeWord(words[15]);
  return true;
}

const columns: Columns<Row> = {
  proto: fact("name", () => "x25", "Protocol."),
  destination: foreign(
    "Dest",
    15,
    (row) => row.destination,
    "Address of the other end; null for a listening socket.",
    {
      kind: "address?",
      headerWidth: 12,
      none: "*",
    },
  ),
  source: foreign(
    "Source",
    15,
    (row) => row.source,
    "Address of this end; null for any.",
    {
      kind: "address?",
      none: "*",
      // net-tools: of a ten-digit source in its column the last digit is lost
      write: (out, { former, destination, source }) =>
        out.foreign(
          former && destination.length <= 10 && source.length === 10
            ? source.slice(0, 9)
            : source,
        ),
    },
  ),
  iface: deviceColumn("Device", 7),
  lci: left(
    "LCI",
    3,
    (row) => parseInt(row.lci, 16),
    "Logical channel identifier.",
    {
      kind: "integer",
      // net-tools: the kernel's hexadecimal digits, as they are
      write: (out, row) => out.ascii(row.lci.replace(/^0+(?=.)/, "")),
    },
  ),
  ...circuitColumns<Row>(STATES, 2),
  ...numberColumns<Row>("va", "timer_ms", "t2_s", "t21_s", "t22_s", "t23_s"),
};

const table: Table<Row> = {
  name: "x25",
  identity: ["proto", "source", "destination", "iface", "lci"],
  sources: [{
    path: "/proc/net/x25/socket",
    formerly: FORMERLY,
    proto: "x25",
    rank: 130,
    support: "AF X25",
  }],
  columns,
  frozen: {
    title: { text: () => "Active X.25 sockets", always: false },
  },
  lineLimit: LINE_LIMIT,
  row: (_source, path) => ({
    ...noCircuit(),
    former: path === FORMERLY,
    destination: "",
    source: "",
    lci: "0",
  }),
  parse,
  // net-tools: sockets without a channel are the listening ones
  keep: (row, view) => view.all || parseInt(row.lci, 16) !== 0,
};

/** The longest address, in digits. */
const ADDRESS_MOST = 15;

/** A route. */
interface Route {
  /** As the file has it, with the blanks that fill its column. */
  address: string;
  digits: number;
  device: string;
}

/**
 * Parses a line of `x25_seq_route_show`; the address is empty if no digit counts:
 *
 * ```text
 * Address          Digits  Device
 * 23411234500      11      x25d0
 * ```
 */
function parseRoute(line: Line, row: Route): boolean {
  const digits = atoi(line.place(17, 24).trimStart());
  const device = line.place(25, Infinity);
  if (digits === undefined || device.trim() === "") return false;
  row.address = line.place(0, ADDRESS_MOST).padEnd(ADDRESS_MOST);
  row.digits = digits;
  row.device = device;
  return true;
}

/** As many digits as count. */
function prefix({ address, digits }: Route): string {
  const good = digits >= 0 && digits <= ADDRESS_MOST;
  return address.slice(0, good ? digits : ADDRESS_MOST);
}

const routeColumns: Columns<Route> = {
  destination: foreign(
    "Destination",
    21,
    prefix,
    "Digits that an address starts with; null if any address fits.",
    {
      kind: "address?",
      value: (row) => prefix(row).trim() || null,
      write(out, row) {
        if (row.digits === 0) return out.ascii("*");
        const start = out.at;
        const digits = prefix(row);
        out.foreign(digits);
        out.ascii(`/${digits.length}`);
        out.pad(start, 18);
        out.ascii("   ");
      },
    },
  ),
  digits: fact("integer", (row) => row.digits, "How many digits count."),
  iface: foreign("Iface", 5, (row) => row.device, "Network interface.", {
    gap: 0,
    value: (row) => row.device.trim(),
    // net-tools: looks at ten bytes
    write: (out, row) => out.foreign(row.device.slice(0, 10)),
  }),
};

const routes: Table<Route> = {
  name: "x25 route",
  identity: ["destination", "digits", "iface"],
  sources: [{ path: "/proc/net/x25/route", formerly: "/proc/net/x25_routes" }],
  columns: routeColumns,
  frozen: {
    title: heading("Kernel X.25 routing table"),
    missing: { text: "X.25 not configured in this system.", listed: true },
  },
  lineLimit: LINE_LIMIT,
  row: () => ({ address: "", digits: 0, device: "" }),
  parse: parseRoute,
};

/** The kernel's `AF_X25`. */
export default {
  name: "x25",
  about: "CCITT X.25",
  tables: [table],
  routes: { tables: () => Promise.resolve([routes]) },
} satisfies Family;
