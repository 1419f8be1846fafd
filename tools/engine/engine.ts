/**
 * What the build changes in the engine, so that it may be started like any small
 * program: by services that systemd has locked up, and in pipes. And it gets a function
 * that reads the links of descriptors (links.h).
 *
 * Each change is one of data, but for the 3 KiB of start.c.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type DynamicSymbol, Image } from "./elf.ts";
import { START } from "./start.ts";

/** The engine is not as it is expected to be. */
export class EngineError extends Error {}

/** How far behind the beginning of {@linkcode START} its places are, … */
const PLACES = 8;

/** … and the first instruction that runs. */
const FIRST = PLACES + 16;

/**
 * A function for addons, which are none of ours. Its place is taken by a jump to that of
 * links.h, and by the code that runs first. All machines that the engine is made for have
 * it.
 */
export const UNUSED = "napi_create_typedarray";

/**
 * Changes the engine of this machine (`x86_64` or `aarch64`), in place. Throws an
 * {@linkcode EngineError} unless all is there, and as it is expected; what the bytes
 * are then is of no use.
 */
export function adapt(bytes: Uint8Array, machine: string): void {
  try {
    const image = new Image(bytes);
    if (image.machine !== machine) {
      throw new EngineError(
        `The engine is for another machine than ${machine}`,
      );
    }
    hearNoVariables(image);
    inheritSigpipe(image);
    withoutProtectionKeys(image);
    withoutStackTraces(image);
    startBefore(image, machine);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new EngineError(`Cannot read the engine: ${error.message}`);
  }
}

/**
 * Keeps the environment from the engine. By its variables anybody who sets them could
 * make it run, open and print what they like, crash it, and let it hang. Where it
 * asked `getenv` it now asks `atol`, which makes 0 of a name: the null pointer of a
 * variable that is not set. `tzset` looks at `TZ` by itself and reads the file that it
 * names; `abs` does nothing.
 */
function hearNoVariables(image: Image): void {
  // glibc's others that look one up
  for (const name of ["secure_getenv", "__secure_getenv"]) {
    if (image.symbol(name) !== undefined) {
      throw new EngineError(`The engine asks for variables by ${name}, too`);
    }
  }
  inPlaceOf(image, "getenv", "atol");
  inPlaceOf(image, "tzset", "abs");
}

/**
 * Leaves SIGPIPE as it was inherited: ending the program, or ignored. The runtime
 * ignores it by `signal`, which is nothing else's way of handling signals, at its
 * start. Where it called `signal` it now calls `getpid`: which takes any arguments,
 * does nothing, and does not fail.
 */
function inheritSigpipe(image: Image): void {
  image.rename(oldest(image, "signal"), found(image, "getpid").name);
}

/**
 * Lets V8 find no protection keys for memory (pkeys(7)), as where the C library has
 * none: to ask for them is not in systemd's `@system-service`, which kills who does.
 */
function withoutProtectionKeys(image: Image): void {
  for (const call of ["alloc", "free", "get", "mprotect", "set"]) {
    // without a name it is not found, which it need not be
    const symbol = image.symbol(`pkey_${call}`);
    if (symbol !== undefined) image.rename(symbol, 0);
  }
}

/**
 * Has V8 end with a message, and with no addresses of its code under it: where it
 * called `backtrace` it now calls `isascii`, which sees 0 of them.
 */
function withoutStackTraces(image: Image): void {
  inPlaceOf(image, "backtrace", "isascii");
  const bytes = Buffer.from(image.bytes.buffer, image.bytes.byteOffset);
  const heading = bytes.indexOf("==== C stack trace =", 0, "latin1");
  if (heading < 0) throw new EngineError("Cannot find V8's stack trace");
  bytes[heading] = 0;
}

/** Has the code of start.c run first, which may set V8's flag `--jitless`. */
function startBefore(image: Image, machine: string): void {
  const code = Uint8Array.fromHex(START[machine]!);
  const place = found(image, UNUSED);
  const at = image.offset(place.address);
  if (at === undefined || place.size < code.length) {
    throw new EngineError(`${UNUSED} has no room for the code that runs first`);
  }
  for (const { index, address } of image.symbols()) {
    const into = address - place.address;
    if (index !== place.index && into >= 0 && into < code.length) {
      throw new EngineError(`${UNUSED} is not alone in its place`);
    }
  }
  const places = new DataView(code.buffer);
  const fromHere = (address: number) =>
    BigInt(address - place.address - PLACES);
  places.setBigInt64(PLACES, fromHere(image.entry), true);
  places.setBigInt64(PLACES + 8, fromHere(flag(image, "jitless")), true);
  image.bytes.set(code, at);
  image.entry = place.address + FIRST;
}

/**
 * The address of a flag of V8's that is off. Its table has the addresses of the
 * flag's name, its value, its default, and what it is for.
 */
function flag(image: Image, name: string): number {
  const places = image.pointersTo(name).filter((at) =>
    [8, 16, 24].every((next) => image.pointer(at + next) !== undefined)
  );
  const value = places.length === 1
    ? image.pointer(places[0]! + 8)!
    : undefined;
  const at = value === undefined ? undefined : image.offset(value);
  if (value === undefined || at === undefined || image.bytes[at] !== 0) {
    throw new EngineError(`Cannot find V8's flag --${name} in the engine`);
  }
  return value;
}

/** Has the engine call another function of the C library's. */
function inPlaceOf(image: Image, name: string, other: string): void {
  const symbol = oldest(image, name);
  try {
    image.respell(symbol, other);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new EngineError(`Cannot respell ${name}: ${error.message}`);
  }
}

/**
 * A function in the C library's oldest version, which is `getpid`'s: those that we put
 * in the place of others have no other version.
 */
function oldest(image: Image, name: string): DynamicSymbol {
  const symbol = found(image, name);
  if (symbol.version !== found(image, "getpid").version) {
    throw new EngineError(`${name} and getpid are of different versions`);
  }
  return symbol;
}

function found(image: Image, name: string): DynamicSymbol {
  const symbol = image.symbol(name);
  if (symbol === undefined) {
    throw new EngineError(`Cannot find ${name} in the engine`);
  }
  return symbol;
}
