import { type Channel, type ChannelModel, connect, type RecoveringChannelModel } from 'amqplib';
import type { Logger } from '../log';

const HEARTBEAT_SECONDS = 10;
const RECOVERY = { initialDelay: 100, maxDelay: 3_000 };
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * A connection that reconnects for as long as the process lives. `setUp` opens the AMQP channels after each connect. When `setUp`
 * throws or an AMQP channel is lost, the connection is closed and opened again.
 */
export function keepConnected(
  url: string,
  setUp: (connection: ChannelModel) => Promise<void>,
  logger: Logger,
): Promise<RecoveringChannelModel> {
  const address = new URL(url);
  address.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
  const setup = async (connection: ChannelModel) => {
    // Every error is followed by 'close', which is handled elsewhere.
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
      logger.error({ reason }, 'RabbitMQ blocks publishers: it is out of memory or disk'),
    );
    return connection;
  });
}

/**
 * Closes the connection when the AMQP channel is closed, so that {@link keepConnected} reopens both. @returns a function that closes
 * the connection for another reason, such as a deleted queue.
 */
export function endWithAmqpChannel(connection: ChannelModel, amqpChannel: Channel): () => void {
  // Closing a connection that is already closed fails, which can be ignored.
  const end = () => void connection.close().catch(() => {});
  // Every error is followed by 'close'.
  amqpChannel.on('error', () => {});
  amqpChannel.on('close', end);
  return end;
}
