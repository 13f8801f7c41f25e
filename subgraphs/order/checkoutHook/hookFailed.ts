import type { CheckoutHookFailureReason } from '../generated/prisma/client';

export type FailureReason = CheckoutHookFailureReason;

/** A store's hook did not answer, or wrongly. It says nothing of what was asked or answered, so that it can be logged. */
export class HookFailed extends Error {
  override readonly name = 'HookFailed';

  /** @param status of the answer; null when there was none. */
  constructor(
    readonly why: FailureReason,
    readonly status: number | null,
  ) {
    super(status === null ? why : `${why} (${status})`);
  }
}
