import { availableParallelism } from 'node:os';

/**
 * For command.ts: changes operators, conditions and constants of the files below, one at a time, and runs the tests that reach
 * the place. Those that no test notices are in the report, .data/mutation/report.html.
 */
export default {
  mutate: [
    'gateway/identity/auth.ts',
    'gateway/limits/queryCost.ts',
    'gateway/caller/store.ts',
    'subgraphs/shared/{admission,caller,guards,money,pagination}.ts',
    'subgraphs/order/orders/orderStatus.ts',
    'subgraphs/order/pricing/{amounts,buyXGetY,combineDiscounts,discount,itemShares,largestGroups,places,pricing,allocate,shipping,tax,taxPlace}.ts',
    'subgraphs/tenant/billing/billingState.ts',
    'subgraphs/tenant/merchantWebhook/publicAddress.ts',
  ],
  // A message is for people: which words it has is no fault of the program.
  plugins: ['@stryker-mutator/*', './subgraphs/shared/test/mutation/ignoreMessages.mjs'],
  ignorers: ['messages'],
  testRunner: 'jest',
  jest: { configFile: 'subgraphs/shared/test/mutation/jest.config.js' },
  coverageAnalysis: 'perTest',
  ignoreStatic: false,
  concurrency: availableParallelism(),
  timeoutMS: 10_000,
  thresholds: { break: 90, high: 95, low: 90 },
  reporters: ['clear-text', 'html', 'json', 'progress'],
  clearTextReporter: { allowColor: false, logTests: false },
  htmlReporter: { fileName: '.data/mutation/report.html' },
  jsonReporter: { fileName: '.data/mutation/report.json' },
  tempDirName: '.data/stryker',
  ignorePatterns: ['.data', 'dist'],
};
