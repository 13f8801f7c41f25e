import { setImmediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';

/** Of the documents that were read before: Apollo Server keeps about as many of them parsed. */
const MAX_KNOWN_CHARACTERS = 10_000_000;

interface Waiting {
  length: number;
  begin(): void;
}

/**
 * Parsing and validating a document takes up to some milliseconds of the thread that answers everybody. Of documents that are new and
 * arrive together, the shortest is read first, and the event loop does between two what else there is to do.
 * @returns what resolves when it is the document's turn: at once for one that was read before.
 */
export function createDocumentQueue(): (text: string) => Promise<void> {
  const known = new LRUCache<string, true>({
    maxSize: MAX_KNOWN_CHARACTERS,
    sizeCalculation: (_, text) => text.length + 1,
  });
  const waiting: Waiting[] = [];
  let isReading = false;

  async function readAll(): Promise<void> {
    isReading = true;
    for (let next = takeShortest(waiting); next; next = takeShortest(waiting)) {
      next.begin();
      await setImmediate();
    }
    isReading = false;
  }

  return (text) => {
    if (known.has(text)) return Promise.resolve();
    known.set(text, true);
    return new Promise((begin) => {
      waiting.push({ length: text.length, begin });
      if (!isReading) void readAll();
    });
  };
}

function takeShortest(waiting: Waiting[]): Waiting | undefined {
  const lengths = waiting.map(({ length }) => length);
  return waiting.splice(lengths.indexOf(Math.min(...lengths)), 1)[0];
}
