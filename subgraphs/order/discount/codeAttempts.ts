import { badUserInput } from '../../shared/errors';
import type { GuessLimits } from '../../shared/guessLimits';
import type { Context } from '../context';
import { requestLimit } from '../requestLimit';
import { codeKey, MAX_CODES } from './codeInput';

const mayTryCode = requestLimit(MAX_CODES);

type CodeContext = Context & { services: { guesses: GuessLimits } };

/**
 * Limits how many codes somebody may try, so that they can't be guessed: in one request all of them, over time those that the store does
 * not have. @throws GraphQLError BAD_USER_INPUT | THROTTLED
 */
export async function countCodeAttempts(ctx: CodeContext, codes: readonly string[]): Promise<void> {
  const { db, tenantId } = ctx;
  for (const code of codes) {
    if (!mayTryCode(ctx)) throw badUserInput('discountCodes', `up to ${MAX_CODES} codes in a request`);
    const look = () => db.discountCode.findFirst({ where: { tenantId, code: codeKey(code) }, select: { id: true } });
    await ctx.services.guesses.attempt(ctx.caller, 'discountCode', { look, isWrong: (found) => found === null });
  }
}
