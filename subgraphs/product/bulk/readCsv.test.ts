import { decodeFile } from './decodeFile';
import { readCsv } from './readCsv';

async function* pieces(file: Buffer, piece: number) {
  for (let at = 0; at < file.length; at += piece) yield file.subarray(at, at + piece);
}
async function read(text: string, piece = 64 * 1024) {
  const products = [];
  for await (const { lines, numbers } of readCsv(decodeFile(pieces(Buffer.from(text), piece)))) {
    products.push({ lines: lines.map((line) => ({ ...line })), numbers });
  }
  return products;
}

const HEADER = 'external_reference,sku,price,currency,name';
const A = { external_reference: 'a', sku: 'A', price: '1', currency: 'USD', name: 'One' };

describe('a CSV file can’t be read, and says why', () => {
  it.each([
    ['nothing in it', '', 'it is empty'],
    ['nothing but separators', ',,,\n,,,\n', 'it is empty'],
    ['a column that is none', `${HEADER},colour\n`, 'unknown column: colour'],
    ['a column twice', `${HEADER},Price\n`, 'column price is there twice'],
    ['a column too few', 'external_reference;sku;price\n', 'missing columns: currency'],
    [
      'a decimal comma that is not quoted',
      `${HEADER}\na,A,19,99,USD,One\n`,
      'line 2 has 6 cells, the header 5 columns',
    ],
    ['a cell too few', `${HEADER}\na,A,1,USD,One\nb,B,1,USD\n`, 'line 3 has 4 cells, the header 5 columns'],
    ['a value in a column without a name', `${HEADER},,\na,A,1,USD,One,,more\n`, 'more is in none'],
    [
      '20,000 columns',
      `${HEADER},${Array.from({ length: 20_000 }, (_, n) => `metafield:a.${n}:json`).join()}\n`,
      '256 KB',
    ],
    [
      '20,000 columns without a name',
      `${HEADER}${','.repeat(20_000)}\n`,
      '20005 columns, where a file has at most 1100',
    ],
    ['a first line without an end', 'x'.repeat(300_000), '256 KB'],
  ])('with %s', async (_what, text, message) => {
    await expect(read(text, 1_000)).rejects.toThrow(message);
  });
});

describe('a CSV file is read', () => {
  it.each([
    ['with commas', `${HEADER}\na,A,1,USD,One\n`],
    ['with semicolons', `${HEADER.replaceAll(',', ';')}\na;A;1;USD;One\n`],
    ['with tabs', `${HEADER.replaceAll(',', '\t')}\na\tA\t1\tUSD\tOne\n`],
    ['with a line that says the separator', `sep=,\n${HEADER}\na,A,1,USD,One\n`],
    ['with a line that says another one', `sep=;\r\n${HEADER.replaceAll(',', ';')}\r\na;A;1;USD;One\r\n`],
    ['with a comma at the end of each line', `${HEADER},\na,A,1,USD,One,\n`],
    ['with a comma at the end of the header alone', `${HEADER},\na,A,1,USD,One\n`],
    ['with rows of commas', `,,,,\n${HEADER}\n,,,,\na,A,1,USD,One\n,,,,,,,\n\n`],
    ['with an empty column within', `${HEADER.replace(',sku', ',,sku')}\na,,A,1,USD,One\n`],
    ['with quoted names', `"external_reference";"sku";"price";"currency";"name"\n"a";"A";"1";"USD";"One"\n`],
    ['with white space, and accents as macOS writes them', `${HEADER}\n a , A ,1,USD,"One "\n`],
    ['with the line ends of old Macs', `${HEADER}\ra,A,1,USD,One\r`],
  ])('%s', async (_how, text) => {
    for (const piece of [1, 64 * 1024]) expect((await read(text, piece)).map(({ lines }) => lines)).toEqual([[A]]);
  });

  it('with the lines of its products, whatever is before and between them', async () => {
    const text = `sep=,\n${HEADER}\n,,,,\na,A,1,USD,"One\nand more"\n\na,A2,1,USD,\nb,B,1,USD,Two\n`;
    expect((await read(text)).map(({ numbers }) => numbers)).toEqual([[4, 7], [8]]);
  });

  it('with decomposed letters composed', async () => {
    const [product] = await read(`${HEADER}\na,A,1,USD,Gro\u0308ße\n`);
    expect(product?.lines[0]?.name).toBe('Größe');
  });
});
