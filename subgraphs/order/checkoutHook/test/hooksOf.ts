import { admin, type SubgraphUnderTest } from '../../../shared/test/askSubgraph';

const HOOK = 'id kind url isActive whenUnavailable lastFailure { reason status } previousSecretExpiresAt version';

/** A store's checkout hooks, by the subgraph's own operations. */
export function hooksOf(subgraph: SubgraphUnderTest, tenantId: string, caller = admin(tenantId)) {
  const send = async (name: string, query: string, variables: object = {}) => {
    const { data, errors } = await subgraph.ask(caller, query, { ...variables });
    if (errors) throw new Error(JSON.stringify(errors));
    return data[name];
  };
  const errors = 'userErrors { field code }';
  return {
    create: (input: object) =>
      send(
        'checkoutHookCreate',
        `mutation ($input: CheckoutHookCreateInput!) { checkoutHookCreate(input: $input) { secret checkoutHook { ${HOOK} } ${errors} } }`,
        { input },
      ),
    update: (id: string, input: object) =>
      send(
        'checkoutHookUpdate',
        `mutation ($id: ID!, $input: CheckoutHookUpdateInput!) { checkoutHookUpdate(id: $id, input: $input) { checkoutHook { ${HOOK} } ${errors} } }`,
        { id, input },
      ),
    rotate: (id: string) =>
      send(
        'checkoutHookRotateSecret',
        `mutation ($id: ID!) { checkoutHookRotateSecret(id: $id) { secret checkoutHook { ${HOOK} } ${errors} } }`,
        { id },
      ),
    delete: (id: string) =>
      send(
        'checkoutHookDelete',
        `mutation ($id: ID!) { checkoutHookDelete(id: $id) { deletedCheckoutHookId ${errors} } }`,
        { id },
      ),
    list: () => send('checkoutHooks', `{ checkoutHooks { ${HOOK} } }`),
  };
}
