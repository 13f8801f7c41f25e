import type { Registry } from 'prom-client';
import type { Counters } from '../../shared/counters';
import type { Logger } from '../../shared/log';
import { addressGuard } from '../../shared/webhooks/publicAddress';
import { createSecretBox } from '../../shared/webhooks/secretBox';
import { createHookClient } from './hookClient';
import type { HookServices } from './hookContext';
import { createHookMetrics } from './hookMetrics';

interface HookOptions {
  /** The first one encrypts: see {@link createSecretBox}. */
  secretKeys: readonly string[];
  /** Networks that may be asked, besides public addresses. */
  allowed: Parameters<typeof addressGuard>[0];
  allowHttp: boolean;
  counters: Counters;
  metrics: Registry;
  logger: Logger;
}

/** What stores' checkout hooks are asked with, one for a process. */
export function createHookServices(options: HookOptions): HookServices {
  const { secretKeys, allowed, allowHttp, counters, metrics, logger } = options;
  const allowAddress = addressGuard(allowed);
  return {
    secrets: createSecretBox(secretKeys),
    endpoints: { allowAddress, allowHttp },
    client: createHookClient(allowAddress),
    counters,
    metrics: createHookMetrics(metrics),
    logger,
  };
}
