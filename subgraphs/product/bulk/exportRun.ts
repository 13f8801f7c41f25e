import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { formatMoney } from '../../shared/money';
import type { Context } from '../context';
import type { ProductBulkJob, ProductVariant } from '../generated/prisma/client';
import { exportKey } from '../media/fileStore';
import { CONTENT_TYPE_OF } from './bulkJob.service';
import { CSV_COLUMNS, type ImportRecord, linesOfRecord } from './importRecord';
import { Interrupted } from './importRun';
import { checkpoint } from './jobLease';

const PRODUCTS_A_PAGE = 200;

/** Writes all of the store's products to a file, a page at a time, and puts it where it can be fetched. A repeat begins anew. */
export async function runExport(ctx: Context, job: ProductBulkJob, stopping: AbortSignal): Promise<null> {
  const folder = await mkdtemp(join(tmpdir(), 'export-'));
  try {
    const path = join(folder, 'products');
    const text = job.format === 'CSV' ? csvOf(pages(ctx, job, stopping)) : jsonLinesOf(pages(ctx, job, stopping));
    await pipeline(Readable.from(text, { objectMode: false }), createWriteStream(path));
    // How long it is has to be known before it is sent to a bucket.
    const { size: byteSize } = await stat(path);
    const contentType = CONTENT_TYPE_OF[job.format];
    await ctx.media.store.put(exportKey(ctx.tenantId, job.fileId), createReadStream(path), { contentType, byteSize });
    return null;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function* pages(ctx: Context, job: ProductBulkJob, stopping: AbortSignal): AsyncGenerator<ImportRecord[]> {
  const { tenantId, db } = ctx;
  const total = await db.product.count({ where: { tenantId } });
  let done = 0;
  for (let after = ''; ; ) {
    if (stopping.aborted) throw new Interrupted();
    const products = await db.product.findMany({
      where: { tenantId, id: { gt: after } },
      orderBy: { id: 'asc' },
      take: PRODUCTS_A_PAGE,
      include: {
        options: { orderBy: { position: 'asc' } },
        variants: { orderBy: { position: 'asc' } },
        images: { where: { url: { not: null } }, orderBy: { position: 'asc' } },
        categories: { include: { category: { select: { slug: true } } } },
      },
      relationLoadStrategy: 'join',
    });
    const last = products.at(-1);
    if (!last) return;
    yield products.map(({ options, variants, images, categories, ...product }) => ({
      externalReference: product.externalReference ?? product.id,
      name: product.name,
      slug: product.slug,
      description: product.description,
      vendor: product.vendor,
      productType: product.productType,
      tags: product.tags,
      status: product.status,
      categories: categories.map(({ category }) => category.slug),
      options: options.map(({ name, values }) => ({ name, values })),
      variants: variants.map(variantRecord),
      images: images.map(({ url, altText }) => ({ url: url ?? '', altText })),
    }));
    after = last.id;
    done += products.length;
    await checkpoint(db, job, { lastLine: 0, progress: Math.min(999, Math.floor((done / Math.max(total, 1)) * 1000)) });
  }
}

function variantRecord(variant: ProductVariant): ImportRecord['variants'][number] {
  const { sku, barcode, weightGrams, available, reserved, currencyCode, optionValues } = variant;
  const moneyOf = (minorUnits: bigint | null) =>
    minorUnits === null ? null : formatMoney({ minorUnits, currencyCode });
  return {
    sku,
    price: formatMoney({ minorUnits: variant.priceAmount, currencyCode }),
    compareAtPrice: moneyOf(variant.compareAtPriceAmount),
    unitCost: moneyOf(variant.unitCostAmount),
    barcode,
    weightGrams,
    optionValues,
    stock: Math.max(available + reserved, 0),
  };
}

async function* jsonLinesOf(records: AsyncIterable<ImportRecord[]>): AsyncGenerator<string> {
  for await (const page of records) yield page.map((record) => `${JSON.stringify(record)}\n`).join('');
}

async function* csvOf(records: AsyncIterable<ImportRecord[]>): AsyncGenerator<string> {
  const lineOf = (cells: readonly string[]) => `${cells.map(quoted).join(',')}\n`;
  yield lineOf(CSV_COLUMNS);
  for await (const page of records) yield page.flatMap(linesOfRecord).map(lineOf).join('');
}

const quoted = (cell: string) => (/[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
