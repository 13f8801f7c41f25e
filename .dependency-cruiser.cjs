const TESTS = '(^|/)test/|\\.test\\.ts$';

/**
 * Which file may import which, types included: `npm run check:imports`. A folder is a feature, and features that import each other
 * can only be read, changed and deleted together.
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: 'no-circular-files',
      comment: 'Move what both files need into a third one, or pass it as a parameter.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-circular-folders',
      comment: 'Of two folders one is below the other: move what it takes from the upper one down.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    {
      name: 'subgraphs-meet-over-the-network',
      comment:
        'A subgraph imports no other subgraph, and so not its Prisma client either. What both need is in subgraphs/shared.',
      severity: 'error',
      from: { path: '^subgraphs/(tenant|product|order)/' },
      to: { path: '^subgraphs/(tenant|product|order)/', pathNot: '^subgraphs/$1/' },
    },
    {
      name: 'shared-is-below-all',
      comment: 'subgraphs/shared imports no subgraph: pass what it needs as a parameter.',
      severity: 'error',
      from: { path: '^subgraphs/shared/' },
      to: { path: '^(gateway|subgraphs/(?!shared/))' },
    },
    {
      name: 'gateway-asks-subgraphs',
      comment: 'The gateway and the subgraphs import nothing of each other but subgraphs/shared.',
      severity: 'error',
      from: { path: '^gateway/', pathNot: '^gateway/(dev|chaos)/' },
      to: { path: '^subgraphs/(?!shared/)' },
    },
    {
      name: 'subgraphs-do-not-import-the-gateway',
      comment: 'The gateway calls the subgraphs: what both need is in subgraphs/shared.',
      severity: 'error',
      from: { path: '^subgraphs/' },
      to: { path: '^gateway/' },
    },
  ],
  options: {
    // Tests may start every service in one process.
    exclude: { path: TESTS },
    doNotFollow: { path: ['node_modules', '/generated/'] },
    parser: 'swc',
    tsPreCompilationDeps: true,
  },
};
