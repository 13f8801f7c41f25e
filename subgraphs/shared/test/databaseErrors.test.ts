import { isDatabaseUnavailable } from '../databaseErrors';

const named = (name: string, cause?: object) => Object.assign(new Error('x'), { name, cause });

it.each<[string, unknown, boolean]>([
  [
    'the driver adapter lost the connection while it committed',
    named('DriverAdapterError', { kind: 'ConnectionClosed' }),
    true,
  ],
  ['the driver adapter met a constraint', named('DriverAdapterError', { kind: 'UniqueConstraintViolation' }), false],
  ['the driver adapter says nothing more', named('DriverAdapterError'), false],
  ['an error of another kind looks like it', named('Error', { kind: 'ConnectionClosed' }), false],
])('%s: is recognized as an unavailable database or not', (_what, error, expected) => {
  expect(isDatabaseUnavailable(error)).toBe(expected);
});
