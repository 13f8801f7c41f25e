import { z } from 'zod';
import { AUDIENCES, type Receiver } from '../caller';
import type { EventSubscriber } from './httpPublisher';

const NAMES: readonly string[] = [...AUDIENCES, 'gateway'];
const EXPECTED = 'expected the address of each: tenant=http://…,product=http://…,order=http://…,gateway=http://…';

export const brokerEnv = {
  RABBITMQ_URL: z.url({ protocol: /^amqps?$/, error: 'expected the address of RabbitMQ, amqp://…' }).optional(),
  /** Prefix of the names of exchanges and queues, for systems that share a broker. */
  RABBITMQ_PREFIX: z
    .string()
    .regex(/^[\w.-]{0,60}$/, 'expected letters, digits, dots and hyphens')
    .default(''),
};

/** How a subgraph publishes events: by RabbitMQ if RABBITMQ_URL is set, otherwise by HTTP to the addresses in EVENT_SUBSCRIBERS. */
export const eventsEnv = {
  ...brokerEnv,
  EVENT_SUBSCRIBERS: z.string().transform(readSubscribers).optional(),
};

export type EventsEnv = {
  RABBITMQ_URL?: string | undefined;
  RABBITMQ_PREFIX: string;
  EVENT_SUBSCRIBERS?: EventSubscriber[] | undefined;
};

function readSubscribers(list: string, context: z.RefinementCtx): EventSubscriber[] {
  const subscribers = list.split(',').map((entry) => {
    const [name = '', url = ''] = entry.trim().split(/=(.*)/s);
    return NAMES.includes(name) && URL.canParse(url) ? { name: name as Receiver, origin: new URL(url).origin } : null;
  });
  const known = subscribers.filter((each) => each !== null);
  const isWhole = AUDIENCES.every((name) => known.some((each) => each.name === name));
  if (known.length < subscribers.length || !isWhole) context.addIssue({ code: 'custom', message: EXPECTED });
  return known;
}
