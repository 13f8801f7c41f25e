import { type Channel, type ChannelModel, connect, type RecoveringChannelModel } from 'amqplib';
import type { Logger } from '../log';

const HEARTBEAT_SECONDS = 10;
const RECOVERY = { initialDelay: 100, maxDelay: 3_000 };
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * A connection that comes back by itself, for as long as the process lives. `setUp` makes its channels, each time anew; what
 * it throws, and the loss of a channel, ends the connection and so begins another.
 */
export function keepConnected(
  url: string,
  setUp: (connection: ChannelModel) => Promise<void>,
  logger: Logger,
): Promise<RecoveringChannelModel> {
  const address = new URL(url);
  address.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
  const setup = async (connection: ChannelModel) => {
    // What an error means is said again by the end of the connection.
    connection.on('error', () => {});
    await setUp(connection);
  };
  const socketOptions = { timeout: CONNECT_TIMEOUT_MS, recovery: { ...RECOVERY, setup, waitForConnect: false } };
  return connect(address.href, socketOptions).then((connection) => {
    connection.on('error', () => {});
    connection.on('connect', () => logger.info('connected to RabbitMQ'));
    connection.on('disconnect', (error) => logger.warn({ err: error }, 'connection to RabbitMQ lost'));
    connection.on('connect-failed', (error) => logger.warn({ err: error }, 'RabbitMQ does not answer'));
    connection.on('blocked', (reason) =>
      logger.error({ reason }, 'RabbitMQ takes nothing: it is out of memory or disk'),
    );
    return connection;
  });
}

/**
 * Has the loss of a channel end its connection, which {@link keepConnected} then makes anew. @returns what ends it all the
 * same, such as when a queue is gone under its consumer.
 */
export function endWithChannel(connection: ChannelModel, channel: Channel): () => void {
  // It may be closed by then, which is all that is wanted.
  const end = () => void connection.close().catch(() => {});
  // What an error means is said again by the end of the channel.
  channel.on('error', () => {});
  channel.on('close', end);
  return end;
}
