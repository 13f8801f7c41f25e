import { z } from 'zod';
import { createOrderLinks } from '../../order/orders/orderLinks';
import { createMediaUrls, mediaKeys } from '../../product/files/mediaUrls';
import { CallerRefused, serviceCaller, signCaller, verifyCaller } from '../caller';
import { parseEnv, signingKey } from '../env';
import { writeEvent } from '../events/domainEvent';
import { createEventSigner } from '../events/eventSigner';
import { sourceOf } from '../events/transport';
import { deriveKeys, type Secret, signWith } from '../hmac';

const OLD = 'o'.repeat(32);
const NEW = 'n'.repeat(32);

/** A rotation, one restart of all processes after the other: OPERATING.md. */
const PHASES: [string, Secret][] = [
  ['before', OLD],
  ['the new one accepted', [OLD, NEW]],
  ['the new one signs', [NEW, OLD]],
  ['the old one gone', NEW],
];

/** While processes are restarted, some are a phase ahead. */
const MEETINGS = PHASES.flatMap(([, from], index) =>
  PHASES.slice(Math.max(0, index - 1), index + 2).map(
    ([, to]) => [JSON.stringify(from), JSON.stringify(to), from, to] as const,
  ),
);

const EVENT = writeEvent(
  {
    id: 'evt_1',
    type: 'product.deleted',
    tenantId: 'org_a',
    aggregateType: 'product',
    aggregateId: 'prod_1',
    aggregateVersion: 2,
    previousVersion: 1,
    dataVersion: 1,
    time: '2026-12-01T00:00:00.000Z',
    traceParent: null,
    data: {},
  },
  sourceOf('product'),
);

describe('while a secret is rotated', () => {
  it.each(MEETINGS)('a call signed with %s is accepted with %s', (_from, _to, from, to) => {
    const caller = serviceCaller('org_a', 'r');
    expect(verifyCaller(signCaller(caller, 'order', '{}', from), 'order', '{}', to, () => false)).toEqual(caller);
  });

  it.each(MEETINGS)('an event signed with %s is read with %s', (_from, _to, from, to) => {
    const signature = createEventSigner(from).sign('product', 'org_a', EVENT);
    expect(createEventSigner(to).read(EVENT, 'org_a', signature).id).toBe('evt_1');
  });

  it.each(MEETINGS)('a buyer’s link made with %s opens the order with %s', (_from, _to, from, to) => {
    const token = createOrderLinks(from).tokenFor('org_a', 'ord_1');
    expect(createOrderLinks(to).orderOf('org_a', token)).toBe('ord_1');
  });

  it.each(MEETINGS)('an address of an image signed with %s is served with %s', (_from, _to, from, to) => {
    const image = { tenantId: 'org_a', fileId: 'file_1', name: '400.webp' };
    const [, signature = ''] =
      /images\/([^/]+)/.exec(createMediaUrls('http://x', mediaKeys(undefined, from)).image(image)) ?? [];
    expect(createMediaUrls('http://x', mediaKeys(undefined, to)).isImage(image, signature)).toBe(true);
  });
});

describe('after a rotation', () => {
  it('what the old secret signs is refused', () => {
    const headers = signCaller(serviceCaller('org_a', 'r'), 'order', '{}', OLD);
    expect(() => verifyCaller(headers, 'order', '{}', NEW, () => false)).toThrow(CallerRefused);
    const token = createOrderLinks(OLD).tokenFor('org_a', 'ord_1');
    expect(createOrderLinks(NEW).orderOf('org_a', token)).toBeNull();
  });

  it('buyers’ links of before open while ORDER_LINKS_KEY has the old secret, whatever signs callers', () => {
    const token = createOrderLinks(OLD).tokenFor('org_a', 'ord_1');
    expect(createOrderLinks([NEW, OLD]).orderOf('org_a', token)).toBe('ord_1');
  });

  it('addresses of before a media key of its own are served, and that key can be rotated alone', () => {
    const image = { tenantId: 'org_a', fileId: 'file_1', name: '400.webp' };
    const addressBy = (own: Secret | undefined) => createMediaUrls('http://x', mediaKeys(own, OLD));
    const signatureOf = (own: Secret | undefined) => /images\/([^/]+)/.exec(addressBy(own).image(image))?.[1] ?? '';
    expect(addressBy(NEW).isImage(image, signatureOf(undefined))).toBe(true);
    expect(addressBy(['2'.repeat(32), NEW]).isImage(image, signatureOf(NEW))).toBe(true);
    expect(addressBy('2'.repeat(32)).isImage(image, signatureOf(NEW))).toBe(false);
  });
});

it('each purpose has a key of its own: no signature counts for another', () => {
  const purposes = ['callers', 'events of product', 'order access token', 'media addresses', 'webhook secrets'];
  const signatures = purposes.map((purpose) => signWith(deriveKeys(OLD, purpose), 'message'));
  expect(new Set(signatures).size).toBe(purposes.length);
});

describe('CALLER_SIGNING_KEY', () => {
  const read = (CALLER_SIGNING_KEY: string) =>
    parseEnv(z.object({ CALLER_SIGNING_KEY: signingKey(true) }), { CALLER_SIGNING_KEY });

  it.each([
    ['a second one that is short', `${NEW},short`],
    ['a second one that is empty', `${NEW},`],
    ['a development key in production', `${NEW},dev_${OLD}`],
  ])('is refused with %s', (_what, value) => {
    expect(() => read(value)).toThrow(/CALLER_SIGNING_KEY/);
  });

  it('is one, or the new one and the old one', () => {
    expect(read(NEW).CALLER_SIGNING_KEY).toEqual([NEW]);
    expect(read(`${NEW}, ${OLD}`).CALLER_SIGNING_KEY).toEqual([NEW, OLD]);
  });
});
