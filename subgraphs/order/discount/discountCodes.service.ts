import { z } from 'zod';
import { list, readInput, text } from '../../shared/inputReader';
import { lockResource } from '../../shared/lockResource';
import { type Connection, type PageArgs, readPage, toConnection } from '../../shared/pagination';
import { invalid, limitReached, notFound, payload, taken, throwIfAny, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Discount, DiscountCode } from '../generated/prisma/client';
import type { DiscountCodesCreateInput, DiscountCodesDeleteInput, UserErrorCode } from '../generated/resolvers';
import { CODE_TAKEN, codeInput, codeKey } from './codeInput';
import { randomCodes } from './randomCodes';

/** Of one mutation. */
const MAX_BATCH = 10_000;
/** Of one discount. */
const MAX_OF_DISCOUNT = 1_000_000;

export type DiscountCodeConnection = Connection<DiscountCode>;

export async function listCodes(
  { db, tenantId }: Context,
  discountId: string,
  args: PageArgs,
): Promise<DiscountCodeConnection> {
  const page = readPage(args, { key: 'CREATED_AT', column: 'createdAt', kind: 'date', reverse: false });
  const where = { tenantId, discountId };
  const codes = await db.discountCode.findMany({ ...page.query, where: { AND: [where, page.query.where] } });
  return toConnection(codes, page, () => db.discountCode.count({ where }));
}

const COUNT = `Expected 1 to ${MAX_BATCH}.`;
const LIMIT = 'Expected 1 to 1,000,000,000.';

const codesToAdd = z.object({
  codes: list(codeInput, { min: 1, max: MAX_BATCH }).nullish(),
  random: z
    .object({
      count: z.int().min(1, COUNT).max(MAX_BATCH, COUNT),
      prefix: text({ max: 32, min: 0 })
        .transform(codeKey)
        .refine((prefix) => /^[\p{L}\p{N}_.%-]*$/u.test(prefix), 'Expected letters, digits or any of _ . % -')
        .nullish(),
    })
    .nullish(),
  usageLimit: z.int().min(1, LIMIT).max(1_000_000_000, LIMIT).nullish(),
});

/** Adds given or random codes, all or none, by one statement. */
export function discountCodesCreate({ db, tenantId }: Context, id: string, input: DiscountCodesCreateInput) {
  return payload<'discount', Discount, UserErrorCode>('discount', async () => {
    const { codes, random, usageLimit = null } = readInput(codesToAdd, input);
    if ((codes == null) === (random == null)) {
      throw new UserErrors(invalid(['input', 'codes'], 'either codes or how many random ones'));
    }
    return db.$transaction(async (tx) => {
      const discount = await tx.discount.findFirst({ where: { tenantId, id } });
      if (!discount) throw new UserErrors(notFound('discount'));
      if (discount.isAutomatic) throw new UserErrors(invalid(['id'], 'a discount that is not automatic'));
      await refuseTooMany(tx, tenantId, id, codes?.length ?? random?.count ?? 0);
      const add = (asked: readonly string[]) => insertCodes(tx, { tenantId, discountId: id, usageLimit }, asked);
      if (codes) throwIfAny(takenOf(codes, await add(codes)));
      // A random code that is taken, which hardly ever happens, is made anew.
      for (let left = random?.count ?? 0; left > 0; ) left -= (await add(randomCodes(left, random?.prefix ?? ''))).size;
      return discount;
    });
  });
}

async function refuseTooMany(tx: Tx, tenantId: string, discountId: string, more: number): Promise<void> {
  await lockResource(tx, tenantId, `codes of ${discountId}`);
  const count = await tx.discountCode.count({ where: { tenantId, discountId } });
  if (count + more <= MAX_OF_DISCOUNT) return;
  throw new UserErrors(limitReached(['input'], `A discount has up to ${MAX_OF_DISCOUNT} codes.`));
}

/** @returns those that were added: all but those that the store has. */
async function insertCodes(
  tx: Tx,
  { tenantId, discountId, usageLimit }: Pick<DiscountCode, 'tenantId' | 'discountId' | 'usageLimit'>,
  codes: readonly string[],
): Promise<Set<string>> {
  const added = await tx.$queryRaw<{ code: string }[]>`
    INSERT INTO discount_codes (tenant_id, id, discount_id, code, usage_limit)
    SELECT ${tenantId}, new_id('dcod'), ${discountId}, code, ${usageLimit}
    FROM unnest(${[...codes]}::text[]) WITH ORDINALITY AS asked (code, position) ORDER BY position
    ON CONFLICT (tenant_id, code) DO NOTHING RETURNING code`;
  return new Set(added.map(({ code }) => code));
}

/** The error of each code that was not added, or that is there twice, at its place. */
function takenOf(codes: readonly string[], added: ReadonlySet<string>) {
  const seen = new Set<string>();
  return codes.flatMap((code, index) => {
    const field = ['input', 'codes', String(index)];
    if (seen.has(code)) return [taken(field, 'This code is given twice.')];
    seen.add(code);
    return added.has(code) ? [] : [taken(field, CODE_TAKEN)];
  });
}

const codesToDelete = z.object({ codeIds: list(z.string(), { min: 1, max: MAX_BATCH }) });

/** Deletes codes of one discount, all or none, by one statement. */
export function discountCodesDelete({ db, tenantId }: Context, id: string, input: DiscountCodesDeleteInput) {
  return payload<'discount', Discount, UserErrorCode>('discount', async () => {
    const { codeIds } = readInput(codesToDelete, input);
    return db.$transaction(async (tx) => {
      const discount = await tx.discount.findFirst({ where: { tenantId, id } });
      if (!discount) throw new UserErrors(notFound('discount'));
      const deleted = await tx.$queryRaw<{ id: string }[]>`
        DELETE FROM discount_codes WHERE tenant_id = ${tenantId} AND discount_id = ${id} AND id = ANY (${codeIds}) RETURNING id`;
      const gone = new Set(deleted.map((code) => code.id));
      throwIfAny<UserErrorCode>(
        codeIds.flatMap((codeId, index) =>
          gone.has(codeId) ? [] : [notFound('code of this discount', ['input', 'codeIds', String(index)])],
        ),
      );
      return discount;
    });
  });
}
