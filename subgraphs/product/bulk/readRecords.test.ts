import { Readable } from 'node:stream';
import { type BulkFormat, type FileRecord, readRecords } from './readRecords';
import { UnreadableFile } from './splitLines';

const record = (reference: string, description = '') =>
  JSON.stringify({
    externalReference: reference,
    name: 'A',
    description,
    variants: [{ sku: reference, price: { amount: '1', currencyCode: 'USD' } }],
  });

/** In pieces of so many bytes, as a file comes. */
async function read(text: string, piece = 7, format: BulkFormat = 'JSONL'): Promise<FileRecord[]> {
  const bytes = Buffer.from(text);
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, n) =>
    bytes.subarray(n * piece, (n + 1) * piece),
  );
  const records: FileRecord[] = [];
  for await (const one of readRecords(Readable.from(pieces, { objectMode: false }), format)) records.push(one);
  return records;
}

it.each([1, 7, 100_000])('lines are read completely, in chunks of any size (%i bytes)', async (piece) => {
  const text = `${record('a', 'ä€😀')}\r\n\n${record('b')}\n${record('c')}`;
  const records = await read(text, piece);
  expect(records.map(({ line, record: found }) => [line, found?.externalReference])).toEqual([
    [1, 'a'],
    [3, 'b'],
    [4, 'c'],
  ]);
  expect(records[0]?.record?.description).toBe('ä€😀');
  expect(records[0]?.bytes).toBe(Buffer.byteLength(record('a', 'ä€😀')) + 2);
});

it('a line separator within a JSON string ends no line', async () => {
  const [found] = await read(record('a', 'one\u2028two\u2029three'));
  expect(found?.record?.description).toBe('one\u2028two\u2029three');
});

it('at most one chunk of the file is read ahead', async () => {
  let produced = 0;
  function* lines() {
    for (; produced < 5_000; produced += 1) yield `${record(`r${produced}`, 'x'.repeat(1_000))}\n`;
  }
  const records = readRecords(Readable.from(lines(), { objectMode: false }), 'JSONL');
  for (let n = 0; n < 100; n += 1) await records.next();
  expect(produced).toBeLessThan(200);
  await records.return(undefined);
});

it.each<[string, BulkFormat, string]>([
  ['a line', 'JSONL', 'x'.repeat(3 * 1024 * 1024)],
  [
    'the lines of one product',
    'CSV',
    `external_reference,name,description,sku,price,currency\n${Array.from({ length: 50 }, (_, n) => `a,A,${'x'.repeat(60_000)},s${n},1,USD`).join('\n')}`,
  ],
])('%s of more than 2 MB ends the reading', async (_what, format, text) => {
  await expect(read(text, 65_536, format)).rejects.toThrow(UnreadableFile);
});

it.each<[BulkFormat, string]>([
  [
    'JSONL',
    JSON.stringify({
      externalReference: 'a',
      metafields: Array.from({ length: 10_000 }, (_, n) => ({ namespace: 'n', key: `k${n}`, type: 'JSON', value: '' })),
    }),
  ],
  [
    'CSV',
    `external_reference,sku,price,currency,${Array.from({ length: 1_000 }, (_, n) => `metafield:n.k${n}:json`).join()}
a,A,1,USD${',1'.repeat(1_000)}`,
  ],
])('of too many metafields of a product none is read on, and one fault says so (%s)', async (format, text) => {
  const [found] = await read(text, 65_536, format);
  expect(found?.faults).toEqual([{ field: ['metafields'], code: 'INVALID', message: 'Expected at most 50.' }]);
});
