// Memory for a million people: numbers and short texts as bytes outside JavaScript's heap, where they cost what they are
// long and are not looked at by the garbage collector. Grow as needed, piece by piece, so that nothing is ever moved; nothing is
// ever taken out.

const NUMBERS_BITS = 15;
const NUMBERS = 2 ** NUMBERS_BITS;
const CHUNK_BITS = 20;
const CHUNK_BYTES = 2 ** CHUNK_BITS;
const HEAD_BYTES = 4;

/** Whole numbers from 0 to 2^32 - 1 by place; 0 where none was set. */
export interface Numbers {
  get(place: number): number;
  set(place: number, value: number): void;
}

export function numbers(): Numbers {
  const pieces: Uint32Array[] = [];

  return {
    get: (place) => pieces[place >>> NUMBERS_BITS]?.[place & (NUMBERS - 1)] ?? 0,
    set(place, value) {
      let piece = pieces[place >>> NUMBERS_BITS];
      while (piece === undefined) {
        pieces.push(new Uint32Array(NUMBERS));
        piece = pieces[place >>> NUMBERS_BITS];
      }
      piece[place & (NUMBERS - 1)] = value;
    },
  };
}

/** Texts, each under an address that is never 0. */
export interface Texts {
  keep(text: string): number;
  read(address: number): string;
  is(address: number, text: string): boolean;
  /** Two texts under one address. */
  keepBoth(one: string, other: string): number;
  readBoth(address: number): readonly [one: string, other: string];
  areBoth(address: number, one: string, other: string): boolean;
}

/** Bytes a character. */
const [NARROW, WIDE] = [1, 2];

export function texts(): Texts {
  let chunk = new Uint8Array(CHUNK_BYTES);
  const chunks: Uint8Array[] = [chunk];
  let end = HEAD_BYTES;

  function chunkOf(address: number): Uint8Array {
    return chunks[address >>> CHUNK_BITS] ?? new Uint8Array(HEAD_BYTES);
  }

  /** What is kept under one address lies in one chunk; what is longer than a chunk gets a longer one. Answers the address. */
  function makeRoom(bytes: number): number {
    if (end + bytes > CHUNK_BYTES) {
      chunk = new Uint8Array(Math.max(CHUNK_BYTES, bytes));
      chunks.push(chunk);
      end = 0;
    }
    return (chunks.length - 1) * CHUNK_BYTES + end;
  }

  return {
    keep(text) {
      const address = makeRoom(HEAD_BYTES + text.length * WIDE);
      end += write(chunk, end, text);
      return address;
    },
    read: (address) => read(chunkOf(address), address & (CHUNK_BYTES - 1)),
    is: (address, text) => isAt(chunkOf(address), address & (CHUNK_BYTES - 1), text),

    keepBoth(one, other) {
      const address = makeRoom(2 * HEAD_BYTES + (one.length + other.length) * WIDE);
      end += write(chunk, end, one);
      end += write(chunk, end, other);
      return address;
    },
    readBoth(address) {
      const at = address & (CHUNK_BYTES - 1);
      const chunk = chunkOf(address);
      return [read(chunk, at), read(chunk, endOf(chunk, at))];
    },
    areBoth(address, one, other) {
      const at = address & (CHUNK_BYTES - 1);
      const chunk = chunkOf(address);
      return isAt(chunk, at, one) && isAt(chunk, endOf(chunk, at), other);
    },
  };
}

function read(chunk: Uint8Array, at: number): string {
  const length = lengthAt(chunk, at);
  let text = "";
  for (let index = 0; index < length; index += 1) text += String.fromCharCode(codeAt(chunk, at, index));
  return text;
}

function isAt(chunk: Uint8Array, at: number, text: string): boolean {
  const { length } = text;
  if (lengthAt(chunk, at) !== length) return false;
  for (let index = 0; index < length; index += 1) {
    if (codeAt(chunk, at, index) !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** The head is the width in 2 bits and the length in 30. Answers how many bytes were written. */
function write(chunk: Uint8Array, at: number, text: string): number {
  const { length } = text;
  const from = at + HEAD_BYTES;
  let width = NARROW;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0xff) {
      width = WIDE;
      break;
    }
    chunk[from + index] = code;
  }
  for (let index = 0; width === WIDE && index < length; index += 1) {
    const code = text.charCodeAt(index);
    chunk[from + index * 2] = code;
    chunk[from + index * 2 + 1] = code >>> 8;
  }
  chunk[at] = width | ((length & 0x3f) << 2);
  chunk[at + 1] = length >>> 6;
  chunk[at + 2] = length >>> 14;
  chunk[at + 3] = length >>> 22;
  return HEAD_BYTES + length * width;
}

function lengthAt(chunk: Uint8Array, at: number): number {
  const low = ((chunk[at] ?? 0) >>> 2) | ((chunk[at + 1] ?? 0) << 6);
  return low | ((chunk[at + 2] ?? 0) << 14) | ((chunk[at + 3] ?? 0) << 22);
}

function widthAt(chunk: Uint8Array, at: number): number {
  return (chunk[at] ?? 0) & 3;
}

/** Where the text that begins at `at` ends. */
function endOf(chunk: Uint8Array, at: number): number {
  return at + HEAD_BYTES + lengthAt(chunk, at) * widthAt(chunk, at);
}

function codeAt(chunk: Uint8Array, at: number, index: number): number {
  const from = at + HEAD_BYTES;
  if (widthAt(chunk, at) === NARROW) return chunk[from + index] ?? 0;
  return (chunk[from + index * 2] ?? 0) | ((chunk[from + index * 2 + 1] ?? 0) << 8);
}

/** Fingerprints (32 hexadecimal digits) by place, as the four numbers that they are. Other texts are kept, too. */
export interface Prints {
  /** For `finder`. */
  hash(text: string): number;
  set(place: number, text: string): void;
  is(place: number, text: string): boolean;
  read(place: number): string;
}

const PRINT_LENGTH = 32;

export function prints(): Prints {
  const words = numbers();
  const others = new Map<number, string>();
  const given = new Uint32Array(4);
  let givenText = "";

  /** The words of a text into `given`. False: it is no fingerprint. */
  function take(text: string): boolean {
    if (text.length !== PRINT_LENGTH) return false;
    // What is sought is often kept next.
    if (text === givenText) return true;
    givenText = "";
    for (let word = 0; word < 4; word += 1) {
      let value = 0;
      for (let at = word * 8; at < word * 8 + 8; at += 1) {
        const digit = DIGITS[text.charCodeAt(at)] ?? -1;
        if (digit === -1) return false;
        value = (value << 4) | digit;
      }
      given[word] = value;
    }
    givenText = text;
    return true;
  }

  return {
    // A fingerprint is a hash already.
    hash: (text) => (take(text) ? (given[0] ?? 0) | 0 : hashOf(text)),
    set(place, text) {
      if (!take(text)) {
        others.set(place, text);
        return;
      }
      for (let word = 0; word < 4; word += 1) words.set(place * 4 + word, given[word] ?? 0);
    },
    is(place, text) {
      if (!take(text)) return others.get(place) === text;
      for (let word = 0; word < 4; word += 1) if (words.get(place * 4 + word) !== given[word]) return false;
      return !others.has(place);
    },
    read(place) {
      const other = others.get(place);
      if (other !== undefined) return other;
      return [0, 1, 2, 3]
        .map((word) =>
          words
            .get(place * 4 + word)
            .toString(16)
            .padStart(8, "0"),
        )
        .join("");
    },
  };
}

/** By character code; -1 for what is no digit. */
const DIGITS = Int8Array.from({ length: 128 }, (_, code) => "0123456789abcdef".indexOf(String.fromCharCode(code)));

const FIRST_SLOTS = 2048;
/** Each growing puts all places in again: growing by four does so with a third of all in the end, by two with all. */
const GROWTH = 4;

/** Finds places by a text again: a hash table whose texts lie elsewhere. */
export interface Finder {
  /** The place that was added under this text, or -1. */
  find(text: string): number;
  /** Adds a place under a text that is not there yet. */
  add(text: string, place: number): void;
}

/** @param isAt whether the text of a place is this one, @param hash 32 bits of a text, spread evenly */
export function finder(isAt: (place: number, text: string) => boolean, hash = hashOf): Finder {
  // Place and hash side by side, so that one look at memory finds both.
  let slots = new Int32Array(2 * FIRST_SLOTS).fill(-1);
  let count = 0;
  // What is not found is often added next.
  let soughtText = "";
  let soughtHash = hash("");

  function hashFor(text: string): number {
    if (text !== soughtText) {
      soughtText = text;
      soughtHash = hash(text);
    }
    return soughtHash;
  }

  function insert(code: number, place: number): void {
    const mask = slots.length / 2 - 1;
    let slot = code & mask;
    while (slots[2 * slot] !== -1) slot = (slot + 1) & mask;
    slots[2 * slot] = place;
    slots[2 * slot + 1] = code;
  }

  function grow(): void {
    const former = slots;
    slots = new Int32Array(former.length * GROWTH).fill(-1);
    for (let at = 0; at < former.length; at += 2) {
      const place = former[at] ?? -1;
      if (place !== -1) insert(former[at + 1] ?? 0, place);
    }
  }

  return {
    find(text) {
      const code = hashFor(text);
      const mask = slots.length / 2 - 1;
      for (let slot = code & mask; ; slot = (slot + 1) & mask) {
        const place = slots[2 * slot] ?? -1;
        if (place === -1) return -1;
        if (slots[2 * slot + 1] === code && isAt(place, text)) return place;
      }
    },
    add(text, place) {
      if (count * 8 >= slots.length * 3) grow();
      insert(hashFor(text), place);
      count += 1;
    },
  };
}

/** 32 bits, spread evenly (the rounds of MurmurHash3 on character codes). */
function hashOf(text: string): number {
  let hash = text.length;
  for (let index = 0; index < text.length; index += 1) {
    let part = Math.imul(text.charCodeAt(index), 0xcc9e2d51);
    part = Math.imul((part << 15) | (part >>> 17), 0x1b873593);
    hash ^= part;
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
