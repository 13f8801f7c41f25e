import { setImmediate } from 'node:timers/promises';
import { createDocumentQueue } from './documentQueue';

/** What happens in which order: `read` waits for a document's turn, `other` is whatever else the event loop has to do. */
function observe() {
  const happened: string[] = [];
  const waitToBeRead = createDocumentQueue();
  return {
    happened,
    read: async (text: string) => {
      await waitToBeRead(text);
      happened.push(text);
    },
    others: async (count: number) => {
      for (let n = 1; n <= count; n += 1) {
        await setImmediate();
        happened.push(`other ${n}`);
      }
    },
  };
}

it('lets others be answered between two new documents', async () => {
  const { happened, read, others } = observe();
  await Promise.all([read('{ a }'), read('{ b }'), read('{ c }'), others(2)]);
  expect(happened).toEqual(['{ a }', '{ b }', 'other 1', '{ c }', 'other 2']);
});

it('reads the shortest of those that wait first', async () => {
  const { happened, read } = observe();
  await Promise.all([read('{ longest }'), read('{ longer }'), read('{ a }')]);
  expect(happened).toEqual(['{ longest }', '{ a }', '{ longer }']);
});

it('a document that was read before waits for none', async () => {
  const { happened, read } = observe();
  await read('{ known }');
  await Promise.all([read('{ a }'), read('{ b }'), read('{ known }')]);
  expect(happened).toEqual(['{ known }', '{ known }', '{ a }', '{ b }']);
});
