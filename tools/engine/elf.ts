/**
 * Reads the ELF image of a dynamically linked program, 64 bits and little-endian
 * (elf(5)), so far as the build changes it.
 *
 * @module
 */

/** `\x7fELF`, of 64 bits, little-endian. */
const MAGIC = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_STRTAB = 5n;
const DT_SYMTAB = 6n;
const DT_RELA = 7n;
const DT_RELASZ = 8n;
const DT_STRSZ = 10n;
const DT_VERSYM = 0x6ffffff0n;
const PHDR_SIZE = 56;
const DYN_SIZE = 16;
const SYM_SIZE = 24;
const RELA_SIZE = 24;
const EM_X86_64 = 62;
const EM_AARCH64 = 183;
const R_X86_64_RELATIVE = 8n;
const R_AARCH64_RELATIVE = 1027n;

/** A part of the file that is mapped. Addresses are relative to where it is loaded. */
interface Segment {
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/** A name that the dynamic linker looks up, or that other objects may. */
export interface DynamicSymbol {
  /** Where it is in `.dynsym`. */
  readonly index: number;
  /** Where its name starts in the names of all. */
  readonly name: number;
  /** Its address, 0 if it is in another object. */
  readonly address: number;
  /** How many bytes it has. */
  readonly size: number;
  /** Which version of the name in the other object is meant. */
  readonly version: number;
}

/**
 * The image of a program; what is changed here is changed in its bytes. Throws a
 * RangeError where the image lacks what is asked for.
 */
export class Image {
  readonly #view: DataView;
  readonly #segments: Segment[] = [];
  readonly #dynamic = new Map<bigint, number>();
  /** What addresses the dynamic linker writes, by where it writes them. */
  #pointers: Map<number, number> | undefined;

  /** The bytes may have more behind the image. */
  constructor(readonly bytes: Uint8Array) {
    if (!MAGIC.every((byte, at) => bytes[at] === byte)) {
      throw new RangeError("no ELF image of 64 bits, little-endian");
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#view = view;
    const headers = Number(view.getBigUint64(32, true));
    const count = view.getUint16(56, true);
    for (let i = 0; i < count; i++) {
      const at = headers + i * PHDR_SIZE;
      const type = view.getUint32(at, true);
      const [offset, address, , size] = [8, 16, 24, 32].map((field) =>
        Number(view.getBigUint64(at + field, true))
      ) as [number, number, number, number];
      if (type === PT_LOAD) this.#segments.push({ offset, address, size });
      if (type === PT_DYNAMIC) {
        for (let tag = offset; tag < offset + size; tag += DYN_SIZE) {
          const value = Number(view.getBigUint64(tag + 8, true));
          this.#dynamic.set(view.getBigInt64(tag, true), value);
        }
      }
    }
  }

  /** The machine that it is for, as compilers call it, if it is one of ours. */
  get machine(): "x86_64" | "aarch64" | undefined {
    const machine = this.#view.getUint16(18, true);
    if (machine === EM_X86_64) return "x86_64";
    return machine === EM_AARCH64 ? "aarch64" : undefined;
  }

  /** The address at which the program starts. */
  get entry(): number {
    return Number(this.#view.getBigUint64(24, true));
  }

  set entry(address: number) {
    this.#view.setBigUint64(24, BigInt(address), true);
  }

  /** Where the byte at an address is in the file. */
  offset(address: number): number | undefined {
    const segment = this.#segments.find((segment) =>
      address >= segment.address && address - segment.address < segment.size
    );
    return segment && address - segment.address + segment.offset;
  }

  /** All dynamic symbols. */
  *symbols(): Generator<DynamicSymbol> {
    const symbols = this.#table(DT_SYMTAB);
    const versions = this.#table(DT_VERSYM);
    const view = this.#view;
    // the linker puts the table of versions behind that of symbols
    for (let at = symbols; at < versions; at += SYM_SIZE) {
      const index = (at - symbols) / SYM_SIZE;
      yield {
        index,
        name: view.getUint32(at, true),
        address: Number(view.getBigUint64(at + 8, true)),
        size: Number(view.getBigUint64(at + 16, true)),
        version: view.getUint16(versions + 2 * index, true),
      };
    }
  }

  /** The dynamic symbol of that name. */
  symbol(name: string): DynamicSymbol | undefined {
    const want = new TextEncoder().encode(`${name}\0`);
    const names = this.#table(DT_STRTAB);
    const most = this.#value(DT_STRSZ) - want.length;
    const { bytes } = this;
    return this.symbols().find((symbol) =>
      symbol.name <= most &&
      want.every((byte, i) => bytes[names + symbol.name + i] === byte)
    );
  }

  /**
   * Gives a symbol the name that starts there, 0 for none. The dynamic linker looks
   * that one up instead.
   */
  rename({ index }: DynamicSymbol, name: number): void {
    const at = this.#table(DT_SYMTAB) + index * SYM_SIZE;
    this.#view.setUint32(at, name, true);
  }

  /**
   * Gives a symbol another name, which must not be longer than its own, in the same
   * version. The dynamic linker looks that one up instead. No other symbol may have
   * the same bytes in its name, which linkers let names that end alike have.
   */
  respell({ index, name }: DynamicSymbol, other: string): void {
    const names = this.#table(DT_STRTAB);
    const end = (name: number) => this.bytes.indexOf(0, names + name);
    const [start, length] = [names + name, end(name) - names - name];
    if (other.length > length) throw new RangeError(`${other} is too long`);
    for (const symbol of this.symbols()) {
      if (symbol.index !== index && end(symbol.name) === start + length) {
        throw new RangeError("another name ends with the same bytes");
      }
    }
    const spelled = new TextEncoder().encode(other.padEnd(length, "\0"));
    this.bytes.set(spelled, start);
  }

  /** The address that the program finds at an address. */
  pointer(address: number): number | undefined {
    return this.#pointersOf().get(address);
  }

  /** Where the program has the address of a C string that is this text. */
  pointersTo(text: string): number[] {
    const want = new TextEncoder().encode(`${text}\0`);
    const [first] = want;
    const { bytes } = this;
    return Array.from(this.#pointersOf())
      .filter(([, target]) => {
        const at = this.offset(target);
        return at !== undefined && bytes[at] === first &&
          want.every((byte, i) => bytes[at + i] === byte);
      })
      .map(([address]) => address);
  }

  #pointersOf(): Map<number, number> {
    if (this.#pointers !== undefined) return this.#pointers;
    const view = this.#view;
    const relative = this.machine === "x86_64"
      ? R_X86_64_RELATIVE
      : R_AARCH64_RELATIVE;
    const start = this.#table(DT_RELA);
    const end = start + this.#value(DT_RELASZ);
    this.#pointers = new Map();
    for (let at = start; at < end; at += RELA_SIZE) {
      if (view.getBigUint64(at + 8, true) !== relative) continue;
      const where = Number(view.getBigUint64(at, true));
      this.#pointers.set(where, Number(view.getBigInt64(at + 16, true)));
    }
    return this.#pointers;
  }

  /** What the dynamic linker is told by a tag. */
  #value(tag: bigint): number {
    const value = this.#dynamic.get(tag);
    if (value === undefined) throw new RangeError(`no tag ${tag} in ELF`);
    return value;
  }

  /** Where a table of the dynamic linker is in the file. */
  #table(tag: bigint): number {
    const offset = this.offset(this.#value(tag));
    if (offset === undefined) throw new RangeError(`no table ${tag} in ELF`);
    return offset;
  }
}
