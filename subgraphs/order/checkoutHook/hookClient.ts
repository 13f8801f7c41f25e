import type { Dispatcher } from 'undici';
import { createGuardedAgent } from '../../shared/webhooks/guardedAgent';
import type { AllowAddress } from '../../shared/webhooks/publicAddress';
import { signedPost } from '../../shared/webhooks/signedPost';
import { HookFailed } from './hookFailed';

/** A checkout waits for it: of the gateway's 10 s, both hooks may take 6. */
const TIMEOUT_MS = 3_000;
/** 200 lines with ten taxes each. */
const MAX_ANSWER_BYTES = 256 * 1_024;
/** Of an answer that is not read, before its connection is closed. */
const MAX_DUMPED_BYTES = 4 * 1_024;
/** What is asked above that at the same moment waits, within the time limit. */
const MAX_CONNECTIONS_PER_ORIGIN = 16;

export interface HookClient {
  /** @returns the JSON of the answer. @throws HookFailed */
  ask(message: { url: string; id: string; body: string; secrets: readonly string[] }): Promise<unknown>;
  close(): Promise<void>;
}

/** Asks stores' own servers, at public addresses only. Redirects are not followed. */
export function createHookClient(allow: AllowAddress, { timeoutMs = TIMEOUT_MS } = {}): HookClient {
  const agent = createGuardedAgent(allow, {
    connectTimeoutMs: timeoutMs,
    maxConnectionsPerOrigin: MAX_CONNECTIONS_PER_ORIGIN,
  });
  return {
    async ask(message) {
      let status: number | null = null;
      try {
        // For connecting, the answer and its body together.
        const response = await agent.request({ ...signedPost(message), signal: AbortSignal.timeout(timeoutMs) });
        status = response.statusCode;
        if (status !== 200) {
          await response.body.dump({ limit: MAX_DUMPED_BYTES });
          throw new HookFailed('WRONG_STATUS', status);
        }
        return parse(await read(response.body));
      } catch (error) {
        throw error instanceof HookFailed ? error : new HookFailed(reasonOf(error as NodeJS.ErrnoException), status);
      }
    },
    // What is in flight is not waited for: it ends by its time limit.
    close: () => agent.destroy(),
  };
}

async function read(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new HookFailed('INVALID_ANSWER', 200);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HookFailed('INVALID_ANSWER', 200);
  }
}

function reasonOf({ name, code }: NodeJS.ErrnoException) {
  if (code === 'ADDRESS_REFUSED') return 'ADDRESS_REFUSED';
  return name === 'TimeoutError' || code === 'UND_ERR_CONNECT_TIMEOUT' ? 'TIMED_OUT' : 'UNREACHABLE';
}
