import { recordEvents } from '../../shared/events/recordEvent';
import { idempotencyKeyFaults } from '../../shared/idempotency';
import { hashedId } from '../../shared/ids';
import { checkInput } from '../../shared/inputReader';
import { formatMoney, parseMoney } from '../../shared/money';
import { invalid, payload, refusal, throwIfAny } from '../../shared/userErrors';
import type { Context } from '../context';
import { postEntries } from '../credit/creditLedger';
import type { Tx } from '../database';
import type { CreditAccount } from '../generated/prisma/client';
import type { GiftCardCreateInput, UserErrorCode } from '../generated/resolvers';
import { hashOfCode, lastCharactersOf, newGiftCardCode } from './giftCardCode';
import { giftCardInput, requireFuture } from './giftCardInput';

/** A card to issue, with its amount in minor units. */
interface NewGiftCard
  extends Pick<CreditAccount, 'tenantId' | 'id' | 'currencyCode' | 'expiresAt' | 'recipientEmail' | 'note'> {
  code: string;
  amount: bigint;
  /** Clerk user id; null for one that was bought. */
  actorId: string | null;
}

/** Writes a card, the first entry of its ledger and its event. @returns false when there is a card of this id. */
async function issueGiftCard(tx: Tx, { code, amount, actorId, ...card }: NewGiftCard): Promise<boolean> {
  const { tenantId, id, currencyCode, expiresAt } = card;
  const lastCharacters = lastCharactersOf(code);
  const { count } = await tx.creditAccount.createMany({
    data: [{ ...card, kind: 'GIFT_CARD', codeHash: hashOfCode(tenantId, code), lastCharacters, initialAmount: amount }],
    skipDuplicates: true,
  });
  if (count === 0) return false;
  const posted = await postEntries(tx, { tenantId, kind: 'ISSUE', key: id, actorId }, [{ accountId: id, amount }]);
  await recordEvents(
    tx,
    (posted ?? []).map(({ version }) => ({
      type: 'gift_card.created' as const,
      aggregateId: id,
      aggregateVersion: version,
      data: {
        lastCharacters,
        amount: formatMoney({ minorUnits: amount, currencyCode }),
        expiresAt: expiresAt?.toISOString() ?? null,
      },
    })),
  );
  return true;
}

interface Created {
  giftCard: CreditAccount;
  /** Null in the answer to a repeat: it is stored nowhere. */
  code: string | null;
}

/** Issues a gift card. Its code is in the first answer and nowhere else. */
export async function giftCardCreate(ctx: Context, input: GiftCardCreateInput) {
  const { created, userErrors } = await payload<'created', Created, UserErrorCode>('created', () => create(ctx, input));
  return { giftCard: created?.giftCard ?? null, code: created?.code ?? null, userErrors };
}

function create({ db, tenantId, caller }: Context, input: GiftCardCreateInput): Promise<Created> {
  const { minorUnits: amount, currencyCode } = parseMoney(input.amount, 'input.amount');
  const { data, faults } = checkInput<typeof giftCardInput, UserErrorCode>(giftCardInput, input);
  throwIfAny<UserErrorCode>([
    ...(amount === 0n ? [invalid(['input', 'amount'], 'more than nothing')] : []),
    ...faults,
    ...idempotencyKeyFaults(input.idempotencyKey),
  ]);
  const { expiresAt = null, recipientEmail = null, note = null } = data ?? {};
  requireFuture(expiresAt);
  const code = newGiftCardCode();
  // The id is made of the idempotency key: of concurrent requests under one key the table's primary key lets one through.
  const id = hashedId('gift', JSON.stringify([tenantId, caller.userId, input.idempotencyKey]));
  const card = { tenantId, id, currencyCode, expiresAt, recipientEmail, note, code, amount, actorId: caller.userId };
  return db.$transaction(async (tx) => {
    const isNew = await issueGiftCard(tx, card);
    const giftCard = await tx.creditAccount.findFirstOrThrow({ where: { tenantId, id } });
    if (isNew) return { giftCard, code };
    if (giftCard.initialAmount === amount && giftCard.currencyCode === currencyCode) return { giftCard, code: null };
    const message = 'This key was used for another card. Take a new key for a new card.';
    throw refusal<UserErrorCode>(['input', 'idempotencyKey'], 'IDEMPOTENCY_CONFLICT', message);
  });
}
