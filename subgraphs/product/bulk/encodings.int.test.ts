import { asOwner } from '../../shared/test/asOwner';
import { startBulkWork } from './test/bulkWork';

let bulk: Awaited<ReturnType<typeof startBulkWork>>;
beforeAll(async () => {
  bulk = await startBulkWork();
});
afterAll(() => bulk?.close());

const HEADER = 'external_reference,sku,price,currency,name';
const namesOf = async (tenantId: string) =>
  (await asOwner<{ name: string }>(bulk.ownerUrl, tenantId, 'SELECT name FROM products ORDER BY name')).map(
    ({ name }) => name,
  );

describe.each(['REJECT_EVERYTHING', 'IGNORE_FAILED'] as const)('with %s', (errorPolicy) => {
  const asked = { format: 'CSV', errorPolicy } as const;

  it('a file in Windows-1252 is refused with the line, and changes nothing', async () => {
    const tenantId = await bulk.makeStore([]);
    await bulk.importText(tenantId, `${HEADER}\nover2,OV-2,1,USD,Café Größe\n`, asked);
    // Longer than a batch: what comes before the line is not written either.
    const rows = Array.from({ length: 500 }, (_, n) => `new${n},NEW-${n},1,USD,New`);
    const file = Buffer.from([HEADER, ...rows, 'over2,OV-2,1,USD,Caf\xe9 Gr\xf6\xdfe', ''].join('\n'), 'latin1');
    expect(await bulk.importText(tenantId, file, asked)).toMatchObject({
      status: 'FAILED',
      created: 0,
      failure: expect.stringMatching(/line 502 is not UTF-8/),
    });
    expect(await namesOf(tenantId)).toEqual(['Café Größe']);
  });

  it('a price with a decimal comma is refused with its line and column', async () => {
    const tenantId = await bulk.makeStore([]);
    const text = `${HEADER.replaceAll(',', ';')}\na;A;19,99;EUR;One\nb;B;1.000,00;EUR;Two\n`;
    expect((await bulk.importText(tenantId, text, asked)).errors).toMatchObject(
      [2, 3].map((line) => ({
        line,
        column: 'price',
        code: 'INVALID',
        message: expect.stringMatching(/with a point/),
      })),
    );
  });

  it.each<[string, (text: string) => Buffer]>([
    ['UTF-16 with a mark', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-8 with a mark', (text) => Buffer.from(`\ufeff${text}`)],
  ])('a file in %s is read', async (_what, encode) => {
    const tenantId = await bulk.makeStore([]);
    const text = `sep=;\r\n${HEADER.replaceAll(',', ';')};\r\na;A;19.99;EUR;Größe 恭喜;\r\n;;;;;\r\n`;
    expect(await bulk.importText(tenantId, encode(text), asked)).toMatchObject({ status: 'SUCCEEDED', created: 1 });
    const lines = `${JSON.stringify({ externalReference: 'b', name: 'Кроссовки', variants: [{ sku: 'B', price: { amount: '1', currencyCode: 'EUR' } }] })}\n`;
    const asLines = await bulk.importText(tenantId, encode(lines), { format: 'JSONL', errorPolicy });
    expect(asLines).toMatchObject({ status: 'SUCCEEDED', created: 1 });
    expect(await namesOf(tenantId)).toEqual(['Größe 恭喜', 'Кроссовки']);
  });
});

it('a SKU, an option and a reference are the same, however they are typed', async () => {
  const tenantId = await bulk.makeStore([]);
  const columns = `${HEADER},option1_name,option1_value`;
  await bulk.importText(tenantId, `${columns}\nro\u0308t,RO\u0308,1,USD,One,Gro\u0308ße,S\n`, { format: 'CSV' });
  const again = { externalReference: ' röt ', variants: [{ sku: 'RÖ ', price: { amount: '1', currencyCode: 'USD' } }] };
  expect(await bulk.importText(tenantId, JSON.stringify(again))).toMatchObject({ unchanged: 1, failed: 0 });
  const twice = `${columns}\nb,B,1,USD,Two,Size,S\nb,"B ",1,USD,,,M\n`;
  expect((await bulk.importText(tenantId, twice, { format: 'CSV' })).errors).toMatchObject([
    { line: 3, column: 'sku', code: 'INVALID' },
  ]);
});
