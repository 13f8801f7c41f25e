import { hashOfCode, lastCharactersOf, newGiftCardCode } from './giftCardCode';

describe('a gift card’s code', () => {
  it('has sixteen letters and digits that can’t be mistaken for others, in groups of four', () => {
    const codes = Array.from({ length: 200 }, newGiftCardCode);
    expect(codes.filter((code) => !/^([A-HJ-NP-Z2-9]{4}-){3}[A-HJ-NP-Z2-9]{4}$/.test(code))).toEqual([]);
    expect(new Set(codes).size).toBe(200);
  });

  it('has another hash in another store', () => {
    expect(hashOfCode('org_a', 'ABCD-EFGH-JKLM-NPQR')).not.toBe(hashOfCode('org_b', 'ABCD-EFGH-JKLM-NPQR'));
  });

  it.each(['abcdefghjklmnpqr', ' ABCD EFGH JKLM NPQR ', 'ABCD–EFGH–JKLM–NPQR', 'ＡＢＣＤ-EFGH-JKLM-NPQR'])(
    'is the same when it is typed as %j',
    (typed) => {
      expect(hashOfCode('org_a', typed)).toBe(hashOfCode('org_a', 'ABCD-EFGH-JKLM-NPQR'));
      expect(lastCharactersOf(typed)).toBe('NPQR');
    },
  );
});
