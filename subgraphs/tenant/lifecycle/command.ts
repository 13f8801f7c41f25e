import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { EnvError, loadEnvFiles } from '../../shared/env';
import { exportRows } from '../../shared/lifecycle/exportRows';
import { createLifecycleClient } from '../../shared/lifecycle/lifecycleClient';
import { createLogger } from '../../shared/log';
import { openTenantDatabase } from '../database';
import { readEnv } from '../env';
import { type Erasure, eraseStore } from './erasure';
import { changeStoreStatus, type StatusChange } from './storeStatus';

const USAGE = `npm run -s tenants -- <what> --tenant org_…
  suspend [--reason "…"]   closes the store; only "resume" opens it again, its own admin can't
  resume                   opens it, whoever suspended it
  delete                   closes it for good; its data is erased 30 days later
  restore                  opens a deleted store again, before its data is erased
  export                   prints all its data, from the three databases, as JSON Lines
  erase --now              erases the data of a deleted store before its time, and prints the receipts`;

type Subject = { tenantId: string; reason: string | null; now: boolean };

const CHANGES: Record<string, (subject: Subject) => StatusChange> = {
  suspend: ({ reason }) => ({ kind: 'SUSPEND', by: 'PLATFORM', reason }),
  resume: () => ({ kind: 'RESUME', by: 'PLATFORM' }),
  delete: () => ({ kind: 'DELETE' }),
  restore: () => ({ kind: 'RESTORE' }),
};

/** What the platform's operator does with one store, from a shell that has the tenant service's environment. */
async function main(): Promise<void> {
  const [what = '', subject] = readCommand();
  loadEnvFiles();
  const env = readEnv(process.env);
  const { db, inTransaction, close } = await openTenantDatabase(env.TENANT_DATABASE_URL, 2);
  const others = {
    product: createLifecycleClient(env.PRODUCT_SUBGRAPH_URL, 'product', env.CALLER_SIGNING_KEY),
    order: createLifecycleClient(env.ORDER_SUBGRAPH_URL, 'order', env.CALLER_SIGNING_KEY),
  };
  try {
    const change = CHANGES[what];
    if (change) {
      const changed = await changeStoreStatus(db, subject.tenantId, change(subject));
      if (!changed) throw new CommandRefused(`The store's status does not allow it, or there is no such store.`);
      const { status, eraseAfter } = changed;
      console.log(JSON.stringify({ tenant: subject.tenantId, status, ...(eraseAfter && { eraseAfter }) }));
    } else if (what === 'export') {
      await printExport(subject.tenantId, { inTransaction, others });
    } else {
      await printErasure(subject, { db, inTransaction, others, logger: createLogger('tenant', 'warn') });
    }
  } finally {
    await Promise.all([others.product.close(), others.order.close()]);
    await close();
  }
}

class CommandRefused extends Error {}

function readCommand(): [string, Subject] {
  const { values, positionals } = parseArgs({
    options: {
      tenant: { type: 'string' },
      reason: { type: 'string' },
      now: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [what = ''] = positionals;
  if (!Object.hasOwn(CHANGES, what) && what !== 'export' && what !== 'erase') throw new CommandRefused(USAGE);
  const { tenant: tenantId, reason = null, now } = values;
  if (!tenantId) throw new CommandRefused(`--tenant is missing.\n${USAGE}`);
  if (what === 'erase' && !now) throw new CommandRefused(`What is erased is gone: say --now.\n${USAGE}`);
  return [what, { tenantId, reason, now }];
}

async function printExport(tenantId: string, { inTransaction, others }: Pick<Erasure, 'inTransaction' | 'others'>) {
  const print = async (lines: string) => {
    if (!process.stdout.write(lines)) await once(process.stdout, 'drain');
  };
  const rows = await exportRows(inTransaction, 'tenant', tenantId, print);
  await print(`${JSON.stringify({ database: 'tenant', rows })}\n`);
  for (const name of ['product', 'order'] as const) {
    await pipeline(await others[name].export(tenantId, `export-${tenantId}`), process.stdout, { end: false });
  }
}

async function printErasure({ tenantId }: Subject, erasure: Erasure): Promise<void> {
  const receipts = await eraseStore(erasure, tenantId);
  if (!receipts) throw new CommandRefused('It is no deleted store, or is being erased, or is erased already.');
  for (const { subgraph, erasedRows } of receipts) console.log(JSON.stringify({ subgraph, erasedRows }));
}

main().catch((error: Error) => {
  const isForPeople = error instanceof CommandRefused || error instanceof EnvError || 'code' in error;
  console.error(isForPeople ? error.message : error);
  process.exitCode = 1;
});
