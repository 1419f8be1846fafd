/**
 * At which speed interfaces are: of the running kernel by an ioctl, so that the answer is
 * that of the program's own network namespace; of a saved tree by its `/sys/class/net`.
 *
 * @module
 */

import type { Medium } from "../contract/device.ts";
import { LITTLE_ENDIAN } from "../contract/ip.ts";
import { byteString, fromUtf8, NAME_MOST } from "../contract/line.ts";
import { Failure } from "./failures.ts";
import { addressOf, closeDescriptor, ioctl, openInterfaces } from "./libc.ts";
import type { Tree } from "./scan.ts";

/** `linux/sockios.h` */
const SIOCETHTOOL = 0x8946;

/** `struct ifreq`: a name, then a pointer. */
const IFREQ_SIZE = 40;
const IFNAMSIZ = NAME_MOST + 1;

/** `struct ethtool_cmd` (linux/ethtool.h), and where numbers are in it. */
const ETHTOOL_CMD_SIZE = 44;
const ETHTOOL_GSET = 1;
const SPEED = 12;
const DUPLEX = 14;
const SPEED_HI = 28;

/** `SPEED_UNKNOWN`, of 16 and of 32 bits */
const UNKNOWN_SPEEDS = [0, 0xffff, 0xffff_ffff];
/** `DUPLEX_FULL`; above it is what is not known. */
const FULL = 1;

const UNKNOWN: Medium = { speed: null, duplex: null };

/** ENODEV, EINVAL, ENOTTY, EOPNOTSUPP: what an interface answers that has no speed. */
const HAS_NONE = [19, 22, 25, 95];

/** Where media are asked. */
export interface Media {
  /** That of an interface. */
  find(name: string): Medium;
  /** Ends the asking. */
  close(): void;
}

/** The media of the live system or of a saved tree. */
export function mediaOf(tree: Tree): Media {
  return tree.live ? liveMedia(tree) : { find: savedIn(tree), close() {} };
}

function liveMedia(tree: Tree): Media {
  const { failures } = tree;
  const opened = tree.inside(openInterfaces);
  const socket = opened instanceof Failure ? -1 : opened;
  // why other namespaces are closed is told with their flags
  if (socket < 0 && opened === socket) {
    failures.add(Failure.ofErrno("interfaces", -socket));
  }
  return {
    find(name) {
      if (socket < 0) return UNKNOWN;
      const command = new Uint8Array(ETHTOOL_CMD_SIZE);
      const words = new DataView(command.buffer);
      words.setUint32(0, ETHTOOL_GSET, LITTLE_ENDIAN);
      const request = new Uint8Array(IFREQ_SIZE);
      for (let i = 0; i < Math.min(name.length, NAME_MOST); i++) {
        request[i] = name.charCodeAt(i);
      }
      new DataView(request.buffer)
        .setBigUint64(IFNAMSIZ, addressOf(command), LITTLE_ENDIAN);
      const errno = ioctl(socket, SIOCETHTOOL, request);
      if (errno !== 0) {
        if (!HAS_NONE.includes(errno)) {
          failures.add(Failure.ofErrno(`${name} (SIOCETHTOOL)`, errno));
        }
        return UNKNOWN;
      }
      const upper = words.getUint16(SPEED_HI, LITTLE_ENDIAN) * 0x1_0000;
      return mediumOf(
        upper + words.getUint16(SPEED, LITTLE_ENDIAN),
        command[DUPLEX]!,
      );
    },
    close() {
      if (socket >= 0) closeDescriptor(socket);
    },
  };
}

function mediumOf(speed: number, duplex: number): Medium {
  return {
    speed: UNKNOWN_SPEEDS.includes(speed) ? null : speed,
    duplex: duplex <= FULL ? duplex : null,
  };
}

/** What `/sys/class/net` tells; of what has no speed, reading is an error. */
function savedIn(tree: Tree): (name: string) => Medium {
  const read = (path: string) => {
    const bytes = tree.read(path, 64);
    return bytes instanceof Failure ? "" : byteString(bytes).trim();
  };
  return (name) => {
    const folder = `/sys/class/net/${fromUtf8(name)}`;
    const speed = read(`${folder}/speed`);
    const duplex = ["half", "full"].indexOf(read(`${folder}/duplex`));
    return {
      speed: /^[1-9]\d{0,9}$/.test(speed) ? Number(speed) : null,
      duplex: duplex < 0 ? null : duplex,
    };
  };
}
