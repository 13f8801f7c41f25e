import { recordEvents } from '../../shared/events/recordEvent';
import { readInput } from '../../shared/inputReader';
import { omitUndefined } from '../../shared/omitUndefined';
import { type Connection, readPage, toConnection } from '../../shared/pagination';
import { notFound, payload, staleVersion, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import { adjust, lockAccount, readAdjustment } from '../credit/adjustment';
import type { Tx } from '../database';
import type { CreditAccount, Prisma } from '../generated/prisma/client';
import type { CreditAdjustInput, GiftCardUpdateInput, QueryGiftCardsArgs, UserErrorCode } from '../generated/resolvers';
import { codeKeyOf } from './giftCardCode';
import { giftCardInput, requireFuture } from './giftCardInput';

export type GiftCardConnection = Connection<CreditAccount>;

export async function listGiftCards(ctx: Context, args: QueryGiftCardsArgs): Promise<GiftCardConnection> {
  const { db, tenantId } = ctx;
  const page = readPage(args, { key: 'CREATED_AT', column: 'createdAt', kind: 'date', reverse: args.reverse });
  const last = args.lastCharacters == null ? {} : { lastCharacters: codeKeyOf(args.lastCharacters) };
  const where: Prisma.CreditAccountWhereInput = { tenantId, kind: 'GIFT_CARD', ...last };
  const cards = await db.creditAccount.findMany({ ...page.query, where: { AND: [where, page.query.where] } });
  return toConnection(cards, page, () => db.creditAccount.count({ where }));
}

/** Changes a card in a transaction that has locked it, and answers with it as it is then. */
function changeCard(ctx: Context, id: string, change: (tx: Tx, card: CreditAccount) => Promise<void>) {
  const { db, tenantId } = ctx;
  return payload<'giftCard', CreditAccount, UserErrorCode>('giftCard', () =>
    db.$transaction(async (tx) => {
      const card = await lockAccount(tx, tenantId, id);
      if (card?.kind !== 'GIFT_CARD') throw new UserErrors(notFound('gift card'));
      await change(tx, card);
      return tx.creditAccount.findFirstOrThrow({ where: { tenantId, id } });
    }),
  );
}

/** Writes columns of a card, with its event. */
async function writeCard(tx: Tx, { tenantId, id }: CreditAccount, data: Prisma.CreditAccountUpdateManyMutationInput) {
  const where = { tenantId, id };
  const rows = await tx.creditAccount.updateManyAndReturn({ where, data: { ...data, version: { increment: 1 } } });
  await recordEvents(
    tx,
    rows.map(({ version, disabledAt, expiresAt }) => ({
      type: 'gift_card.updated' as const,
      aggregateId: id,
      aggregateVersion: version,
      data: { isActive: disabledAt === null, expiresAt: expiresAt?.toISOString() ?? null },
    })),
  );
}

export function giftCardUpdate(ctx: Context, id: string, input: GiftCardUpdateInput) {
  return changeCard(ctx, id, async (tx, card) => {
    const given = readInput(giftCardInput, input);
    requireFuture(given.expiresAt);
    if (input.expectedVersion != null && input.expectedVersion !== card.version) throw staleVersion(card);
    await writeCard(tx, card, omitUndefined(given));
  });
}

/** Nothing changes when it is switched off, or on, already. */
export function giftCardSwitch(ctx: Context, id: string, isActive: boolean) {
  return changeCard(ctx, id, async (tx, card) => {
    if ((card.disabledAt === null) === isActive) return;
    await writeCard(tx, card, { disabledAt: isActive ? null : new Date() });
  });
}

export function giftCardAdjust(ctx: Context, id: string, input: CreditAdjustInput) {
  return changeCard(ctx, id, (tx, card) => adjust(ctx, tx, card, readAdjustment(input)));
}
