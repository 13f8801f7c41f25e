import { Client } from 'pg';
import type { Logger } from '../log';

const RECONNECT_MS = 2_000;

/**
 * Calls `ring` with the type of an event when a transaction that recorded such commits; without, when some may have been missed. It
 * needs a connection of its own, to PostgreSQL itself: a pooler in transaction mode passes no notification on. While there is none the
 * relay's polls do.
 */
export function listenToOutbox(url: string, ring: (type?: string) => void, logger: Logger): { stop(): Promise<void> } {
  let stopped = false;
  let client: Client | null = null;
  let timer: NodeJS.Timeout | undefined;

  const reconnect = (error?: Error) => {
    if (stopped || timer) return;
    logger.warn({ err: error }, 'outbox bell lost; events go out by polling meanwhile');
    timer = setTimeout(() => {
      timer = undefined;
      begin();
    }, RECONNECT_MS);
  };

  const listen = async () => {
    const connection = new Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5_000 });
    client = connection;
    connection.on('notification', ({ payload }) => ring(payload));
    connection.on('error', () => {});
    connection.on('end', () => reconnect());
    await connection.connect();
    await connection.query('LISTEN outbox_events');
    // What was recorded before this has rung in vain.
    ring();
  };
  const begin = () => {
    listening = listen().catch((error: Error) => reconnect(error));
  };
  let listening: Promise<void> = Promise.resolve();
  begin();

  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await listening;
      await client?.end().catch(() => {});
    },
  };
}
