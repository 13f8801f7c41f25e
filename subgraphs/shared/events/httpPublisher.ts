import { Pool } from 'undici';
import { AUDIENCES, type Audience, type Receiver, serviceCaller, signCaller } from '../caller';
import type { Secret } from '../hmac';
import type { Logger } from '../log';
import { type DomainEvent, EVENT_CONTENT_TYPE, EVENTS_CONTENT_TYPE, writeEvent } from './domainEvent';
import { createEventSigner, EVENT_SIGNATURE_HEADER } from './eventSigner';
import { consumersOf, GATEWAY_FAMILIES, isOfFamilies, SUBSCRIPTIONS } from './subscriptions';
import { type EventChannel, type EventPublisher, EventRejected, sourceOf, TransportDown } from './transport';

/** Where each service receives events over HTTP. The gateway's public routes do not lead there. */
export const EVENTS_PATH = '/internal/events';

/** A process that receives events at an origin. There may be several gateways. */
export interface EventSubscriber {
  name: Receiver;
  origin: string;
}

const TIMEOUT_MS = 5_000;
const CONNECTIONS = 16;
/** The longest batch in characters, well within a subgraph's body limit. */
const MAX_BATCH_LENGTH = 512 * 1024;

/**
 * Posts events to the services that subscribe to them. Each request is signed as a service's call for the event's store. Each subgraph
 * with consumers is a channel of its own: while one is down, only its own events wait. An event counts as published when it is in that
 * subgraph's inbox. All gateways together are one channel, which does not wait for an answer.
 */
export function createHttpPublisher(
  subgraph: Audience,
  subscribers: readonly EventSubscriber[],
  signingKey: Secret,
  logger: Logger,
): EventPublisher {
  const pools = new Map(
    subscribers.map(({ origin }) => [
      origin,
      new Pool(origin, { connections: CONNECTIONS, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS }),
    ]),
  );

  const signer = createEventSigner(signingKey);

  /** Posts one event, or several of one store. */
  async function post({ name, origin }: EventSubscriber, events: readonly DomainEvent[]): Promise<void> {
    const [first, ...others] = events;
    if (!first) return;
    const bodies = events.map((event) => writeEvent(event, sourceOf(subgraph)));
    const body = others.length === 0 ? bodies.join() : `[${bodies.join()}]`;
    if (others.length > 0 && body.length > MAX_BATCH_LENGTH) throw new EventRejected('too long together');
    const caller = serviceCaller(first.tenantId, first.id);
    const headers = {
      'content-type': others.length === 0 ? EVENT_CONTENT_TYPE : EVENTS_CONTENT_TYPE,
      [EVENT_SIGNATURE_HEADER]: signer.sign(subgraph, first.tenantId, body),
      ...signCaller(caller, name, body, signingKey),
    };
    const status = await send(origin, body, headers, name);
    if (status < 300) return;
    // 502 to 504: the service or its database is down, so it can't store any event.
    if (status >= 502) throw new TransportDown(`${name} answered ${status}`);
    throw new EventRejected(`${name} answered ${status}`);
  }

  async function send(origin: string, body: string, headers: Record<string, string>, name: string): Promise<number> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await pools.get(origin)?.request({ method: 'POST', path: EVENTS_PATH, headers, body, signal });
      await answer?.body.dump();
      return answer?.statusCode ?? 0;
    } catch (error) {
      throw new TransportDown(`${name} does not answer: ${(error as Error).message}`);
    }
  }

  const toSubgraph = (name: Audience): EventChannel => {
    const hasSubscribers = (type: string) =>
      consumersOf(type).some((consumer) => SUBSCRIPTIONS[consumer].subgraph === name);
    const publishBatch = async (events: readonly DomainEvent[]) => {
      const subscribed = events.filter(({ type }) => hasSubscribers(type));
      if (subscribed.length === 0) return;
      const subscriber = subscribers.find((each) => each.name === name);
      if (!subscriber) throw new EventRejected(`no address of ${name} is known`);
      await post(subscriber, subscribed);
    };
    return { name, hasSubscribers, publishBatch, publish: (event) => publishBatch([event]) };
  };
  const toGateways: EventChannel = {
    name: 'gateway',
    hasSubscribers: (type) => isOfFamilies(GATEWAY_FAMILIES, type),
    publish: async (event) => {
      if (!isOfFamilies(GATEWAY_FAMILIES, event.type)) return;
      for (const gateway of subscribers.filter(({ name }) => name === 'gateway')) {
        post(gateway, [event]).catch((error: Error) => {
          logger.debug({ id: event.id, reason: error.message }, 'a gateway did not get an event');
        });
      }
    },
  };
  const withConsumers = new Set<Audience>(Object.values(SUBSCRIPTIONS).map((subscription) => subscription.subgraph));

  return {
    channels: [...AUDIENCES.filter((name) => withConsumers.has(name)).map(toSubgraph), toGateways],
    close: async () => void (await Promise.all([...pools.values()].map((pool) => pool.close()))),
  };
}
