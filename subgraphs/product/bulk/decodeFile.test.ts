import { decodeFile } from './decodeFile';

/** In pieces of so many bytes, as a file comes. */
async function decoded(file: Buffer, piece: number): Promise<string> {
  async function* pieces() {
    for (let at = 0; at < file.length; at += piece) yield file.subarray(at, at + piece);
  }
  const read: Buffer[] = [];
  for await (const one of decodeFile(pieces())) read.push(one);
  return Buffer.concat(read).toString('utf8');
}

const TEXT = 'name;größe\r\nКроссовки;恭喜\n👟;1\n';
const utf16le = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
const utf16be = (text: string) => Buffer.from(utf16le(text)).swap16();

describe.each([1, 2, 3, 5, 7, 1_000])('in pieces of %i bytes', (piece) => {
  it.each([
    ['Windows-1252', Buffer.from('a\nb\nCaf\xe9 Gr\xf6\xdfe\nc\n', 'latin1'), 'line 3 is not UTF-8'],
    ['UTF-8 cut within a character', Buffer.from('a\nGröße').subarray(0, 5), 'line 2 is not UTF-8'],
    [
      'UTF-8 and then something else',
      Buffer.concat([Buffer.from('ä\n'), Buffer.from([0xff, 0x0a])]),
      'line 2 is not UTF-8',
    ],
    ['UTF-16 without a mark', Buffer.from('größe\nb', 'utf16le'), 'line 1 is not UTF-8'],
    ['half a character of UTF-16', utf16le('a\nb\ud83d\nc'), 'line 2 is not UTF-16LE'],
    ['UTF-16 of an odd length', utf16be('a\nb').subarray(0, 7), 'line 2 is not UTF-16BE'],
    ['a spreadsheet', Buffer.from('PK\u0003\u0004 and more'), 'it is a spreadsheet'],
  ])('%s is refused with the line', async (_what, file, message) => {
    await expect(decoded(file, piece)).rejects.toThrow(message);
  });

  it.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${TEXT}`)],
    ['UTF-16LE with a mark', utf16le(TEXT)],
    ['UTF-16BE with a mark', utf16be(TEXT)],
  ])('%s is read', async (_what, file) => {
    expect(await decoded(file, piece)).toBe(TEXT);
  });

  it.each(['', 'a', '\ufeff', '\ufeffab'])('%j is read, however short it is', async (text) => {
    expect(await decoded(Buffer.from(text), piece)).toBe(text.replace('\ufeff', ''));
  });
});
