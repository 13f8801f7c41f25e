import { renderThirdPartyLicenses, type ShippedPackage } from '../thirdPartyLicenses';

const shipped = (changes: Partial<ShippedPackage>): ShippedPackage => ({
  name: 'left',
  version: '1.2.3',
  license: 'MIT',
  author: 'Ada',
  texts: [],
  readme: null,
  ...changes,
});

describe('the licences that go with the image', () => {
  it.each(['GPL-2.0-only', null])('are refused for a package without a licence file under %p', (license) => {
    expect(() => renderThirdPartyLicenses([shipped({ license })])).toThrow('left has no licence file');
  });

  it('are the texts of all licence and notice files of each package', () => {
    const texts = [
      { file: 'LICENSE', text: 'Use it.\n' },
      { file: 'NOTICE', text: 'Made by Ada.' },
    ];
    const rendered = renderThirdPartyLicenses([shipped({ texts }), shipped({ name: 'right', texts })]);
    expect(rendered).toContain('left 1.2.3 (MIT)\n\nUse it.\n\nMade by Ada.');
    expect(rendered).toContain('right 1.2.3 (MIT)');
  });

  it('are the author, the README’s section and the standard text for a package without a licence file', () => {
    const readme = '# left\n\nPads.\n\n## Licensing\n\nUses zlib.\n\n## More\n\nElse.\n';
    const rendered = renderThirdPartyLicenses([shipped({ readme })]);
    expect(rendered).toContain('(MIT)\n\nCopyright Ada\n\nUses zlib.\n\nPermission is hereby granted, free of charge');
    expect(rendered).not.toContain('Else.');
  });

  it('are found at the end of a README, too', () => {
    expect(renderThirdPartyLicenses([shipped({ readme: '# left\n## License\nUses zlib.' })])).toContain('Uses zlib.');
  });
});
