/** Look-ups: many at once, each once, and a limit to the waiting. */

import assert from "node:assert/strict";
import { Lookups } from "../core/system/lookups.ts";

/** A look-up that ends when the test says so. */
class Call {
  begun = 0;
  readonly #result = Promise.withResolvers<string | undefined>();

  readonly lookUp = (): Promise<string | undefined> => {
    this.begun++;
    return this.#result.promise;
  };

  async end(name?: string): Promise<void> {
    this.#result.resolve(name);
    await this.#result.promise;
    await Promise.resolve(); // what follows from it comes first
  }
}

const FOREVER = 60_000;

Deno.test("lookups: an answer is waited for, and kept", async () => {
  const lookups = new Lookups(FOREVER);
  const call = new Call();
  assert.equal(lookups.ask("a", call.lookUp), undefined);
  assert.equal(lookups.missed(), true);
  assert.equal(lookups.missed(), false, "told once");
  assert.equal(lookups.ask("a", call.lookUp), undefined);
  assert.equal(lookups.missed(), true);
  const answered = lookups.answer();
  await call.end("name");
  await answered;
  assert.equal(lookups.ask("a", call.lookUp), "name");
  assert.equal(lookups.missed(), false);
  assert.equal(call.begun, 1);
});

Deno.test("lookups: that there is no name is kept, too", async () => {
  const lookups = new Lookups(FOREVER);
  const call = new Call();
  lookups.ask("a", call.lookUp);
  lookups.missed();
  await call.end(undefined);
  assert.equal(lookups.ask("a", call.lookUp), undefined);
  assert.equal(lookups.missed(), false);
  assert.equal(call.begun, 1);
});

Deno.test("lookups: 32 at once, the others in their order", async () => {
  const lookups = new Lookups(FOREVER);
  const calls = Array.from({ length: 100 }, () => new Call());
  calls.forEach((call, i) => lookups.ask(`${i}`, call.lookUp));
  const begun = () => calls.map((call) => call.begun).lastIndexOf(1) + 1;
  assert.equal(begun(), 32);
  await calls[7]!.end("7");
  assert.equal(begun(), 33);
  for (const call of calls) await call.end("x");
  assert.equal(begun(), 100);
  assert.equal(lookups.ask("99", calls[99]!.lookUp), "x");
});

Deno.test("lookups: when the time is up, nothing is waited for", async () => {
  const lookups = new Lookups(20);
  const [slow, late, other] = [new Call(), new Call(), new Call()];
  lookups.ask("slow", slow.lookUp);
  assert.equal(lookups.missed(), true);
  // by the clock, which may ring a little early, until it gives up
  do {
    await lookups.answer();
    assert.equal(lookups.ask("slow", slow.lookUp), undefined);
  } while (lookups.missed());
  assert.equal(lookups.ask("late", late.lookUp), undefined);
  assert.equal(lookups.missed(), false);

  // nor is it in the next round, while the one that was given up hangs
  await late.end("late");
  lookups.begin();
  assert.equal(lookups.ask("late", late.lookUp), "late", "but it is kept");
  assert.equal(lookups.ask("slow", slow.lookUp), undefined);
  assert.equal(lookups.ask("other", other.lookUp), undefined);
  assert.equal(lookups.missed(), false);

  // once it has ended, others are waited for again
  await slow.end("slow");
  await other.end(undefined);
  lookups.begin();
  assert.equal(lookups.ask("slow", slow.lookUp), "slow");
  lookups.ask("new", new Call().lookUp);
  assert.equal(lookups.missed(), true);
});

Deno.test("lookups: each round has its time from its first question on", async () => {
  const lookups = new Lookups(30);
  for (let round = 0; round < 2; round++) {
    lookups.begin();
    const call = new Call();
    lookups.ask(`${round}`, call.lookUp);
    assert.equal(lookups.missed(), true, `round ${round}`);
    const begin = performance.now();
    await lookups.answer();
    assert.ok(performance.now() - begin > 20);
    await call.end(undefined);
  }
});
