import { randomUUID } from 'node:crypto';
import type { Caller } from '../../../shared/caller';
import type { SubgraphUnderTest } from '../../../shared/test/askSubgraph';
import type { Read } from '../../test/payments';

const ENTRIES = 'entries { kind direction amount { amount } balance { amount } orderId actorId reason }';
const CARD = `id lastCharacters initialAmount { amount currencyCode } balance { amount } isActive expiresAt recipientEmail note version
  ${ENTRIES}`;

/** Operations on a store's gift cards. Mutations answer with their payload, and throw on GraphQL errors. */
export function giftCardsOf(subgraph: SubgraphUnderTest, caller: Caller) {
  const send = async (name: string, query: string, variables: Record<string, unknown>): Promise<Read> => {
    const { data, errors } = await subgraph.ask(caller, query, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return data[name];
  };
  const change = (name: string, type: string, id: string, input: object) =>
    send(
      name,
      `mutation ($id: ID!, $input: ${type}!) { ${name}(id: $id, input: $input) { giftCard { ${CARD} } userErrors { field code } } }`,
      { id, input },
    );
  const turn = (name: string, id: string) =>
    send(name, `mutation ($id: ID!) { ${name}(id: $id) { giftCard { ${CARD} } userErrors { field code } } }`, { id });
  return {
    create: (input: object = {}) => {
      const whole = { amount: { amount: '50.00', currencyCode: 'USD' }, idempotencyKey: randomUUID(), ...input };
      const query = `mutation ($input: GiftCardCreateInput!) { giftCardCreate(input: $input) {
        code giftCard { ${CARD} } userErrors { field code } } }`;
      return send('giftCardCreate', query, { input: whole });
    },
    read: (id: string) => send('giftCard', `query ($id: ID!) { giftCard(id: $id) { ${CARD} } }`, { id }),
    find: async (lastCharacters: string | null = null) => {
      const query = 'query ($last: String) { giftCards(lastCharacters: $last) { totalCount nodes { id } } }';
      return send('giftCards', query, { last: lastCharacters });
    },
    update: (id: string, input: object) => change('giftCardUpdate', 'GiftCardUpdateInput', id, input),
    disable: (id: string) => turn('giftCardDisable', id),
    enable: (id: string) => turn('giftCardEnable', id),
    adjust: (id: string, amount: string, input: object = {}) => {
      const whole = {
        amount: { amount, currencyCode: 'USD' },
        reason: 'Sorry',
        idempotencyKey: randomUUID(),
        ...input,
      };
      return change('giftCardAdjust', 'CreditAdjustInput', id, whole);
    },
  };
}
