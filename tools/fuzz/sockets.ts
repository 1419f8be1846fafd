/**
 * The sockets view.
 *
 * @module
 */

import type { Format, Subject } from "./format.ts";
import type { Random } from "./random.ts";

const tcp: Format = {
  path: "/proc/net/tcp",
  header: [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     ",
  ],
  line(random: Random) {
    const state = random.between(1, 11).toString(16).toUpperCase()
      .padStart(2, "0");
    return `${random.below(1000).toString().padStart(4)}: ${random.hex(8)}:${
      random.hex(4)
    } ${random.hex(8)}:${random.once(3) ? "0000" : random.hex(4)} ${state} ${
      random.hex(8)
    }:${random.hex(8)} 0${random.below(5)}:${random.hex(8)} ${random.hex(8)} ${
      random.below(1001).toString().padStart(5)
    } ${random.below(10).toString().padStart(8)} ${
      random.below(100000)
    } 1 0000000000000000 100 0 0 10 0`.padEnd(149);
  },
};

const sockets: Subject = {
  name: "sockets",
  formats: [tcp],
  args: (random) => ["-nt", ...random.some(["-a", "-e", "-o", "-W"])],
  deviations: [],
};

export default sockets;
