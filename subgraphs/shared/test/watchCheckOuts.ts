import { Pool, type PoolClient } from 'pg';

/** The settings of a scope: see the functions in the migrations. */
const SETTINGS = ['tenant_id', 'store_slug', 'store_host', 'member_user_id', 'token_hash', 'task'];
const LEFT = `SELECT concat_ws(' ', ${SETTINGS.map((name) => `NULLIF(current_setting('app.${name}', true), '')`).join(', ')}) AS left`;

/**
 * Inspects each connection that this process's pools check out, before it is used, and limits the pools to `size` connections. `dirty`
 * names what earlier work has left on one; `checked` counts the inspected ones.
 */
export function watchCheckOuts(size: () => number) {
  const seen = { checked: 0, dirty: [] as string[] };
  const { connect } = Pool.prototype;
  const spy = jest.spyOn(Pool.prototype, 'connect').mockImplementation(async function (
    this: Pool,
  ): Promise<PoolClient> {
    this.options.max = size();
    const client: PoolClient = await (connect as () => Promise<PoolClient>).call(this);
    client.on('error', leftToQueries);
    try {
      const status = client.getTransactionStatus();
      const { rows } = await client.query(LEFT);
      seen.checked += 1;
      if (rows[0].left !== '' || status !== 'I') seen.dirty.push(`${status} ${rows[0].left}`);
    } catch {
      // It was closed while it was idle: its next statement fails.
    } finally {
      client.off('error', leftToQueries);
    }
    return client;
  } as typeof connect);
  return { seen, stop: () => spy.mockRestore() };
}

function leftToQueries(): void {}
