/**
 * What stands in the executable behind its base program, one after the other, where
 * nobody reads it unless it is needed: of embedded files the runtime makes two copies at
 * each start, which takes up to a millisecond a MiB.
 *
 * @module
 */

/** What stands there, by name, in this order. */
export type Behind = Readonly<Record<string, Uint8Array>>;

/** Where it stands, by name: from so many bytes behind the base program on. */
export type Places = Readonly<Record<string, { from: number; length: number }>>;

/** Where each of them stands. */
export function placesOf(behind: Behind): Places {
  let from = 0;
  const places = Object.entries(behind).map(([name, { length }]) => {
    const place = [name, { from, length }];
    from += length;
    return place;
  });
  return Object.fromEntries(places);
}

/** The path of the executable, whatever somebody has put in its place since. */
export const ITSELF = "/proc/self/exe";

/** The function that reads what stands there, as source. */
export const READER = `function bytesBehind(path, { from, length }) {
  using file = Deno.openSync(path);
  const bytesAt = (at, length) => {
    const bytes = new Uint8Array(length);
    file.seekSync(at, Deno.SeekMode.Start);
    for (let got = 0; got < length;) {
      const more = file.readSync(bytes.subarray(got));
      if (more === null) throw new Error("the executable is cut short");
      got += more;
    }
    return bytes;
  };
  const header = new DataView(bytesAt(0, 64).buffer);
  // where the section headers end: e_shoff + e_shentsize * e_shnum
  const end = Number(header.getBigUint64(40, true)) +
    header.getUint16(58, true) * header.getUint16(60, true);
  return bytesAt(end + from, length);
}
`;
