import { isWrongProvince, postalProvince, provinceCode, provinceLineage } from './province';

describe('a province', () => {
  it.each([
    ['CA', 'Ontaro'],
    ['CA', 'NY'],
    ['CA', 'US-NY'],
    ['US', 'Ontario'],
    ['US', '-'],
  ])('can’t be told, and is wrong: %s %s', (country, typed) => {
    expect(provinceCode(country, typed)).toBeNull();
    expect(isWrongProvince(country, typed)).toBe(true);
  });

  it.each([
    ['DE', 'Nowhere'],
    ['CA', ''],
    ['US', null],
    ['US', undefined],
    ['XK', 'Pristina'],
  ])('is not known, yet not wrong: %s %s', (country, typed) => {
    expect(provinceCode(country, typed)).toBeNull();
    expect(isWrongProvince(country, typed)).toBe(false);
  });

  it.each([
    ['CA', 'ON', 'ON'],
    ['CA', ' on ', 'ON'],
    ['CA', 'CA-ON', 'ON'],
    ['CA', 'ca-on', 'ON'],
    ['CA', 'ONTARIO', 'ON'],
    ['CA', 'Québec', 'QC'],
    ['CA', 'Quebec', 'QC'],
    ['CA', 'Que\u0301bec', 'QC'],
    ['CA', 'Colombie-Britannique', 'BC'],
    ['CA', 'ile du prince edouard', 'PE'],
    ['US', 'New York', 'NY'],
    ['US', 'Washington, D.C.', 'DC'],
    ['US', 'Puerto Rico', 'PR'],
    ['US', 'AE', 'AE'],
    ['JP', '東京都', '13'],
    ['JP', '東京', '13'],
    ['JP', '京都府', '26'],
    ['JP', 'Tokyo', '13'],
    ['DE', 'Bayern', 'BY'],
    ['DE', 'Bavaria', 'BY'],
    ['IT', 'Milano', 'MI'],
    ['ES', 'Madrid', 'M'],
    ['AU', 'new south wales', 'NSW'],
    ['BR', 'São Paulo', 'SP'],
    ['GB', 'Schottland', 'SCT'],
  ])('by code or name: %s %s is %s', (country, typed, code) => {
    expect(provinceCode(country, typed)).toBe(code);
  });

  it('is in the provinces that it is a part of', () => {
    expect(provinceLineage('ES', 'B')).toEqual(['B', 'CT']);
    expect(provinceLineage('CA', 'ON')).toEqual(['ON']);
    expect(provinceLineage('CA', 'XX')).toEqual([]);
  });

  it('is printed as its code where post writes codes, else as it was typed', () => {
    expect(postalProvince('CA', 'Ontario')).toBe('ON');
    expect(postalProvince('IT', 'Milano')).toBe('MI');
    expect(postalProvince('JP', '東京都')).toBe('東京都');
    expect(postalProvince('CA', 'Ontaro')).toBe('Ontaro');
  });
});
