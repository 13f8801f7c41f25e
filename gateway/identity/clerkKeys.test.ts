import { newKeyPair, sessionClaims, signToken } from '../test/clerkTokens';
import { TokenGate } from '../test/tokenGate';

test('many concurrent tokens fetch the key set once', async () => {
  const key = newKeyPair();
  const gate = new TokenGate();
  gate.headers = { 'x-store-domain': ['nike.localhost'] };
  const keys = await gate.fetchKeys({ ins_1: key });
  const tokens = Array.from({ length: 50 }, (_, n) =>
    signToken(sessionClaims({ sid: `sess_${n}` }), { header: { kid: 'ins_1' }, key: key.privateKey }),
  );
  const answers = await Promise.all(tokens.map((token) => gate.who(`Bearer ${token}`)));
  expect(new Set(answers)).toEqual(new Set(['CUSTOMER user_ann in org_nike']));
  expect(keys.fetches).toBe(1);
  await keys.close();
});
