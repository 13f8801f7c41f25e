import { createSecretBox, newSecret } from './secretBox';

const OWNER = { tenantId: 'org_1', id: 'whk_1' };
const [OLD, NEW] = ['an old key of 32 characters or more', 'a new key of 32 characters or more!'];

describe('an encrypted secret', () => {
  it.each([
    ['another store', { ...OWNER, tenantId: 'org_2' }],
    ['another subscription', { ...OWNER, id: 'whk_2' }],
  ])('can’t be decrypted for %s', (_whom, owner) => {
    const box = createSecretBox([OLD]);
    expect(() => box.open(box.seal(newSecret(), OWNER), owner)).toThrow();
  });

  it('can’t be decrypted when it was changed, nor without its key', () => {
    const sealed = createSecretBox([OLD]).seal('whsec_abc', OWNER);
    const changed = sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA');
    expect(() => createSecretBox([OLD]).open(changed, OWNER)).toThrow();
    expect(() => createSecretBox([NEW]).open(sealed, OWNER)).toThrow('WEBHOOK_SECRETS_KEY');
  });

  it('does not contain the secret, and is never the same twice', () => {
    const box = createSecretBox([OLD]);
    const [one, two] = [box.seal('whsec_abc', OWNER), box.seal('whsec_abc', OWNER)];
    expect(one).not.toContain('whsec');
    expect(one).not.toBe(two);
  });

  it('can be decrypted after a rotation, as long as its key is configured after the newer one', () => {
    const secret = newSecret();
    const sealed = createSecretBox([OLD]).seal(secret, OWNER);
    expect(createSecretBox([NEW, OLD]).open(sealed, OWNER)).toBe(secret);
  });
});
