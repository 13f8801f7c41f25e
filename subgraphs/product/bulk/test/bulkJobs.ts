import type { Caller } from '../../../shared/caller';
import { admin, type SubgraphUnderTest } from '../../../shared/test/askSubgraph';
import { liftLimit } from '../../test/planRow';
import { startTestSubgraph } from '../../test/startTestSubgraph';

type Product = SubgraphUnderTest & { url: string; ownerUrl: string };
export type Policy = 'REJECT_EVERYTHING' | 'IGNORE_FAILED';
export type Format = 'CSV' | 'JSONL';

const STAGE = `mutation ($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) { stagedUploadTargets { id url } } }`;
export const IMPORT = `mutation ($input: ProductsImportInput!) { productsImport(input: $input) { productsImportJob { id status } userErrors { field code } } }`;
const EXPORT = `mutation ($format: BulkFormat!) { productsExport(format: $format) { productsExportJob { id } userErrors { code } } }`;
export const IMPORT_JOB = `query ($id: ID!) { productsImportJob(id: $id) {
  status progress created updated unchanged failed failure errors { line column field code message } } }`;
const EXPORT_JOB = 'query ($id: ID!) { productsExportJob(id: $id) { status progress url failure } }';
const CONTENT_TYPES = { CSV: 'text/csv', JSONL: 'application/x-ndjson' };

/** A line each; texts are lines as they are. */
export const jsonLines = (...records: unknown[]): string =>
  records.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry))).join('\n');

/** The product subgraph with its imports and exports. */
export async function startBulk() {
  const product = await startTestSubgraph();
  return { ...product, ...bulkJobs(product) };
}

/** Imports and exports of a subgraph under test, as a client does them. */
export function bulkJobs(product: Product) {
  /** @returns the upload's id. */
  async function upload(tenantId: string, file: string | Buffer, format: Format = 'JSONL'): Promise<string> {
    const contentType = CONTENT_TYPES[format];
    const input = [{ purpose: 'PRODUCT_IMPORT', contentType, byteSize: Buffer.byteLength(file) }];
    const { data } = await product.ask(admin(tenantId), STAGE, { input });
    const [{ id, url }] = data.stagedUploadsCreate.stagedUploadTargets;
    const at = url.replace('http://localhost:3000', product.url);
    const answer = await fetch(at, { method: 'PUT', headers: { 'content-type': contentType }, body: file });
    if (answer.status !== 204) throw new Error(`The upload was answered ${answer.status}`);
    return id;
  }

  /** @returns what productsImport answers. */
  async function start(
    tenantId: string,
    stagedUploadId: string,
    errorPolicy: Policy = 'REJECT_EVERYTHING',
    caller: Partial<Caller> = {},
  ) {
    await liftLimit(product.ownerUrl, tenantId);
    const input = { stagedUploadId, errorPolicy };
    const { data } = await product.ask({ ...admin(tenantId), ...caller }, IMPORT, { input });
    return data.productsImport;
  }

  /** The job, when it has ended. */
  async function finished(tenantId: string, id: string, query = IMPORT_JOB) {
    for (let attempt = 0; attempt < 800; attempt += 1) {
      const { data } = await product.ask(admin(tenantId), query, { id });
      const job = data.productsImportJob ?? data.productsExportJob;
      if (job.status === 'SUCCEEDED' || job.status === 'FAILED') return job;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('The job does not end');
  }

  /** Where the export of a store's products is. */
  async function exportUrl(tenantId: string, format: Format, caller: Partial<Caller> = {}): Promise<string> {
    const { data } = await product.ask({ ...admin(tenantId), ...caller }, EXPORT, { format });
    const { status, url, failure } = await finished(tenantId, data.productsExport.productsExportJob.id, EXPORT_JOB);
    if (status !== 'SUCCEEDED') throw new Error(`The export ${status}: ${failure}`);
    return url.replace('http://localhost:3000', product.url);
  }

  return {
    upload,
    start,
    finished,
    exportUrl,
    /** Uploads a file and imports it. @returns the job, done. */
    async importText(
      tenantId: string,
      file: string | Buffer,
      policy?: Policy,
      format?: Format,
      caller: Partial<Caller> = {},
    ) {
      const { productsImportJob: job } = await start(tenantId, await upload(tenantId, file, format), policy, caller);
      return finished(tenantId, job.id);
    },
    exportText: async (tenantId: string, format: Format, caller?: Partial<Caller>): Promise<string> =>
      (await fetch(await exportUrl(tenantId, format, caller))).text(),
  };
}
