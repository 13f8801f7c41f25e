import { SessionClient } from '../databaseSession';
import type { Logger } from '../log';

const RECONNECT_MS = 2_000;

/**
 * Wakes the relay by PostgreSQL's LISTEN/NOTIFY: calls `wake` with an event's type when the transaction that recorded it commits, and
 * without a type when notifications may have been missed. A pooler in transaction mode does not forward notifications, so this connects
 * to PostgreSQL directly. While that connection is lost, events wait for the relay's next poll.
 */
export function listenToOutbox(url: string, wake: (type?: string) => void, logger: Logger): { stop(): Promise<void> } {
  let stopped = false;
  let client: SessionClient | null = null;
  let timer: NodeJS.Timeout | undefined;

  const reconnect = (error?: Error) => {
    if (stopped || timer) return;
    logger.warn({ err: error }, 'outbox listener lost its connection; events are published by polling meanwhile');
    timer = setTimeout(() => {
      timer = undefined;
      begin();
    }, RECONNECT_MS);
  };

  const listen = async () => {
    const connection = new SessionClient({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5_000 });
    client = connection;
    connection.on('notification', ({ payload }) => wake(payload));
    connection.on('error', () => {});
    connection.on('end', () => reconnect());
    await connection.connect();
    await connection.query('LISTEN outbox_events');
    // Events recorded before LISTEN sent no notification to this connection.
    wake();
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
