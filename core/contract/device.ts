/**
 * What is known of a network interface, whoever was asked for it, and the table that
 * shows it. The terms are those of netdevice(7).
 *
 * @module
 */

import type {
  Frozen,
  Long,
  Out,
  Reference,
  Source,
  Table,
  View,
} from "./family.ts";

/** As many bytes of a hardware address are known as net-tools knows of it. */
export const HARDWARE_BYTES = 8;

/** `IFF_UP` (`linux/if.h`) */
export const UP = 0x1;

/** The IPv4 addresses of an interface, each of four bytes; null is what it lacks. */
export interface Inet {
  /** Its own address. */
  readonly address: Uint8Array;
  /** The other end's. */
  readonly destination: Uint8Array | null;
  /** The broadcast address. */
  readonly broadcast: Uint8Array | null;
  /** The network mask. */
  readonly netmask: Uint8Array | null;
}

/** The hardware's resources (`struct ifmap`). */
export interface Resources {
  /** Start of the shared memory. */
  readonly memoryStart: Long;
  /** Its end. */
  readonly memoryEnd: Long;
  /** I/O address. */
  readonly base: number;
  /** Interrupt number. */
  readonly interrupt: number;
  /** DMA channel. */
  readonly dma: number;
  /** The connector in use. */
  readonly port: number;
}

/** The bit of columns by which the medium of each interface is asked for. */
export const MEDIUM = 1;

/** What carries packets. */
export interface Medium {
  /** Millions of bits per second; null if it is not known. */
  readonly speed: number | null;
  /** `DUPLEX_…` of `linux/ethtool.h`: 0 is half, 1 full; null if it is not known. */
  readonly duplex: number | null;
}

/** What is known of an interface; null is what could not be asked. */
export interface Device {
  /** Its name, as a byte string; that of an alias has a colon. */
  readonly name: string;
  /** Its flags, of 16 bits. */
  readonly flags: number | null;
  /** The longest packet, in bytes. */
  readonly mtu: number | null;
  /** The hardware type (`ARPHRD_…`). */
  readonly type: number | null;
  /** The first bytes of the hardware address, as many as `HARDWARE_BYTES`. */
  readonly address: Uint8Array | null;
  /** Length of the transmit queue, in packets. */
  readonly queue: number | null;
  /** The hardware's resources. */
  readonly resources: Resources | null;
  /** The IPv4 addresses. */
  readonly inet: Inet | null;
  /** SLIP: seconds after which a packet is sent to fill the line; else 0. */
  readonly outfill: number;
  /** SLIP: seconds after which a silent line is given up; else 0. */
  readonly keepalive: number;
}

/** An interface of which nothing is known. */
export const UNKNOWN_DEVICE: Device = {
  name: "",
  flags: null,
  mtu: null,
  type: null,
  address: null,
  queue: null,
  resources: null,
  inet: null,
  outfill: 0,
  keepalive: 0,
};

/**
 * The table of network interfaces, which belong to no address family. Its file tells
 * of some of them what they count; the system is asked for the rest.
 */
// deno-lint-ignore no-explicit-any
export interface DeviceTable<Row extends Device = any> extends Table<Row> {
  /** The one file. */
  readonly sources: readonly [Source];
  /** How many lines of headings it begins with; `first` looks at each. */
  readonly headings: number;
  /** A row of which nothing is known. Its copies share the addresses that are read. */
  row(): Row;
  /** Whether the listing has the row. */
  keep(row: Row, view: View): boolean;
  /** The file with the addresses of all interfaces. */
  readonly reference: Required<Omit<Reference<Row>, "rows">>;
  /** How net-tools prints it. */
  readonly frozen: Frozen<Row> & {
    /**
     * Writes a row that is not made of cells, its newlines included. Returns false if
     * this one is.
     */
    write(out: Out, row: Row, view: View): boolean;
  };
}
