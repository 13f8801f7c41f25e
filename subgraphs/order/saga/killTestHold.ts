import type { SagaStep } from '../generated/prisma/client';

/** A place between two steps: `after` a step, its effect is made and not written down yet. */
export type Boundary = `${'before' | 'after'} ${'CREATE' | SagaStep}`;

/** Resolves when the saga may go on. */
export type HoldAt = (boundary: Boundary) => Promise<void>;

/**
 * For the kill test (gateway/chaos), which has to kill a process exactly between two steps: the parent process names a boundary over
 * the IPC channel, receives `{ held: boundary }` from each saga that stops there, and lets them go on by naming another boundary, or
 * null. They go on as well when the parent is gone.
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
