import { isUtf8 } from 'node:buffer';
import { UnreadableFile } from './splitLines';

const LINE_FEED = 10;
const NO_BYTES: Buffer = Buffer.alloc(0);

/** How a file's bytes stand for characters, and by which bytes at its beginning that shows. */
const BYTE_ORDER_MARKS = [
  { mark: Buffer.from([0xef, 0xbb, 0xbf]), encoding: 'UTF-8' },
  { mark: Buffer.from([0xff, 0xfe]), encoding: 'UTF-16LE' },
  { mark: Buffer.from([0xfe, 0xff]), encoding: 'UTF-16BE' },
] as const;

/** A ZIP archive, which spreadsheets' own files are: PKZIP's APPNOTE.TXT, section 4.3.7. */
const ZIP = Buffer.from('PK\u0003\u0004');

/**
 * A file of text in UTF-8 and without a byte order mark, whether it came so or in UTF-16 with one, which is how spreadsheets write
 * "Unicode text". @throws UnreadableFile with the line, from 1, that is in no such encoding: any guess would write wrong letters.
 */
export async function* decodeFile(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decode: Decode | null = null;
  let begun: Buffer = NO_BYTES;
  for await (const chunk of file) {
    if (decode) {
      yield* decode(chunk, false);
      continue;
    }
    begun = begun.length === 0 ? chunk : Buffer.concat([begun, chunk]);
    if (begun.length < ZIP.length) continue;
    decode = decoderOf(begun);
    yield* decode(withoutMark(begun), false);
  }
  decode ??= decoderOf(begun);
  yield* decode(begun.length < ZIP.length ? withoutMark(begun) : NO_BYTES, true);
}

/** @returns what `bytes`, and what was left of those before, stand for in UTF-8. @param isLast whether nothing is left any more. */
type Decode = (bytes: Buffer, isLast: boolean) => Iterable<Buffer>;

const markOf = (begun: Buffer) =>
  BYTE_ORDER_MARKS.find(({ mark }) => mark.equals(begun.subarray(0, mark.length))) ?? null;

const withoutMark = (begun: Buffer): Buffer => begun.subarray(markOf(begun)?.mark.length ?? 0);

function decoderOf(begun: Buffer): Decode {
  if (begun.subarray(0, ZIP.length).equals(ZIP)) {
    throw new UnreadableFile('it is a spreadsheet or an archive: save it as CSV in UTF-8');
  }
  const encoding = markOf(begun)?.encoding ?? 'UTF-8';
  return encoding === 'UTF-8' ? utf8() : utf16(encoding);
}

/** Checks alone: what is right stays as it is. */
function utf8(): Decode {
  let [rest, line]: [Buffer, number] = [NO_BYTES, 1];
  return (bytes, isLast) => {
    const read = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const whole = isLast ? read : read.subarray(0, read.length - lengthOfCutCharacter(read));
    if (!isUtf8(whole))
      throw new UnreadableFile(`line ${line + firstLineThat(whole, (one) => !isUtf8(one))} ${NOT_UTF8}`);
    rest = read.subarray(whole.length);
    line += linesIn(whole);
    return whole.length > 0 ? [whole] : [];
  };
}

const NOT_UTF8 = 'is not UTF-8: save the file as "CSV UTF-8", or as UTF-8 in whatever made it';

/** How many bytes at the end begin a character that the next bytes go on with. */
function lengthOfCutCharacter(read: Buffer): number {
  for (let length = 1; length <= Math.min(3, read.length); length += 1) {
    const byte = read[read.length - length] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const needed = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length < needed ? length : 0;
  }
  return 0;
}

function utf16(encoding: 'UTF-16LE' | 'UTF-16BE'): Decode {
  let [rest, line]: [Buffer, number] = [NO_BYTES, 1];
  return (bytes, isLast) => {
    const read = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const even = read.length - (read.length % 2);
    const units = Buffer.from(read.subarray(0, even));
    const text = (encoding === 'UTF-16BE' ? units.swap16() : units).toString('utf16le');
    const isCut = !isLast && /[\ud800-\udbff]$/.test(text);
    const whole = isCut ? text.slice(0, -1) : text;
    const isOdd = isLast && even < read.length;
    const lines = isOdd || !whole.isWellFormed() ? whole.split('\n') : [];
    const wrong = lines.findIndex((one) => !one.isWellFormed());
    if (lines.length > 0) {
      throw new UnreadableFile(`line ${line + (wrong < 0 ? lines.length - 1 : wrong)} is not ${encoding}`);
    }
    rest = read.subarray(whole.length * 2);
    const decoded = Buffer.from(whole, 'utf8');
    line += linesIn(decoded);
    return decoded.length > 0 ? [decoded] : [];
  };
}

function linesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}

/** From 0. */
function firstLineThat(bytes: Buffer, isWrong: (line: Buffer) => boolean): number {
  let [from, line] = [0, 0];
  for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
    if (isWrong(bytes.subarray(from, end))) return line;
    [from, line] = [end + 1, line + 1];
  }
  return line;
}
