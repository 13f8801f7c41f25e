import { type LockedPackages, listLicenses, renderLicenses } from './licenses';

const locked = (fields: Partial<LockedPackages[string]> = {}): LockedPackages[string] => ({
  license: 'MIT',
  dependencies: {},
  optionalDependencies: {},
  peerDependencies: {},
  peerDependenciesMeta: {},
  ...fields,
});

describe('licences', () => {
  it('that nobody has looked at are refused, by name and package', () => {
    const packages = {
      '': locked({ dependencies: { new: '1' } }),
      'node_modules/new': locked({ license: 'SSPL-1.0' }),
    };
    expect(() => renderLicenses(listLicenses(packages))).toThrow(/SSPL-1\.0 \(new\)/);
  });

  it('that a package does not name are "none named"', () => {
    const packages = { '': locked(), 'node_modules/old': locked({ license: undefined }) };
    expect(listLicenses(packages).development).toEqual(new Map([['none named', ['old']]]));
  });

  it('are of the services for what dependencies need, and of development for the rest, optional peers too', () => {
    const packages = {
      '': locked({ dependencies: { client: '1' } }),
      'node_modules/client': locked({
        dependencies: { inner: '1' },
        optionalDependencies: { native: '1' },
        peerDependencies: { cli: '1', peer: '1' },
        peerDependenciesMeta: { cli: { optional: true } },
      }),
      'node_modules/client/node_modules/inner': locked({ license: 'ISC', dependencies: { shared: '2' } }),
      'node_modules/inner': locked({ license: 'EPL-2.0' }),
      'node_modules/native': locked({ license: '(MIT OR Apache-2.0)' }),
      'node_modules/peer': locked({ license: '0BSD' }),
      'node_modules/shared': locked(),
      'node_modules/cli': locked({ license: 'Apache-2.0' }),
    };
    const { runtime, development } = listLicenses(packages);
    expect(runtime).toEqual(
      new Map([
        ['0BSD', ['peer']],
        ['ISC', ['inner']],
        ['MIT', ['client', 'shared']],
        ['MIT OR Apache-2.0', ['native']],
      ]),
    );
    expect(development).toEqual(
      new Map([
        ['Apache-2.0', ['cli']],
        ['EPL-2.0', ['inner']],
      ]),
    );
  });

  it('to be looked at are explained above the permissive ones', () => {
    const packages = {
      '': locked({ dependencies: { gateway: '1' } }),
      'node_modules/gateway': locked({ license: 'Elastic-2.0' }),
      'node_modules/tool': locked(),
    };
    const text = renderLicenses(listLicenses(packages));
    expect(text).toContain('### Elastic-2.0\n\nApollo');
    expect(text).toContain('- needed by the services: `gateway`');
    expect(text).not.toContain('### LGPL');
  });
});
