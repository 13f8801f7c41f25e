/** How the demo stores are paid. */
export const DEMO_PAYMENT_METHODS = [
  { kind: 'TEST', name: 'Test card', instructions: 'No money moves. The token tok_declined is declined.' },
  { kind: 'BANK_TRANSFER', name: 'Bank transfer', instructions: 'IBAN DE02 1203 0000 0000 2020 51', holdHours: 72 },
];

type Send = <Data>(query: string, variables: object) => Promise<Data>;

/** Makes the methods of the kinds that a store has none of yet. @returns the id of its test method. */
export async function seedPaymentMethods(send: Send): Promise<string> {
  const list = async () => (await send<{ paymentMethods: { id: string; kind: string }[] }>(LIST, {})).paymentMethods;
  const found = await list();
  const missing = DEMO_PAYMENT_METHODS.filter((wanted) => !found.some(({ kind }) => kind === wanted.kind));
  for (const input of missing) await send(CREATE, { input });
  const test = (await list()).find(({ kind }) => kind === 'TEST');
  if (!test) throw new Error('The demo store has no test payments');
  return test.id;
}

const LIST = '{ paymentMethods { id kind } }';
const CREATE = `mutation ($input: PaymentMethodCreateInput!) {
  paymentMethodCreate(input: $input) { userErrors { code message } }
}`;
