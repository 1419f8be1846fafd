/**
 * Addresses: from the kernel's hexadecimal words and from text to bytes, and from
 * bytes to the spellings of net-tools and of RFC 5952.
 */

import assert from "node:assert/strict";
import {
  Address,
  hexWord,
  parseIpv4,
  parseIpv6,
  spellAddress,
  wordBytes,
  writeAddress,
  writePlainAddress,
} from "../core/contract/ip.ts";
import { collector } from "./program.ts";

/** The kernel's words, as a little-endian machine prints them. */
const WORDS: { input: string; want: string }[] = [
  // the rows of the case tcp6-address-forms
  { input: "00000000000000000000000000000000", want: "::" },
  { input: "00000000000000000000000001000000", want: "::1" },
  { input: "000080FE000000000000000001000000", want: "fe80::1" },
  { input: "B80D0120000000000000000001000000", want: "2001:db8::1" },
  { input: "B80D0120020001000400030006000500", want: "2001:db8:1:2:3:4:5:6" },
  {
    input: "FFFFFFFDFFFFFFFFFFFFFFFFFFFFFFFF",
    want: "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  },
  { input: "0000000000000000FFFF0000C864A8C0", want: "::ffff:192.168.100.200" },
  { input: "0000000000000000FFFF000000000000", want: "::ffff:0.0.0.0" },
  { input: "00000000000000000000000004030201", want: "::1.2.3.4" },
  { input: "00000000000000000000FFFF04030201", want: "::ffff:0:102:304" },
  { input: "9BFF6400000000000000000004030201", want: "64:ff9b::102:304" },
  { input: "B80D0120000000000000010001000000", want: "2001:db8::1:0:0:1" },
  { input: "00000120010000000000000001000000", want: "2001:0:0:1::1" },
  { input: "00000100000001000000010000000100", want: "1:0:1:0:1:0:1:0" },
  { input: "00000000000000000000000000000200", want: "::0.2.0.0" },
  { input: "00000100000000000000000000000000", want: "1::" },
  {
    input: "B80D0120BBBBAAAADDDDCCCCFFFFEEEE",
    want: "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
  },
  // others
  { input: "0000000000000000FFFF00000100007F", want: "::ffff:127.0.0.1" },
  { input: "0100007F", want: "127.0.0.1" },
  { input: "00000000", want: "0.0.0.0" },
  { input: "ffffffff", want: "255.255.255.255" },
  { input: "4D01A8C0", want: "192.168.1.77" },
  { input: "22d8b85D", want: "93.184.216.34" },
  { input: "636409C8", want: "200.9.100.99" },
];

for (const { input, want } of WORDS) {
  Deno.test(`hexWord and spellAddress: ${input} is ${want}`, () => {
    const address = new Address();
    address.length = input.length === 8 ? 4 : 16;
    const bytes = new TextEncoder().encode(input);
    for (let i = 0; i < input.length; i += 8) {
      assert.ok(hexWord(bytes, i, address.bytes, i / 2) >= 0);
    }
    assert.equal(spellAddress(address), want);
  });
}

Deno.test("hexWord: any byte that is no digit is told", () => {
  const into = new Uint8Array(4);
  for (let at = 0; at < 8; at++) {
    for (const byte of [0, 32, 47, 58, 64, 71, 96, 103, 120, 255]) {
      const bytes = new TextEncoder().encode("0100007F");
      bytes[at] = byte;
      assert.ok(hexWord(bytes, 0, into, 0) < 0, `${byte} at ${at}`);
    }
  }
});

Deno.test("wordBytes: the first byte is the lowest", () => {
  const into = new Uint8Array(4);
  wordBytes(0x0100007f, into);
  assert.deepEqual([...into], [127, 0, 0, 1]);
  wordBytes(0xffff_fffe, into);
  assert.deepEqual([...into], [254, 255, 255, 255]);
});

/** IPv6 groups and their spelling. */
const GROUPS: {
  name: string;
  input: number[];
  want: string;
  /** What net-tools prints, if that is something else. */
  text?: string;
}[] = [
  {
    name: "no zeros",
    input: [1, 2, 3, 4, 5, 6, 7, 8],
    want: "1:2:3:4:5:6:7:8",
  },
  {
    name: "one zero stays",
    input: [1, 0, 3, 4, 5, 6, 7, 8],
    want: "1:0:3:4:5:6:7:8",
  },
  {
    name: "one zero first",
    input: [0, 2, 3, 4, 5, 6, 7, 8],
    want: "0:2:3:4:5:6:7:8",
  },
  {
    name: "one zero last",
    input: [1, 2, 3, 4, 5, 6, 7, 0],
    want: "1:2:3:4:5:6:7:0",
  },
  { name: "two zeros", input: [1, 0, 0, 4, 5, 6, 7, 8], want: "1::4:5:6:7:8" },
  {
    name: "two zeros first",
    input: [0, 0, 3, 4, 5, 6, 7, 8],
    want: "::3:4:5:6:7:8",
  },
  {
    name: "two zeros last",
    input: [1, 2, 3, 4, 5, 6, 0, 0],
    want: "1:2:3:4:5:6::",
  },
  {
    name: "a tie: the first",
    input: [1, 0, 0, 4, 0, 0, 7, 8],
    want: "1::4:0:0:7:8",
  },
  {
    name: "the longer one",
    input: [1, 0, 0, 4, 0, 0, 0, 8],
    want: "1:0:0:4::8",
  },
  {
    name: "five zeros first",
    input: [0, 0, 0, 0, 0, 6, 7, 8],
    want: "::6:7:8",
  },
  {
    name: "six zeros: a quad",
    input: [0, 0, 0, 0, 0, 0, 0x102, 0x304],
    want: "::1.2.3.4",
  },
  {
    name: "six zeros and one",
    input: [0, 0, 0, 0, 0, 0, 1, 0],
    want: "::0.1.0.0",
  },
  { name: "seven zeros", input: [0, 0, 0, 0, 0, 0, 0, 0xffff], want: "::ffff" },
  {
    name: "six zeros elsewhere",
    input: [1, 0, 0, 0, 0, 0, 0, 2],
    want: "1::2",
  },
  {
    name: "mapped",
    input: [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1],
    want: "::ffff:127.0.0.1",
    text: "127.0.0.1",
  },
  {
    name: "nearly mapped",
    input: [0, 0, 0, 0, 0, 0xfffe, 0x7f00, 1],
    want: "::fffe:7f00:1",
  },
  {
    name: "mapped, but for a bit",
    input: [0, 0, 0, 0, 1, 0xffff, 0x7f00, 1],
    want: "::1:ffff:7f00:1",
  },
  {
    name: "digits",
    input: [0xf, 0x10, 0xff, 0x100, 0xfff, 0x1000, 0xffff, 0xabcd],
    want: "f:10:ff:100:fff:1000:ffff:abcd",
  },
];

for (const { name, input, want, text = want } of GROUPS) {
  Deno.test(`spellAddress: ${name}: ${want}`, () => {
    const address = fromGroups(input);
    assert.equal(spellAddress(address), want);
    const written = collector();
    writePlainAddress(written.out, address);
    assert.equal(written.text(), want);
    const printed = collector();
    writeAddress(printed.out, address);
    assert.equal(printed.text(), text);
    const again = new Address();
    assert.equal(parseIpv6(want, again), true);
    assert.deepEqual(again.copy(), address.copy());
  });
}

Deno.test("spellAddress: every octet", () => {
  const address = new Address();
  for (let value = 0; value < 256; value++) {
    address.bytes.set([value, 0, 255 - value, value]);
    assert.equal(spellAddress(address), `${value}.0.${255 - value}.${value}`);
  }
});

Deno.test("Address: what is null, what is mapped, what is copied", () => {
  const address = new Address();
  assert.equal(address.isNull(), true);
  assert.equal(address.isMapped(), false);
  assert.equal(address.copy().length, 4);
  address.bytes[4] = 1;
  assert.equal(address.isNull(), true, "only four bytes count");
  address.length = 16;
  assert.equal(address.isNull(), false);
  assert.equal(address.copy().length, 16);
  const copy = address.copy();
  address.bytes[4] = 2;
  assert.equal(copy[4], 1);
  assert.equal(fromGroups([0, 0, 0, 0, 0, 0, 0, 1]).isNull(), false);
  assert.equal(fromGroups([0, 0, 0, 0, 0, 0xffff, 0, 0]).isMapped(), true);
  assert.equal(fromGroups([0, 0, 0, 0, 0, 0xffff, 0, 0]).isNull(), false);
});

/** `inet_aton`; undefined where it refuses. */
const IPV4: { input: string; want: string | undefined }[] = [
  { input: "1.2.3.4", want: "1.2.3.4" },
  { input: "0.0.0.0", want: "0.0.0.0" },
  { input: "255.255.255.255", want: "255.255.255.255" },
  { input: "0", want: "0.0.0.0" },
  { input: "1", want: "0.0.0.1" },
  { input: "4294967295", want: "255.255.255.255" },
  { input: "4294967296", want: undefined },
  { input: "127.1", want: "127.0.0.1" },
  { input: "1.16777215", want: "1.255.255.255" },
  { input: "1.16777216", want: undefined },
  { input: "1.2.3", want: "1.2.0.3" },
  { input: "1.2.65535", want: "1.2.255.255" },
  { input: "1.2.65536", want: undefined },
  { input: "1.2.3.256", want: undefined },
  { input: "256.2.3.4", want: undefined },
  { input: "1.256.3", want: undefined },
  { input: "0177.0.0.01", want: "127.0.0.1" },
  { input: "00.0.0.010", want: "0.0.0.8" },
  { input: "0x7f.0.0.0X1", want: "127.0.0.1" },
  { input: "0x7f000001", want: "127.0.0.1" },
  { input: "0xFFFFFFFF", want: "255.255.255.255" },
  { input: "037777777777", want: "255.255.255.255" },
  { input: "08.0.0.1", want: undefined },
  { input: "1.2.3.09", want: undefined },
  { input: "0x", want: undefined },
  { input: "0xg", want: undefined },
  { input: "", want: undefined },
  { input: ".", want: undefined },
  { input: "1.", want: undefined },
  { input: ".1", want: undefined },
  { input: "1..2", want: undefined },
  { input: "1.2.3.4.", want: undefined },
  { input: "1.2.3.4.5", want: undefined },
  { input: "-1", want: undefined },
  { input: "+1", want: undefined },
  { input: "1e3", want: undefined },
  { input: "a.b.c.d", want: undefined },
  { input: "1,2,3,4", want: undefined },
  { input: "*", want: undefined },
  { input: "1".repeat(400), want: undefined },
];

for (const { input, want } of IPV4) {
  Deno.test(`parseIpv4: ${JSON.stringify(input.slice(0, 40))}`, () => {
    const address = new Address();
    address.length = 16;
    assert.equal(parseIpv4(input, address), want !== undefined);
    if (want !== undefined) assert.equal(spellAddress(address), want);
  });
}

const IPV6: { input: string; want: number[] | undefined }[] = [
  { input: "::", want: [0, 0, 0, 0, 0, 0, 0, 0] },
  { input: "::1", want: [0, 0, 0, 0, 0, 0, 0, 1] },
  { input: "1::", want: [1, 0, 0, 0, 0, 0, 0, 0] },
  { input: "1:2:3:4:5:6:7:8", want: [1, 2, 3, 4, 5, 6, 7, 8] },
  { input: "1:2:3:4:5:6:7::", want: [1, 2, 3, 4, 5, 6, 7, 0] },
  { input: "::2:3:4:5:6:7:8", want: [0, 2, 3, 4, 5, 6, 7, 8] },
  { input: "1:2::7:8", want: [1, 2, 0, 0, 0, 0, 7, 8] },
  { input: "FE80::aBcD", want: [0xfe80, 0, 0, 0, 0, 0, 0, 0xabcd] },
  {
    input: "2001:0db8:0000:0000:0000:0000:0000:0001",
    want: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1],
  },
  { input: "::1.2.3.4", want: [0, 0, 0, 0, 0, 0, 0x102, 0x304] },
  { input: "::ffff:127.0.0.1", want: [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1] },
  { input: "1:2:3:4:5:6:1.2.3.4", want: [1, 2, 3, 4, 5, 6, 0x102, 0x304] },
  { input: "64:ff9b::1.2.3.4", want: [0x64, 0xff9b, 0, 0, 0, 0, 0x102, 0x304] },
  { input: "", want: undefined },
  { input: ":", want: undefined },
  { input: ":::", want: undefined },
  { input: "1", want: undefined },
  { input: "1:2", want: undefined },
  { input: "1:2:3:4:5:6:7", want: undefined },
  { input: "1:2:3:4:5:6:7:8:9", want: undefined },
  { input: "1:2:3:4:5:6:7:", want: undefined },
  { input: ":2:3:4:5:6:7:8", want: undefined },
  { input: "1::3:4:5:6:7:8:9", want: undefined },
  { input: "1::2:3:4:5:6:7:8", want: undefined },
  { input: "1::2::3", want: undefined },
  { input: "1:::2", want: undefined },
  { input: "12345::", want: undefined },
  { input: "00001::", want: undefined },
  { input: "g::", want: undefined },
  { input: "::-1", want: undefined },
  { input: "::0x1", want: undefined },
  { input: ":: 1", want: undefined },
  { input: "fe80::1%eth0", want: undefined },
  { input: "[::1]", want: undefined },
  { input: "1.2.3.4", want: undefined },
  { input: ":1.2.3.4", want: undefined },
  { input: "::1.2.3", want: undefined },
  { input: "::1.2.3.4.5", want: undefined },
  { input: "::1.2.3.256", want: undefined },
  { input: "::1.2.3.4:5", want: undefined },
  { input: "::0x1.2.3.4", want: undefined },
  { input: "1:2:3:4:5:6:7:1.2.3.4", want: undefined },
];

for (const { input, want } of IPV6) {
  Deno.test(`parseIpv6: ${JSON.stringify(input)}`, () => {
    const address = new Address();
    address.bytes.fill(0xee);
    assert.equal(parseIpv6(input, address), want !== undefined);
    if (want === undefined) return;
    assert.equal(address.length, 16);
    assert.deepEqual(address.copy(), fromGroups(want).copy());
  });
}

function fromGroups(groups: readonly number[]): Address {
  const address = new Address();
  address.length = 16;
  for (const [i, value] of groups.entries()) {
    address.bytes.set([value >> 8, value & 255], 2 * i);
  }
  return address;
}
