import { createWriteStream, openAsBlob } from 'node:fs';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Presets, SingleBar } from 'cli-progress';
import { readArguments, refuseArguments } from './arguments';
import { fetchFrom } from './localFetch';
import { readLocalEnv } from './localPlatform';
import { localToken, storeNamed } from './token';

const USAGE = `npm run -s products:import -- --store nike [--ignore-failed] file.csv
       npm run -s products:export -- --store nike file.jsonl
  A .csv file is CSV, any other JSON Lines. --url and --token, in place of --store, say another gateway and who is asking there.`;
const POLL_MS = 300;
const CONTENT_TYPES = { CSV: 'text/csv', JSONL: 'application/x-ndjson' } as const;

interface Job {
  id: string;
  status: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  progress: number;
  failure: string | null;
}
interface ImportJob extends Job {
  created: number;
  updated: number;
  unchanged: number;
  failed: number;
  errors: { line: number; column: string | null; field: string[]; message: string }[];
}
type Ask = <Data>(query: string, variables: object) => Promise<Data>;

/** Imports or exports a store's products through the gateway, as any client would, and shows how far it has come. */
async function main(): Promise<void> {
  const { values, positionals } = readArguments(
    {
      store: { type: 'string' },
      url: { type: 'string' },
      token: { type: 'string' },
      'ignore-failed': { type: 'boolean', default: false },
    },
    USAGE,
  );
  const [what, file] = positionals;
  if (!file || (what !== 'import' && what !== 'export')) return refuseArguments('Name a file.', USAGE);
  if (values.url && !values.token) return refuseArguments('--token is missing.', USAGE);
  const url = values.url ?? `http://localhost:${readLocalEnv().GATEWAY_PORT}`;
  const ask = asker(url, values.token ?? localToken(storeNamed(values.store, USAGE), 'admin'));
  const format = extname(file).toLowerCase() === '.csv' ? 'CSV' : 'JSONL';
  if (what === 'export') return exportTo(file, format, ask);
  return importFrom(file, format, values['ignore-failed'] ? 'IGNORE_FAILED' : 'REJECT_EVERYTHING', ask);
}

async function importFrom(file: string, format: keyof typeof CONTENT_TYPES, errorPolicy: string, ask: Ask) {
  const bytes = await openAsBlob(file);
  const upload = { purpose: 'PRODUCT_IMPORT', contentType: CONTENT_TYPES[format], byteSize: bytes.size };
  const staged = await ask<{ stagedUploadTargets: { id: string; url: string }[] }>(STAGE, { input: [upload] });
  const [target] = staged.stagedUploadTargets;
  if (!target) throw new Error('No target for the upload');
  const headers = { 'content-type': upload.contentType };
  const answer = await fetchFrom(target.url, { method: 'PUT', headers, body: bytes });
  if (!answer.ok) throw new Error(`The upload was refused: ${answer.status}`);
  const { productsImportJob: job } = await ask<{ productsImportJob: Job }>(IMPORT, {
    input: { stagedUploadId: target.id, errorPolicy },
  });

  const done = await shown(job.id, IMPORT_JOB, ask as (query: string, variables: object) => Promise<ImportJob>);
  for (const { line, column, field, message } of done.errors) {
    console.log(`line ${line}: ${column ?? field.join('.')}: ${message}`);
  }
  console.log(`${done.created} added, ${done.updated} changed, ${done.unchanged} unchanged, ${done.failed} refused`);
  if (done.failure !== null) throw new Error(done.failure);
}

async function exportTo(file: string, format: string, ask: Ask): Promise<void> {
  const { productsExportJob: job } = await ask<{ productsExportJob: Job }>(EXPORT, { format });
  const done = await shown(
    job.id,
    EXPORT_JOB,
    ask as (query: string, variables: object) => Promise<Job & { url: string }>,
  );
  if (done.failure !== null) throw new Error(done.failure);
  const { body } = await fetchFrom(done.url);
  if (!body) throw new Error('The export is empty');
  await pipeline(Readable.fromWeb(body), createWriteStream(file));
  console.log(`Wrote ${file}`);
}

/** A bar that follows a job to its end. */
async function shown<Kind extends Job>(
  id: string,
  query: string,
  ask: (query: string, variables: object) => Promise<Kind>,
) {
  const bar = new SingleBar({ format: '{bar} {percentage} %', noTTYOutput: false }, Presets.shades_classic);
  bar.start(1000, 0);
  try {
    for (;;) {
      const job = await ask(query, { id });
      bar.update(Math.round(job.progress * 1000));
      if (job.status === 'SUCCEEDED' || job.status === 'FAILED') return job;
      await sleep(POLL_MS);
    }
  } finally {
    bar.stop();
  }
}

/** The one field that a query asks for. @throws Error with what the gateway, or the mutation, has against it. */
const asker =
  (url: string, token: string): Ask =>
  async <Data>(query: string, variables: object) => {
    const response = await fetchFrom(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as {
      data?: Record<string, Data & { userErrors?: { message: string }[] }>;
      errors?: { message: string }[];
    };
    const [answer] = Object.values(data ?? {});
    const faults = [...(errors ?? []), ...(answer?.userErrors ?? [])];
    if (faults.length > 0 || !answer) throw new Error(faults.map(({ message }) => message).join('; ') || 'No answer');
    return answer;
  };

const STAGE = `mutation ($input: [StagedUploadInput!]!) {
  stagedUploadsCreate(input: $input) { stagedUploadTargets { id url } userErrors { message } }
}`;
const IMPORT = `mutation ($input: ProductsImportInput!) {
  productsImport(input: $input) { productsImportJob { id } userErrors { message } }
}`;
const IMPORT_JOB = `query ($id: ID!) {
  productsImportJob(id: $id) { id status progress failure created updated unchanged failed errors { line column field message } }
}`;
const EXPORT =
  'mutation ($format: BulkFormat!) { productsExport(format: $format) { productsExportJob { id } userErrors { message } } }';
const EXPORT_JOB = 'query ($id: ID!) { productsExportJob(id: $id) { id status progress failure url } }';

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
