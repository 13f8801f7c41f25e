import { faultsOf, faultsOfIndex, type Repository } from './checkDocs';

const repository: Repository = {
  files: [
    'README.md',
    'docs/USING.md',
    'docs/decisions/045-stock.md',
    'gateway/auth.ts',
    'subgraphs/order/rules.ts',
    'subgraphs/order/saga/engine.ts',
  ],
  scripts: ['start', 'events:docs'],
  decisions: new Map([['045-stock.md', '# 045: Stock in one statement']]),
};
const faultsIn = (text: string, path = 'docs/USING.md') => faultsOf(path, text, repository);

describe('a document', () => {
  it.each([
    ['links to a file that is not there', '[x](decisions/046-gone.md)', 'links to decisions/046-gone.md'],
    ['links from the wrong folder', '[x](docs/USING.md)', 'links to docs/USING.md'],
    ['names a file that has moved', 'See `checkout/engine.ts`.', 'names checkout/engine.ts'],
    ['names the end of a file name', 'See `ngine.ts`.', 'names ngine.ts'],
    ['names a folder that is not there', 'See `subgraphs/order/checkout/`.', 'names subgraphs/order/checkout/'],
    ['names by a pattern what is nowhere', 'See `subgraphs/*/schema.graphql`.', 'names subgraphs/*/schema.graphql'],
    ['tells to run a script that is not there', '```sh\nnpm run -s events:doc\n```', 'says npm run events:doc'],
    ['refers to a decision that is not there', 'As (decisions 045, 046) say.', 'says decision 046'],
  ])('that %s is refused', (_title, text, fault) => {
    expect(faultsIn(text)).toEqual([`docs/USING.md ${fault}`]);
  });

  it('that is the README and longer than a page is refused', () => {
    expect(faultsIn('line\n'.repeat(121), 'README.md')).toEqual(['README.md has more than 120 lines']);
    expect(faultsIn('line\n'.repeat(120), 'README.md')).toEqual([]);
  });

  it('may name a file by its end, a folder, a pattern, a script, a decision and pages elsewhere', () => {
    const text = `
      \`saga/engine.ts\` \`engine.ts\` \`subgraphs/order/saga/\` \`subgraphs/*/rules.ts\` \`subgraphs/<name>/\` \`npm run events:docs\`
      decision 045, [index](decisions/045-stock.md#why), [up](../README.md), [Clerk](https://clerk.com), \`dist/\`, \`a / b\`
    `;
    expect(faultsIn(text)).toEqual([]);
  });

  it('may have in a block of code what the reader will make', () => {
    expect(faultsIn('```ts\nimport "`brand/brand.ts`";\n```')).toEqual([]);
  });
});

describe('the index of decisions', () => {
  it('has every decision by its own title', () => {
    expect(faultsOfIndex('- [045](045-stock.md) Stock in one statement\n', repository)).toEqual([]);
    expect(faultsOfIndex('- [045](045-stock.md) Stock\n', repository)).toHaveLength(1);
    expect(faultsOfIndex('', repository)).toHaveLength(1);
  });
});
