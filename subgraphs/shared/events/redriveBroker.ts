import { type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import { type Broker, deadQueueOf, declareTopology, queueOf } from './rabbitTopology';
import { CONSUMERS } from './subscriptions';

/** Moves dead-lettered messages back into their consumers' queues, each once. @returns how many were moved. */
export async function redriveBroker({ url, prefix }: Broker): Promise<number> {
  const connection = await connect(url);
  try {
    const amqpChannel = await connection.createConfirmChannel();
    await declareTopology(connection, amqpChannel, prefix);
    let moved = 0;
    for (const consumer of CONSUMERS) {
      // Reads all messages before moving the first: otherwise one that fails again immediately would be moved for ever.
      const messages: GetMessage[] = [];
      for (;;) {
        const message = await amqpChannel.get(deadQueueOf(prefix, consumer));
        if (!message) break;
        messages.push(message);
      }
      for (const message of messages) {
        await send(amqpChannel, queueOf(prefix, consumer), message);
        amqpChannel.ack(message);
        moved += 1;
      }
    }
    return moved;
  } finally {
    await connection.close();
  }
}

async function send(amqpChannel: ConfirmChannel, queue: string, { content, properties }: GetMessage): Promise<void> {
  const { messageId, contentType, headers } = properties;
  amqpChannel.sendToQueue(queue, content, { persistent: true, messageId, contentType, headers });
  await amqpChannel.waitForConfirms();
}
