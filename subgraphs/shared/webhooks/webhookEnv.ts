import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isDevelopmentSecret } from '../env';

const EXPECTED_KEY =
  'expected 32 or more random characters (several, separated by commas, while a key is being changed)';
const EXPECTED_NETWORKS = 'expected networks such as 10.1.0.0/16,fd00:1::/64';

/** The environment variables of posting to stores' own servers. */
export const webhookEnv = (production: boolean) => ({
  /** The keys that encrypt webhooks' signing secrets. Outside production, derived from CALLER_SIGNING_KEY when empty. */
  WEBHOOK_SECRETS_KEY: keys(production),
  /** Private networks to which webhooks may be posted, in addition to public addresses. */
  WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: z
    .string()
    .default('')
    .transform((text, context) => {
      if (text === '' || text === 'false') return [];
      if (text === 'true' && !production) return 'all' as const;
      const networks = text.split(',').map((network) => network.trim());
      if (networks.every((network) => ipaddr.isValidCIDR(network))) {
        return networks.map((network) => ipaddr.parseCIDR(network));
      }
      const message = text === 'true' ? `is for development; ${EXPECTED_NETWORKS}` : EXPECTED_NETWORKS;
      context.addIssue({ code: 'custom', message });
      return [];
    }),
});

function keys(production: boolean) {
  const list = z
    .string({ error: `is missing; ${EXPECTED_KEY}` })
    .transform((text) => text.split(',').map((key) => key.trim()))
    .refine((all) => all.every((key) => key.length >= 32), EXPECTED_KEY)
    .refine((all) => !(production && all.some(isDevelopmentSecret)), 'is a development key; production needs its own');
  return production ? list : list.optional();
}
