import { type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import { type Broker, deadQueueOf, declareTopology, queueOf } from './rabbitTopology';
import { CONSUMERS } from './subscriptions';

/** Puts the messages that were laid aside back into their consumers' queues, each once. @returns how many there were. */
export async function redriveBroker({ url, prefix }: Broker): Promise<number> {
  const connection = await connect(url);
  try {
    const channel = await connection.createConfirmChannel();
    await declareTopology(connection, channel, prefix);
    let moved = 0;
    for (const consumer of CONSUMERS) {
      // As many as there were: what comes back at once does not go round and round.
      const messages: GetMessage[] = [];
      for (;;) {
        const message = await channel.get(deadQueueOf(prefix, consumer));
        if (!message) break;
        messages.push(message);
      }
      for (const message of messages) {
        await send(channel, queueOf(prefix, consumer), message);
        channel.ack(message);
        moved += 1;
      }
    }
    return moved;
  } finally {
    await connection.close();
  }
}

async function send(channel: ConfirmChannel, queue: string, { content, properties }: GetMessage): Promise<void> {
  const { messageId, contentType, headers } = properties;
  channel.sendToQueue(queue, content, { persistent: true, messageId, contentType, headers });
  await channel.waitForConfirms();
}
