import type { Caller } from '../../../shared/caller';
import type { SubgraphUnderTest } from '../../../shared/test/askSubgraph';

const METHOD = `id kind name instructions isActive countryCodes currencyCodes minimumTotal { amount currencyCode }
  maximumTotal { amount currencyCode } holdHours publishableKey providerAccount version`;

/** Operations on a store's payment methods. Mutations answer with their payload, and throw on GraphQL errors. */
export function methodsOf(subgraph: SubgraphUnderTest, caller: Caller) {
  const send = async (name: string, query: string, variables: Record<string, unknown> = {}) => {
    const { data, errors } = await subgraph.ask(caller, query, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return data[name];
  };
  const mutate = (name: string, args: Record<string, [string, unknown]>, selection: string) => {
    const declared = Object.entries(args).map(([arg, [type]]) => `$${arg}: ${type}`);
    const passed = Object.keys(args).map((arg) => `${arg}: $${arg}`);
    const query = `mutation (${declared.join(', ')}) { ${name}(${passed.join(', ')}) { ${selection} userErrors { field code } } }`;
    return send(name, query, Object.fromEntries(Object.entries(args).map(([arg, [, value]]) => [arg, value])));
  };
  return {
    list: () => send('paymentMethods', `{ paymentMethods { ${METHOD} } }`),
    create: (input: object = {}) => {
      const whole = { kind: 'BANK_TRANSFER', name: 'Bank transfer', ...input };
      return mutate(
        'paymentMethodCreate',
        { input: ['PaymentMethodCreateInput!', whole] },
        `paymentMethod { ${METHOD} }`,
      );
    },
    update: (id: string, input: object) =>
      mutate(
        'paymentMethodUpdate',
        { id: ['ID!', id], input: ['PaymentMethodUpdateInput!', input] },
        `paymentMethod { ${METHOD} }`,
      ),
    remove: (id: string) => mutate('paymentMethodDelete', { id: ['ID!', id] }, 'deletedPaymentMethodId'),
    reorder: (ids: string[]) => mutate('paymentMethodReorder', { ids: ['[ID!]!', ids] }, 'paymentMethods { id name }'),
  };
}
