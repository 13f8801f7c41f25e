import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { AUDIENCES } from '../caller';
import {
  type Broker,
  deadQueueOf,
  exchangeOf,
  queueOf,
  replaysExchangeOf,
  replaysQueueOf,
  retryQueueOf,
} from '../events/rabbitTopology';
import { CONSUMERS } from '../events/subscriptions';

const PORT = 5672;

/** Whether RabbitMQ listens on this machine. @throws Error when it does not and REQUIRE_SERVICES=1 says that it has to. */
export function hasBroker(): boolean {
  // Jest needs to know synchronously whether to skip a test, so another process waits for the socket.
  const ask = `require('node:net').connect(${PORT}, '127.0.0.1', () => process.exit(0)).on('error', () => process.exit(1))`;
  const listens = spawnSync(process.execPath, ['-e', ask]).status === 0;
  if (!listens && process.env.REQUIRE_SERVICES === '1') throw new Error('RabbitMQ does not listen at 127.0.0.1:5672');
  return listens;
}

/** The machine's RabbitMQ, with a prefix of names for this test; `drop` deletes its exchanges and queues. */
export function brokerUnderTest(port = PORT): Broker & { drop(): Promise<void> } {
  const url = `amqp://guest:guest@127.0.0.1:${port}`;
  const prefix = `test_${randomUUID().slice(0, 8)}.`;
  return {
    url,
    prefix,
    drop: async () => {
      const connection = await connect(`amqp://guest:guest@127.0.0.1:${PORT}`);
      const amqpChannel = await connection.createChannel();
      for (const consumer of CONSUMERS) {
        for (const nameOf of [queueOf, retryQueueOf, deadQueueOf])
          await amqpChannel.deleteQueue(nameOf(prefix, consumer));
      }
      for (const subgraph of AUDIENCES) await amqpChannel.deleteQueue(replaysQueueOf(prefix, subgraph));
      for (const exchange of [exchangeOf(prefix), replaysExchangeOf(prefix)])
        await amqpChannel.deleteExchange(exchange);
      await connection.close();
    },
  };
}
