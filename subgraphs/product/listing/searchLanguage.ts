import type { EventConsumer } from '../../shared/events/consumer';
import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';

const POLL_MS = 5_000;
const STORES_BATCH_SIZE = 20;
const PRODUCTS_BATCH_SIZE = 500;
/** No write of a product takes longer. A write that began before the language changed leaves a search document in the old language. */
const MAX_WRITE_DURATION = '5 minutes';

/** PostgreSQL's full text search configurations, by the language of a locale. */
const LANGUAGES: Record<string, string> = {
  ar: 'arabic',
  ca: 'catalan',
  da: 'danish',
  de: 'german',
  el: 'greek',
  en: 'english',
  es: 'spanish',
  eu: 'basque',
  fi: 'finnish',
  fr: 'french',
  ga: 'irish',
  hi: 'hindi',
  hu: 'hungarian',
  hy: 'armenian',
  id: 'indonesian',
  it: 'italian',
  lt: 'lithuanian',
  nb: 'norwegian',
  ne: 'nepali',
  nl: 'dutch',
  nn: 'norwegian',
  no: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sr: 'serbian',
  sv: 'swedish',
  ta: 'tamil',
  tr: 'turkish',
  yi: 'yiddish',
};

/** The configuration for a locale such as de-AT. For languages that PostgreSQL does not know: `simple`, which does not stem words. */
export const searchLanguageOf = (locale: string): string => LANGUAGES[new Intl.Locale(locale).language] ?? 'simple';

/** A read model from the tenant subgraph's events: each store's search language. */
export const searchLanguage: EventConsumer<Tx> = {
  name: 'product.search',
  isCommutative: false,
  effects: {
    'tenant.settings_changed': async (tx, { tenantId, data }) => {
      const language = searchLanguageOf(data.locale);
      await tx.$executeRaw`
        INSERT INTO store_languages AS known (tenant_id, language, reindex_until)
        VALUES (${tenantId}, ${language}, now() + ${MAX_WRITE_DURATION}::interval)
        ON CONFLICT (tenant_id) DO UPDATE SET language = EXCLUDED.language, reindex_until = EXCLUDED.reindex_until
        WHERE known.language <> EXCLUDED.language`;
    },
  },
};

/** Rebuilds the search documents of stores whose language has changed. Several processes may run it concurrently. */
export const startSearchReindex = (db: Db, logger: Logger): PeriodicTask =>
  startPeriodicTask({
    name: 'search_language',
    run: async (stopping) => {
      await reindexStores(db, stopping);
      return false;
    },
    everyMs: POLL_MS,
    logger,
  });

/** Runs once. @returns how many documents were written. */
export async function reindexStores(db: Db, stopping?: AbortSignal): Promise<number> {
  const stores = await runInScope({ task: 'search_language' }, () =>
    db.storeLanguage.findMany({
      orderBy: { reindexUntil: 'asc' },
      take: STORES_BATCH_SIZE,
      select: { tenantId: true },
    }),
  );
  let written = 0;
  for (const { tenantId } of stores) written += await runInScope({ tenantId }, () => reindex(db, tenantId, stopping));
  return written;
}

async function reindex(db: Db, tenantId: string, stopping?: AbortSignal): Promise<number> {
  let written = 0;
  for (let batch = PRODUCTS_BATCH_SIZE; batch === PRODUCTS_BATCH_SIZE && !stopping?.aborted; written += batch) {
    batch = await db.$executeRaw`
      WITH stale AS (
        SELECT d.product_id, l.language FROM store_languages l
        JOIN product_search d ON d.tenant_id = l.tenant_id AND d.language <> l.language
        WHERE l.tenant_id = ${tenantId} LIMIT ${PRODUCTS_BATCH_SIZE}
      )
      UPDATE product_search d SET language = stale.language, document = search_document(
        p.name, concat_ws(' ', p.vendor, p.product_type, array_to_string(p.tags, ' ')), p.description, stale.language)
      FROM stale JOIN products p ON p.tenant_id = ${tenantId} AND p.id = stale.product_id
      WHERE d.tenant_id = ${tenantId} AND d.product_id = stale.product_id`;
  }
  await db.$executeRaw`
    UPDATE store_languages SET reindex_until = NULL WHERE tenant_id = ${tenantId} AND reindex_until <= now()`;
  return written;
}
