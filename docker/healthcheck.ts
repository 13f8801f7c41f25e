import { serviceOf } from './services';

const WITHIN_MS = 3_000;

/** Ends with 0 when this container's service is ready, and with 1 when it is not: the image has no curl. */
async function check(): Promise<void> {
  const { portVariable, port } = serviceOf(process.env);
  const url = `http://127.0.0.1:${process.env[portVariable] || port}/readyz`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(WITHIN_MS) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
}

check().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
