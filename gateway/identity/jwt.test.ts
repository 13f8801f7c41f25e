import { bearer, ISSUER, SHOP_ORIGIN } from '../test/clerkTokens';
import { postTo } from '../test/postToGraph';
import {
  ADMIN,
  ANN,
  atNike,
  DAY,
  edited,
  header,
  hs256,
  meantFor,
  NOT_SIGNED_IN,
  NOW,
  REFUSED,
  type Row,
  rs512,
  sent,
  shopper,
  staff,
  token,
  unsigned,
  valid,
} from '../test/tokenRows';
import { testRows } from '../test/tokenTable';

/*
 * The caller that a token leads to: a row for each way in which a token can be invalid, or just valid. The ids are those of the
 * list of attacks that this system is tested against.
 */
const ROWS: Row[] = [
  ['J1', 'no token and no store', sent(() => ({})), NOT_SIGNED_IN],
  ['J1', 'Bearer without a token', sent(() => ({ authorization: 'Bearer ' })), NOT_SIGNED_IN],
  ['J1', 'Basic', sent(() => ({ authorization: 'Basic dXNlcjpwYXNz' })), NOT_SIGNED_IN],
  ['J1', 'two Authorization headers', sent(() => ({ authorization: [bearer(ADMIN), bearer(ADMIN)] })), NOT_SIGNED_IN],
  [
    'J1',
    'a token in the query string',
    sent(() => ({}), `/graphql?token=${valid()}&authorization=Bearer%20${valid()}`),
    NOT_SIGNED_IN,
  ],
  ['J1', 'a token in a cookie', sent(() => ({ cookie: `__session=${valid()}` })), NOT_SIGNED_IN],
  [
    'J1',
    'a forged token for a named store',
    sent(() => ({ authorization: 'Bearer a.b.c', 'x-store-domain': 'nike.localhost' })),
    NOT_SIGNED_IN,
  ],
  ['J1', 'an empty header', header(''), REFUSED],
  ['J1', 'Bearer alone', header('Bearer'), REFUSED],
  ['J1', 'a bare token', header(valid()), REFUSED],
  ['J1', 'two tokens in one header', header(`Bearer ${valid()} ${valid()}`), REFUSED],
  ['J1', 'two headers joined into one', header(`${bearer()}, ${bearer()}`), REFUSED],
  ['J1', 'no JWT', token('abc'), REFUSED],
  ['J1', 'three parts of no JSON', token('a.b.c'), REFUSED],
  ['J1', 'a payload of null', token(`${Buffer.from('{"alg":"RS256"}').toString('base64url')}.bnVsbA.x`), REFUSED],
  ['J1', 'no token, for a named store: a visitor', (it) => atNike(it).who(), 'VISITOR null in org_nike'],
  ['J2', 'alg none', token(unsigned('none')), REFUSED],
  ['J2', 'alg None', token(unsigned('None')), REFUSED],
  ['J2', 'an empty signature', token(unsigned('RS256')), REFUSED],
  ['J2', 'a payload that was changed', token(edited()), REFUSED],
  ['J3', 'HS256 with the public PEM', token(hs256()), REFUSED],
  ['J3', 'RS512, with the right key', token(rs512()), REFUSED],
  ['J7', 'expired 6 s ago', shopper({ exp: NOW - 6, iat: NOW - 66 }), REFUSED],
  ['J7', 'expired 4 s ago', shopper({ exp: NOW - 4, iat: NOW - 64 }), ANN],
  ['J7', 'valid in 6 s', shopper({ nbf: NOW + 6 }), REFUSED],
  ['J7', 'valid in 4 s', shopper({ nbf: NOW + 4 }), ANN],
  ['J7', 'issued in 6 s', shopper({ iat: NOW + 6 }), REFUSED],
  ['J7', 'issued in 4 s', shopper({ iat: NOW + 4 }), ANN],
  ['J8', 'no exp', shopper({ exp: undefined }), REFUSED],
  ['J8', 'exp as text', shopper({ exp: String(NOW + 60) }), REFUSED],
  ['J8', 'exp with a fraction', shopper({ exp: NOW + 60.5 }), REFUSED],
  ['J8', 'exp in a hundred years', shopper({ exp: NOW + 100 * 365 * DAY }), REFUSED],
  ['J8', 'no iat, so no lifetime', shopper({ iat: undefined }), REFUSED],
  ['J8', 'a lifetime of a day and a second', shopper({ iat: NOW, exp: NOW + DAY + 1 }), REFUSED],
  ['J8', 'a lifetime of a day', shopper({ iat: NOW, exp: NOW + DAY }), ANN],
  ['J9', 'another azp', shopper({ azp: 'https://evil.example' }), REFUSED],
  ['J9', 'azp that only begins right', shopper({ azp: `${SHOP_ORIGIN}.evil.com` }), REFUSED],
  ['J9', 'no azp', shopper({ azp: undefined }), REFUSED],
  [
    'J9',
    'no azp, where no parties are named: development alone, see env.test.ts',
    (it) => {
      it.env.CLERK_AUTHORIZED_PARTIES = [];
      return shopper({ azp: undefined })(it);
    },
    ANN,
  ],
  ['J10', 'another issuer', shopper({ iss: 'https://other.clerk.accounts.dev' }), REFUSED],
  ['J10', 'the issuer with a slash', shopper({ iss: `${ISSUER}/` }), REFUSED],
  ['J10', 'no issuer', shopper({ iss: undefined }), REFUSED],
  ['J11', 'no aud, while an audience is configured', meantFor(undefined), REFUSED],
  ['J11', 'a foreign aud', meantFor('other-api'), REFUSED],
  ['J11', 'a list of foreign ones', meantFor(['other-api', 'third-api']), REFUSED],
  ['J11', 'an empty list', meantFor([]), REFUSED],
  ['J11', 'the configured one', meantFor('shop-api'), ANN],
  ['J11', 'a list that has it', meantFor(['other-api', 'shop-api']), ANN],
  ['J12', 'a pending session: a visitor', shopper({ sts: 'pending', ...ADMIN }), 'VISITOR null in org_nike'],
  ['J12', 'a pending session, and no store: signed out', staff({ sts: 'pending', ...ADMIN }), REFUSED],
  ['J12', 'an active session', shopper({ sts: 'active' }), ANN],
  ['J17', 'extensions that must be understood', shopper({}, { crit: ['b64'], b64: true }), REFUSED],
  ['J17', 'typ at+jwt', shopper({}, { typ: 'at+jwt' }), REFUSED],
  ['J17', 'the cat of a machine token', shopper({}, { cat: 'cl_B7d4PD333AAA' }), REFUSED],
  ['J17', 'an unknown cat', shopper({}, { cat: 'cl_other' }), REFUSED],
  ['J17', 'a machine as the subject', shopper({ sub: 'mch_1' }), REFUSED],
  ['J17', 'the cat of a session', shopper({}, { cat: 'cl_B7d4PD111AAA' }), ANN],
];

const graph = testRows(ROWS, 'J1 J2 J3 J7 J8 J9 J10 J11 J12 J17');

test('the error is the same for all invalid tokens, and reveals nothing about them', async () => {
  const tokens = [bearer({ exp: NOW - 60, iat: NOW - 120 }), bearer({ iss: 'https://evil.example' }), 'Bearer a.b.c'];
  const answers = await Promise.all(
    tokens.map((authorization) => postTo(graph(), { query: '{ whoAmI }' }, { authorization })),
  );
  const messages = answers.map(({ json }) => json.errors[0].message);
  expect(new Set(messages)).toEqual(new Set(['The token is not valid. Sign in again.']));
});
