import type { SagaStep } from '../generated/prisma/client';

/** A point between two steps. `after` a step: it has had its effect, and its result is not written yet. */
export type Boundary = `${'before' | 'after'} ${'CREATE' | SagaStep}`;

/** Resolves when the saga may continue. */
export type HoldAt = (boundary: Boundary) => Promise<void>;

/**
 * For the kill test (gateway/chaos), which has to kill a process exactly between two steps: the parent process names a boundary over
 * the IPC channel, receives `{ held: boundary }` from each saga that stops there, and lets them continue by naming another boundary, or
 * null. They also continue when the parent has exited.
 */
export function holdForParent(parent: Pick<NodeJS.Process, 'on' | 'send'>): HoldAt {
  let wanted: string | null = null;
  let waiting: (() => void)[] = [];
  const hold = (boundary: string | null) => {
    wanted = boundary;
    for (const goOn of waiting) goOn();
    waiting = [];
  };
  parent.on('message', (message) => hold((message as { holdAt: string | null }).holdAt));
  parent.on('disconnect', () => hold(null));
  return (boundary) => {
    if (boundary !== wanted) return Promise.resolve();
    parent.send?.({ held: boundary });
    return new Promise((resolve) => waiting.push(resolve));
  };
}
