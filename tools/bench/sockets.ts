/**
 * Holds sockets: says `ready` when they are there, and ends when stdin does. Wants a
 * network namespace of its own, in which `lo` is up.
 *
 * ```sh
 * deno run -A sockets.ts KIND NUMBER COUNT FOLDER
 * ```
 *
 * NUMBER tells holders of one kind apart; UNIX sockets are bound below FOLDER.
 *
 * @module
 */

import { createSocket, type Socket } from "node:dgram";
import { RARE } from "./cases.ts";

/** Makes so many sockets. Returns what must be kept. */
type Kind = (
  how: { number: number; count: number; folder: string },
) => Promise<unknown[]>;

/** So many connections are made before the next ones. */
const AT_ONCE = 16;

/** Makes connections to a listener, both of whose ends count. */
async function connections<Conn>(
  listener: { accept(): Promise<Conn> },
  connect: () => Promise<Conn>,
  count: number,
): Promise<Conn[]> {
  const held: Conn[] = [];
  while (held.length < count) {
    const length = Math.min(AT_ONCE, Math.ceil((count - held.length) / 2));
    const near = Array.from({ length }, connect);
    for (let i = 0; i < length; i++) held.push(await listener.accept());
    held.push(...await Promise.all(near));
  }
  return held;
}

/** A listener and its connections. */
async function tcp(
  address: { readonly hostname: string; readonly port: number },
  count: number,
): Promise<unknown[]> {
  const listener = Deno.listen(address);
  const held = await connections(listener, () => Deno.connect(address), count);
  return [listener, ...held];
}

const KINDS: Readonly<Record<string, Kind>> = {
  tcp: ({ number, count }) =>
    tcp({ hostname: `127.0.0.${number + 1}`, port: 8080 }, count),

  /** Beside each that is accepted stands the one that connects. */
  rare: ({ count }) =>
    tcp({ hostname: "127.0.0.1", port: RARE.port }, 2 * (count - 1)),

  async unix({ number, count, folder }) {
    const address = {
      transport: "unix",
      path: `${folder}/server-${number}`,
    } as const;
    const listener = Deno.listen(address);
    const held = await connections(
      listener,
      () => Deno.connect(address),
      count,
    );
    return [listener, ...held];
  },

  listening({ number, count }) {
    const hostname = `127.0.0.${number + 1}`;
    const held = Array.from(
      { length: count },
      (_, i) => Deno.listen({ hostname, port: 10_000 + i }),
    );
    return Promise.resolve(held);
  },

  async udp({ number, count }) {
    const address = `127.0.0.${number + 1}`;
    return await Promise.all(Array.from({ length: count }, (_, i) => {
      const socket = createSocket("udp4");
      const { promise, resolve, reject } = Promise.withResolvers<Socket>();
      socket.once("error", reject);
      socket.bind(10_000 + i, address, () => resolve(socket));
      return promise;
    }));
  },

  /** The end that closes first waits: 60 s, whatever is set. */
  async "time-wait"({ number, count }) {
    const address = { hostname: `127.0.0.${number + 1}`, port: 8080 };
    const listener = Deno.listen(address);
    for (let made = 0; made < count;) {
      const ends = await connections(
        listener,
        () => Deno.connect(address),
        2 * Math.min(AT_ONCE, count - made),
      );
      for (const end of ends) end.close();
      made += ends.length / 2;
    }
    return [listener];
  },
};

if (import.meta.main) {
  const [kind, number, count, folder] = Deno.args;
  const held = await KINDS[kind!]!({
    number: Number(number),
    count: Number(count),
    folder: folder!,
  });
  await Deno.stdout.write(new TextEncoder().encode("ready\n"));
  for await (const _ of Deno.stdin.readable);
  // what is referred to here is not collected meanwhile
  Deno.exit(held.length > 0 ? 0 : 1);
}
