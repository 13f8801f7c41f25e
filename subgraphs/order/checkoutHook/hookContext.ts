import type { Counters } from '../../shared/counters';
import type { Logger } from '../../shared/log';
import type { EndpointRules } from '../../shared/webhooks/endpointUrl';
import type { SecretBox } from '../../shared/webhooks/secretBox';
import type { Context } from '../context';
import type { HookClient } from './hookClient';
import type { HookMetrics } from './hookMetrics';

/** What stores' checkout hooks are asked with. */
export interface HookServices {
  secrets: SecretBox;
  endpoints: EndpointRules;
  client: HookClient;
  counters: Counters;
  metrics: HookMetrics;
  logger: Logger;
}

/** The context and services of asking checkout hooks. */
export type HookContext = Context & { services: { hooks: HookServices } };
