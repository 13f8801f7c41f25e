import './globalSetup';

/** Jest's globalTeardown. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.stopTestServers?.();
}
