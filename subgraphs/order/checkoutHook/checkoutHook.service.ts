import { isUniqueViolation } from '../../shared/constraints';
import { newId } from '../../shared/ids';
import { omitUndefined } from '../../shared/omitUndefined';
import { atVersion, requireUpdated } from '../../shared/optimisticLocking';
import {
  invalid,
  notFound,
  payload,
  required,
  taken,
  throwIfAny,
  type UserError,
  UserErrors,
} from '../../shared/userErrors';
import { readEndpointUrl } from '../../shared/webhooks/endpointUrl';
import { newSecret } from '../../shared/webhooks/secretBox';
import type { Context } from '../context';
import type { CheckoutHook } from '../generated/prisma/client';
import type { CheckoutHookCreateInput, CheckoutHookUpdateInput, UserErrorCode } from '../generated/resolvers';
import type { HookContext } from './hookContext';

const LABEL = 'checkout hook';
/** How long both secrets sign after a rotation. */
const OVERLAP_HOURS = 24;

export function listCheckoutHooks({ db, tenantId }: Context): PromiseLike<CheckoutHook[]> {
  return db.checkoutHook.findMany({ where: { tenantId }, orderBy: { kind: 'asc' } });
}

/** Only this payload shows the secret, which is stored encrypted. */
export function checkoutHookCreate(ctx: HookContext, input: CheckoutHookCreateInput) {
  return withSecret(async () => {
    const { db, tenantId } = ctx;
    const { kind, isActive, whenUnavailable } = input;
    const { url = '' } = readGiven(ctx, input, kind);
    const id = newId('hook');
    const secret = newSecret();
    const sealed = ctx.services.hooks.secrets.seal(secret, { tenantId, id });
    try {
      const data = { tenantId, id, kind, url, isActive, whenUnavailable, secret: sealed };
      return { checkoutHook: await db.checkoutHook.create({ data }), secret };
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new UserErrors(taken(['input', 'kind'], 'There is such a hook: change that one.'));
    }
  });
}

export function checkoutHookUpdate(ctx: HookContext, id: string, input: CheckoutHookUpdateInput) {
  return payload<'checkoutHook', CheckoutHook, UserErrorCode>('checkoutHook', async () => {
    const { db, tenantId } = ctx;
    const find = () => db.checkoutHook.findFirst({ where: { tenantId, id } });
    const current = await find();
    if (!current) throw new UserErrors(notFound(LABEL));
    const { isActive, whenUnavailable } = input;
    const changes = { ...readGiven(ctx, input, current.kind), isActive, whenUnavailable };
    const rows = await db.checkoutHook.updateManyAndReturn({
      where: { tenantId, id, ...atVersion(input.expectedVersion) },
      data: { ...withoutNull(omitUndefined(changes)), version: { increment: 1 } },
    });
    return requireUpdated(rows, find, LABEL);
  });
}

type Given = Partial<Pick<CheckoutHookUpdateInput, 'url' | 'isActive' | 'whenUnavailable'>>;

/** Null is refused before this by readGiven. */
const withoutNull = (changes: Given) => changes as { [Name in keyof Given]: NonNullable<Given[Name]> };

/** @throws UserErrors with all that is wrong. */
function readGiven({ services }: HookContext, given: Given, kind: CheckoutHook['kind']): { url?: string } {
  const { url, isActive, whenUnavailable } = given;
  const missing = Object.entries({ url, isActive, whenUnavailable }).filter(([, value]) => value === null);
  const read = url == null ? null : readEndpointUrl(url, services.hooks.endpoints);
  const refusesRates = kind === 'SHIPPING_RATES' && whenUnavailable === 'REFUSE';
  throwIfAny<UserErrorCode>([
    ...missing.map(([name]): UserError<UserErrorCode> => required(['input', name], 'Expected a value.')),
    ...(read && 'expected' in read ? [invalid(['input', 'url'], read.expected)] : []),
    ...(refusesRates ? [invalid(['input', 'whenUnavailable'], 'USE_STORE_RATES for shipping rates')] : []),
  ]);
  return read && 'url' in read ? { url: read.url } : {};
}

export function checkoutHookDelete({ db, tenantId }: Context, id: string) {
  return payload<'deletedCheckoutHookId', string, UserErrorCode>('deletedCheckoutHookId', async () => {
    const { count } = await db.checkoutHook.deleteMany({ where: { tenantId, id } });
    if (count === 0) throw new UserErrors(notFound(LABEL));
    return id;
  });
}

/** Replaces the secret. The previous one signs as well for some time, by the database's clock. */
export function checkoutHookRotateSecret(ctx: HookContext, id: string) {
  return withSecret(async () => {
    const { db, tenantId } = ctx;
    const secret = newSecret();
    const sealed = ctx.services.hooks.secrets.seal(secret, { tenantId, id });
    await db.$executeRaw`
      UPDATE checkout_hooks SET previous_secret = secret, secret = ${sealed},
        previous_secret_expires_at = now() + make_interval(hours => ${OVERLAP_HOURS}::int),
        version = version + 1, updated_at = now()
      WHERE tenant_id = ${tenantId} AND id = ${id}`;
    const checkoutHook = await db.checkoutHook.findFirst({ where: { tenantId, id } });
    if (!checkoutHook) throw new UserErrors(notFound(LABEL));
    return { checkoutHook, secret };
  });
}

async function withSecret(work: () => Promise<{ checkoutHook: CheckoutHook; secret: string }>) {
  type Result = Awaited<ReturnType<typeof work>>;
  const { result, userErrors } = await payload<'result', Result, UserErrorCode>('result', work);
  return { checkoutHook: result?.checkoutHook ?? null, secret: result?.secret ?? null, userErrors };
}
