import { hashOf, hintOf, newAppToken } from '../../shared/appToken';
import { recordEvent } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import { omitUndefined } from '../../shared/omitUndefined';
import { atVersion, requireUpdated } from '../../shared/optimisticLocking';
import { type Connection, type PageArgs, readPage, toConnection } from '../../shared/pagination';
import type { Permission } from '../../shared/permissions';
import { limitReached, notFound, payload, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { AppToken } from '../generated/prisma/client';
import type { AppTokenCreateInput, AppTokenUpdateInput, UserErrorCode } from '../generated/resolvers';
import { readNewToken, readTokenChanges } from './appTokenInput';

/** The object's name in error messages. */
const LABEL = 'token';
const MAX_TOKENS = 50;

export const findAppToken = ({ db, tenantId }: Context, id: string): Promise<AppToken | null> =>
  db.appToken.findFirst({ where: { tenantId, id } });

export async function listAppTokens({ db, tenantId }: Context, args: PageArgs): Promise<Connection<AppToken>> {
  const page = readPage(args, { key: 'CREATED_AT', column: 'createdAt', kind: 'date', reverse: false });
  const where = { tenantId };
  const tokens = await db.appToken.findMany({ ...page.query, where: { AND: [where, page.query.where] } });
  return toConnection(tokens, page, () => db.appToken.count({ where }));
}

/** Only this payload has the token: what is stored is its hash. */
export async function appTokenCreate(ctx: Context, input: AppTokenCreateInput) {
  const { db, tenantId, caller } = ctx;
  const { result, userErrors } = await payload<'result', { appToken: AppToken; token: string }, UserErrorCode>(
    'result',
    async () => {
      const { expiresAt = null, ...given } = readNewToken(input, caller.permissions);
      const token = newAppToken(given.kind);
      const known = { id: newId('apt'), tokenHash: hashOf(token), hint: hintOf(given.kind, token) };
      const data = { ...given, ...known, tenantId, expiresAt, createdBy: caller.userId };
      const appToken = await db.$transaction(async (tx) => {
        await refuseAboveLimit(tx, tenantId);
        const created = await tx.appToken.create({ data });
        await recordTokenEvent(tx, 'tenant.app_token.created', created);
        return created;
      });
      return { appToken, token };
    },
  );
  return { appToken: result?.appToken ?? null, token: result?.token ?? null, userErrors };
}

/** Locks the store, so that concurrent additions run one after another. */
async function refuseAboveLimit(tx: Tx, tenantId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM tenants WHERE tenant_id = ${tenantId} FOR UPDATE`;
  if ((await tx.appToken.count({ where: { tenantId, revokedAt: null } })) < MAX_TOKENS) return;
  throw new UserErrors(limitReached([], `A store has at most ${MAX_TOKENS} tokens: revoke one first.`));
}

export function appTokenUpdate(ctx: Context, id: string, input: AppTokenUpdateInput) {
  return asPayload(async () => {
    const { db, tenantId } = ctx;
    const data = omitUndefined(readTokenChanges(input));
    const changed = await db.$transaction(async (tx) => {
      const tokens = await tx.appToken.updateManyAndReturn({
        where: { tenantId, id, revokedAt: null, ...atVersion(input.expectedVersion) },
        data: { ...data, version: { increment: 1 } },
      });
      for (const token of tokens) await recordTokenEvent(tx, 'tenant.app_token.updated', token);
      return tokens;
    });
    const usable = async () => {
      const found = await findAppToken(ctx, id);
      return found?.revokedAt ? null : found;
    };
    return requireUpdated(changed, usable, LABEL);
  });
}

/** Revoking it again changes nothing. */
export function appTokenRevoke(ctx: Context, id: string) {
  return asPayload(async () => {
    const { db, tenantId } = ctx;
    const [revoked] = await db.$transaction(async (tx) => {
      const changed = await tx.appToken.updateManyAndReturn({
        where: { tenantId, id, revokedAt: null },
        data: { revokedAt: new Date(), version: { increment: 1 } },
      });
      for (const token of changed) await recordTokenEvent(tx, 'tenant.app_token.revoked', token);
      return changed;
    });
    const token = revoked ?? (await findAppToken(ctx, id));
    if (!token) throw new UserErrors(notFound(LABEL));
    return token;
  });
}

type TokenEvent = `tenant.app_token.${'created' | 'updated' | 'revoked'}`;

function recordTokenEvent(tx: Tx, type: TokenEvent, { id, version, kind, ...token }: AppToken): Promise<void> {
  const permissions = token.permissions as Permission[];
  return recordEvent(tx, {
    type,
    aggregateId: id,
    aggregateVersion: version,
    data: { appTokenId: id, kind, permissions },
  });
}

const asPayload = (work: () => Promise<AppToken>) => payload<'appToken', AppToken, UserErrorCode>('appToken', work);
