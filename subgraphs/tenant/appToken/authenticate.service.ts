import { runInScope } from '../../shared/scope';
import type { Context } from '../context';
import type { AppToken } from '../generated/prisma/client';

/**
 * The token with a hash, of whichever store, if it may be used now. Notes when it was used, at most once a minute.
 */
export async function appTokenAuthenticate({ db }: Context, hash: string): Promise<AppToken | null> {
  const token = await runInScope({ appTokenHash: hash }, () =>
    db.appToken.findFirst({
      where: { tokenHash: hash, revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] },
    }),
  );
  if (!token) return null;
  const { tenantId, id } = token;
  await runInScope(
    { tenantId },
    () => db.$executeRaw`
      UPDATE app_tokens SET last_used_at = now()
      WHERE tenant_id = ${tenantId} AND id = ${id} AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
  );
  return token;
}
