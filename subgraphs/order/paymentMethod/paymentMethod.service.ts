import { z } from 'zod';
import { newId } from '../../shared/ids';
import { notNull, readInput } from '../../shared/inputReader';
import { lockResource } from '../../shared/lockResource';
import type { Money } from '../../shared/money';
import { omitUndefined } from '../../shared/omitUndefined';
import { requireUpdated } from '../../shared/optimisticLocking';
import { invalid, limitReached, notFound, payload, refusal, staleVersion, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import { type PaymentMethod, type PaymentMethodKind, Prisma } from '../generated/prisma/client';
import type { PaymentMethodCreateInput, PaymentMethodUpdateInput, UserErrorCode } from '../generated/resolvers';
import { usableKinds } from './methodKinds';
import type { PaymentMethodContext } from './paymentMethodContext';
import { checkHold, methodFields, readTotal, totalColumns } from './paymentMethodInput';

const MAX_METHODS = 50;

const createInput = z.object(methodFields);
const updateInput = z.object({
  name: notNull(methodFields.name),
  instructions: methodFields.instructions,
  isActive: notNull(z.boolean()),
  countryCodes: notNull(methodFields.countryCodes),
  currencyCodes: notNull(methodFields.currencyCodes),
  holdHours: methodFields.holdHours,
});

const methodPayload = (work: () => Promise<PaymentMethod>) =>
  payload<'paymentMethod', PaymentMethod, UserErrorCode>('paymentMethod', work);

export function listPaymentMethods({ db, tenantId }: Context): PromiseLike<PaymentMethod[]> {
  return db.paymentMethod.findMany({ where: { tenantId }, orderBy: [{ position: 'asc' }, { id: 'asc' }] });
}

export function paymentMethodCreate(ctx: PaymentMethodContext, input: PaymentMethodCreateInput) {
  const { db, tenantId } = ctx;
  return methodPayload(async () => {
    const { kind, isActive } = input;
    const [minimum, maximum] = [
      readTotal(input.minimumTotal, 'minimumTotal'),
      readTotal(input.maximumTotal, 'maximumTotal'),
    ];
    const { instructions = null, holdHours = null, ...given } = readInput(createInput, input);
    checkHold(kind, holdHours);
    const totals = totalColumns(minimum ?? null, maximum ?? null, given.currencyCodes);
    await checkKind(ctx, kind);
    return db.$transaction(async (tx) => {
      await lockResource(tx, tenantId, 'payment methods');
      const { _count, _max } = await tx.paymentMethod.aggregate({
        where: { tenantId },
        _count: true,
        _max: { position: true },
      });
      if (_count >= MAX_METHODS) throw new UserErrors(limitReached(['input'], `A store has up to ${MAX_METHODS}.`));
      const position = (_max.position ?? -1) + 1;
      const row = { ...given, ...totals, kind, isActive, instructions, holdHours, position };
      return tx.paymentMethod.create({ data: { ...row, tenantId, id: newId('pmth') } });
    });
  });
}

/** Optimistic locking: limits are validated together with those of the row that was read, and written only at its version. */
export function paymentMethodUpdate({ db, tenantId }: Context, id: string, input: PaymentMethodUpdateInput) {
  return methodPayload(async () => {
    const [minimum, maximum] = [
      readTotal(input.minimumTotal, 'minimumTotal'),
      readTotal(input.maximumTotal, 'maximumTotal'),
    ];
    const given = readInput(updateInput, input);
    const find = () => db.paymentMethod.findFirst({ where: { tenantId, id } });
    const current = await find();
    if (!current) throw new UserErrors(notFound('payment method'));
    if (input.expectedVersion != null && input.expectedVersion !== current.version) throw staleVersion(current);
    checkHold(current.kind, given.holdHours);
    const totals = totalColumns(
      minimum === undefined ? totalOf(current, 'minimumTotalAmount') : minimum,
      maximum === undefined ? totalOf(current, 'maximumTotalAmount') : maximum,
      given.currencyCodes ?? current.currencyCodes,
    );
    const rows = await db.paymentMethod.updateManyAndReturn({
      where: { tenantId, id, version: current.version },
      data: { ...omitUndefined(given), ...totals, version: { increment: 1 } },
    });
    return requireUpdated(rows, find, 'payment method');
  });
}

export function paymentMethodDelete({ db, tenantId }: Context, id: string) {
  return payload<'deletedPaymentMethodId', string, UserErrorCode>('deletedPaymentMethodId', async () => {
    const { count } = await db.paymentMethod.deleteMany({ where: { tenantId, id } });
    if (count === 0) throw new UserErrors(notFound('payment method'));
    return id;
  });
}

export function paymentMethodReorder(ctx: Context, ids: readonly string[]) {
  const { db, tenantId } = ctx;
  return payload<'paymentMethods', PaymentMethod[], UserErrorCode>('paymentMethods', () =>
    db.$transaction(async (tx) => {
      await lockResource(tx, tenantId, 'payment methods');
      const methods = await tx.paymentMethod.findMany({ where: { tenantId } });
      const byId = new Map(methods.map((method) => [method.id, method]));
      const unknown = ids.findIndex((id) => !byId.has(id));
      if (unknown >= 0) throw new UserErrors(notFound('payment method', ['ids', String(unknown)]));
      if (new Set(ids).size !== ids.length || ids.length !== methods.length) {
        throw new UserErrors(invalid(['ids'], 'each of the store’s methods once'));
      }
      const rows = ids.map((id, position) => Prisma.sql`(${id}, ${position}::int)`);
      if (rows.length === 0) return [];
      await tx.$executeRaw`
        UPDATE payment_methods SET position = moved.position, version = version + 1, updated_at = now()
        FROM (VALUES ${Prisma.join(rows)}) AS moved (id, position)
        WHERE tenant_id = ${tenantId} AND payment_methods.id = moved.id AND payment_methods.position <> moved.position`;
      return tx.paymentMethod.findMany({ where: { tenantId }, orderBy: [{ position: 'asc' }, { id: 'asc' }] });
    }),
  );
}

/** @throws UserErrors when nobody could pay with it: see docs/PAYMENTS.md. */
async function checkKind({ db, tenantId, services }: PaymentMethodContext, kind: PaymentMethodKind): Promise<void> {
  const refuse = (message: string) => refusal<UserErrorCode>(['input', 'kind'], 'PAYMENT_METHOD_UNAVAILABLE', message);
  if (!usableKinds(services.providers).includes(kind)) {
    throw refuse(kind === 'TEST' ? 'Nobody pays with tests in production.' : 'Stripe is not set up here.');
  }
  if (kind !== 'STRIPE') return;
  const settings = await db.paymentSettings.findFirst({ where: { tenantId }, select: { stripeAccountId: true } });
  if (!settings?.stripeAccountId) throw refuse('Connect the store’s account first: paymentSettingsUpdate.');
}

const totalOf = (method: PaymentMethod, name: 'minimumTotalAmount' | 'maximumTotalAmount'): Money | null => {
  const { [name]: minorUnits, totalCurrencyCode: currencyCode } = method;
  return minorUnits === null || currencyCode === null ? null : { minorUnits, currencyCode };
};
