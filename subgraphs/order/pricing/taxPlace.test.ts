import { type RateOfPlace, ratesByClass, ratesOfPlace } from './taxPlace';

const rate = (name: string, changes: Partial<RateOfPlace> = {}): RateOfPlace => ({
  name,
  rate: 50_000,
  isCompound: false,
  appliesToShipping: true,
  province: '',
  taxClass: 'STANDARD',
  postalCodes: [],
  priority: 1,
  ...changes,
});

const namesFor = (rates: RateOfPlace[], destination: { province?: string; postalCode?: string | null }) =>
  ratesOfPlace(rates, { countryCode: 'US', ...destination }).map(({ name }) => name);

describe('the rates of a place', () => {
  const rates = [
    rate('Federal'),
    rate('State', { province: 'NY' }),
    rate('City', { province: 'NY', postalCodes: ['10001..10292', '104*'] }),
    rate('Anywhere', { postalCodes: ['96799'] }),
    rate('Levy', { province: 'NY', priority: 2 }),
  ];

  it.each<[string, object, string[]]>([
    ['a country, where nothing smaller has any', { province: 'NJ' }, ['Federal']],
    ['a state instead of its country, and of a second priority', { province: 'New York' }, ['State', 'Levy']],
    ['postal codes instead of their state', { province: 'NY', postalCode: '10027' }, ['City', 'Levy']],
    ['postal codes that begin alike', { province: 'NY', postalCode: '10451-1234' }, ['City', 'Levy']],
    ['none of other postal codes', { province: 'NY', postalCode: '12207' }, ['State', 'Levy']],
    ['none of the postal codes of another state', { province: 'NJ', postalCode: '10027' }, ['Federal']],
    ['postal codes of the country', { province: 'AS', postalCode: '96799' }, ['Anywhere']],
  ])('are those of %s', (_case, destination, names) => {
    expect(namesFor(rates, destination)).toEqual(names);
  });

  it('are in the order of their priorities, in which a compound one follows those that it is on', () => {
    const ordered = [rate('second', { priority: 3 }), rate('first', { priority: 2 })];
    expect(namesFor(ordered, {})).toEqual(['first', 'second']);
  });

  it('are one of two that were made for a place by its code and by its name', () => {
    expect(namesFor([rate('A', { province: 'NY' }), rate('B', { province: 'NEW YORK' })], { province: 'NY' })).toEqual([
      'A',
    ]);
  });
});

describe('the rates of a class of goods', () => {
  const rates = [
    rate('GST', { rate: 50_000 }),
    rate('QST', { rate: 99_750, priority: 2 }),
    rate('Books', { rate: 0, priority: 2, taxClass: 'REDUCED' }),
  ];
  const byClass = ratesByClass(rates, { countryCode: 'CA' });
  const shown = (list: readonly { name: string; rate: number }[]) =>
    list.map(({ name, rate: one }) => `${name} ${one}`);

  it('are its own, and of each priority without one the standard rate', () => {
    expect(shown(byClass.STANDARD)).toEqual(['GST 50000', 'QST 99750']);
    expect(shown(byClass.REDUCED)).toEqual(['GST 50000', 'Books 0']);
  });

  it('are the standard ones at 0 % for ZERO, and none for EXEMPT', () => {
    expect(shown(byClass.ZERO)).toEqual(['GST 0', 'QST 0']);
    expect(byClass.EXEMPT).toEqual([]);
  });
});
