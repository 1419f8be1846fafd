/**
 * Makes connections that stay half open, since the second packet of the handshake
 * is dropped. Says `ready`, and ends when stdin closes. Wants a network namespace of
 * its own.
 *
 * @module
 */

const PORT = 7000;
const COUNT = 20;

const RULES = `table inet half {
  chain out {
    type filter hook output priority 0;
    tcp sport ${PORT} tcp flags & (syn | ack) == syn | ack drop
  }
}
`;

async function run(command: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(`Cannot ${command} ${args.join(" ")}`);
}

/** How many sockets of IPv4 and IPv6 are in SYN_RECV. */
async function halfOpen(): Promise<number> {
  const files = await Promise.all(
    ["tcp", "tcp6"].map((name) => Deno.readTextFile(`/proc/net/${name}`)),
  );
  return files.join("").match(/^ *\d+: \S+ \S+ 03 /gm)?.length ?? 0;
}

const rules = await Deno.makeTempFile();
await Deno.writeTextFile(rules, RULES);
await run("ip", "link", "set", "lo", "up");
await run("nft", "-f", rules);
await Deno.remove(rules);

Deno.listen({ hostname: "127.0.0.1", port: PORT });
Deno.listen({ hostname: "::1", port: PORT });
for (let i = 0; i < COUNT; i++) {
  for (const hostname of ["127.0.0.1", "::1"]) {
    Deno.connect({ hostname, port: PORT }).catch(() => {});
  }
}
while (await halfOpen() < 2 * COUNT) {
  await new Promise((resolve) => setTimeout(resolve, 10));
}
await Deno.stdout.write(new TextEncoder().encode("ready\n"));
for await (const _ of Deno.stdin.readable);
Deno.exit();
