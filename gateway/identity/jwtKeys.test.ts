import {
  ANN,
  AWAY,
  forged,
  HELD_FOR_AN_HOUR,
  next,
  old,
  REFUSED,
  type Row,
  shopper,
  signedBy,
  token,
  whileClerk,
  withKeySet,
} from '../test/tokenRows';
import { testRows } from '../test/tokenTable';

/*
 * Which key a token has to be signed with, and what applies while Clerk's keys are unavailable or rotated.
 */
const ROWS: Row[] = [
  ['J4', 'another key under the same kid', token(forged()), REFUSED],
  ['J4', 'another key, which the token brings', token(forged({ jwk: { kty: 'RSA' } })), REFUSED],
  ['J4', 'another key under a kid of the key set', withKeySet((it) => it.who(signedBy(next, 'ins_old'))), REFUSED],
  [
    'J6',
    '1000 unknown keys: one question in the cool-down, and known ones count',
    withKeySet(async (it, keys) => {
      await it.who(signedBy(old, 'ins_old'));
      keys.later(11);
      // All signed first: the request for the keys times out while this process is busy with that.
      const tokens = Array.from({ length: 1000 }, (_, n) => signedBy(old, `ins_${n}`));
      const answers = await Promise.all(tokens.map((unknown) => it.who(unknown)));
      return [...new Set(answers), keys.fetches, await it.who(signedBy(old, 'ins_old', { sid: 'sess_2' }))];
    }),
    [REFUSED, 2, ANN],
  ],
  ['J6', 'another kid, where the key is from the environment', shopper({}, { kid: 'another' }), ANN],
  [
    'J22',
    'while Clerk’s keys are gone',
    whileClerk((keys) => keys.answersBy((response) => void response.destroy())),
    HELD_FOR_AN_HOUR,
  ],
  ['J22', 'while Clerk answers 500', whileClerk((keys) => keys.answersWith({ keys: [] }, 500)), HELD_FOR_AN_HOUR],
  ['J22', 'while Clerk answers a page', whileClerk((keys) => keys.answersWith('<html></html>')), HELD_FOR_AN_HOUR],
  ['J22', 'while Clerk answers an empty set', whileClerk((keys) => keys.answersWith({ keys: [] })), HELD_FOR_AN_HOUR],
  [
    'J22',
    'while Clerk answers keys of another kind',
    whileClerk((keys) => keys.answersWith({ keys: [{ kty: 'EC', kid: 'ins_old', crv: 'P-256', x: 'a', y: 'b' }] })),
    HELD_FOR_AN_HOUR,
  ],
  [
    'J22',
    'while Clerk answers without an end',
    whileClerk((keys) => keys.answersBy((response) => void response.writeHead(200).write(Buffer.alloc(200_000, ' ')))),
    HELD_FOR_AN_HOUR,
  ],
  [
    'J22',
    'while Clerk is silent: it is waited for 3 seconds',
    withKeySet((it, keys) => {
      keys.answersBy(() => {});
      return it.who(signedBy(old, 'ins_old'));
    }),
    AWAY,
  ],
  [
    'J23',
    'an added key is accepted immediately; a revoked one is refused within a minute, also for a cached token',
    withKeySet(async (it, keys) => {
      const remembered = signedBy(old, 'ins_old');
      const first = await it.who(remembered);
      keys.holds({ ins_old: old, ins_new: next });
      keys.later(11);
      const both = [await it.who(signedBy(next, 'ins_new')), await it.who(remembered)];
      keys.holds({ ins_new: next });
      keys.later(61);
      const anew = signedBy(old, 'ins_old', { sid: 'sess_2' });
      return [first, both, await it.who(remembered), await it.who(anew), await it.who(signedBy(next, 'ins_new'))];
    }),
    [ANN, [ANN, ANN], REFUSED, REFUSED, ANN],
  ],
];

testRows(ROWS, 'J4 J6 J22 J23');
