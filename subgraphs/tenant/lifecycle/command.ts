import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { EnvError, loadEnvFiles } from '../../shared/env';
import { exportRows } from '../../shared/lifecycle/exportRows';
import { ImportRefused } from '../../shared/lifecycle/importRows';
import { createLifecycleClient } from '../../shared/lifecycle/lifecycleClient';
import { createLogger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import { manualBilling } from '../billing/billingProvider';
import { type Billing, type BillingTransition, paid, pastDue } from '../billing/billingState';
import { changeBilling } from '../billing/changeBilling';
import { type Db, openTenantDatabase } from '../database';
import { readEnv } from '../env';
import { type Erasure, eraseStore } from './erasure';
import { importStore } from './importStore';
import { changeStoreStatus, type StatusChange } from './storeStatus';

const USAGE = `npm run -s tenants -- <what> --tenant org_…
  suspend [--reason "…"]   closes the store; its own admin can't open it again, only "resume" can
  resume                   opens it, whether the store or the platform suspended it
  delete                   closes it for good; its data is erased 30 days later
  restore                  opens a deleted store again, before its data is erased
  past-due                 reports that a payment for its plan is missing (billing provider "manual")
  paid                     reports the payment: the plan is paid for 30 days from now
  export                   prints all its data, from the three databases, as JSON Lines
  import --file export.jsonl [--replace]
                           restores the store from such an export; --replace deletes the rows that it has
  erase --now              erases the data of a deleted store before its time, and prints the receipts`;

type Subject = { tenantId: string; reason: string | null; now: boolean; file: string | null; replace: boolean };

const CHANGES: Record<string, (subject: Subject) => StatusChange> = {
  suspend: ({ reason }) => ({ kind: 'SUSPEND', by: 'PLATFORM', reason }),
  resume: () => ({ kind: 'RESUME', by: 'PLATFORM' }),
  delete: () => ({ kind: 'DELETE' }),
  restore: () => ({ kind: 'RESTORE' }),
};

const BILLING_CHANGES: Record<string, (billing: Billing, now: Date) => BillingTransition | null> = {
  'past-due': (billing, now) =>
    billing.plan === 'FREE' || billing.pastDueAt ? null : { newState: pastDue(billing, now, now) },
  paid: (billing, now) => (billing.plan === 'FREE' ? null : { newState: paid(billing, billing.plan, now) }),
};

/** The operator's commands for one store, to be run in a shell with the tenant service's environment. */
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
    } else if (BILLING_CHANGES[what]) {
      await changeAndPrintBilling(db, subject.tenantId, BILLING_CHANGES[what]);
    } else if (what === 'import') {
      const { tenantId, file, replace } = subject;
      const receipts = await importStore({ tenantId, file: file ?? '', replace, env: process.env });
      for (const receipt of receipts) console.log(JSON.stringify(receipt));
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
      file: { type: 'string' },
      replace: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [what = ''] = positionals;
  const known = [...Object.keys(CHANGES), ...Object.keys(BILLING_CHANGES), 'export', 'import', 'erase'];
  if (!known.includes(what)) throw new CommandRefused(USAGE);
  const { tenant: tenantId, reason = null, now, file = null, replace } = values;
  if (!tenantId) throw new CommandRefused(`--tenant is missing.\n${USAGE}`);
  if (what === 'erase' && !now) throw new CommandRefused(`An erasure can't be undone: confirm it by --now.\n${USAGE}`);
  if (what === 'import' && !file) throw new CommandRefused(`--file is missing.\n${USAGE}`);
  return [what, { tenantId, reason, now, file, replace }];
}

async function changeAndPrintBilling(
  db: Db,
  tenantId: string,
  decide: (billing: Billing, now: Date) => BillingTransition | null,
) {
  const known = await runInScope({ tenantId }, () => db.tenantBilling.findFirst({ where: { tenantId } }));
  if (!known || known.plan === 'FREE') throw new CommandRefused('There is no such store, or it pays for no plan.');
  const { plan, status, periodEnd } = await changeBilling({ db, provider: manualBilling, tenantId, decide });
  console.log(JSON.stringify({ tenant: tenantId, plan, status, periodEnd }));
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
  const isForPeople =
    error instanceof CommandRefused || error instanceof ImportRefused || error instanceof EnvError || 'code' in error;
  console.error(isForPeople ? error.message : error);
  process.exitCode = 1;
});
