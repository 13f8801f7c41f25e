import type { PricingRules } from '../pricing/pricing';
import type { LoadedRules } from '../pricing/pricingRules';
import { applyHooks, type HookAnswers } from './applyHooks';
import { askHook, questionHash } from './askHook';
import type { Basket } from './basket';
import type { HookContext } from './hookContext';

/**
 * Asks a store's hooks about a basket. Not to be called within a transaction: it takes seconds when a hook hangs.
 * @returns the rules, and the answers for {@link withAnswers}. @throws GraphQLError THROTTLED
 */
export async function askHooks(
  ctx: HookContext,
  loaded: LoadedRules,
  basket: Basket,
): Promise<{ rules: PricingRules; answers: HookAnswers }> {
  const answers: HookAnswers['answers'] = [];
  const rules = await applyHooks(ctx.tenantId, loaded, basket, async (hook, question, read) => {
    const answer = await askHook(ctx, hook, question, read);
    answers.push({ hookId: hook.id, question: questionHash(hook, question), answer });
    return answer;
  });
  return { rules, answers: { hooks: loaded.hooks, answers } };
}

/**
 * The rules with answers that were given before: nobody is asked again, whatever became of the hooks since.
 * @returns null when these are answers to other questions: a price, a discount or the address has changed since.
 */
export async function withAnswers(
  tenantId: string,
  loaded: LoadedRules,
  basket: Basket,
  { hooks, answers }: HookAnswers,
): Promise<PricingRules | null> {
  try {
    return await applyHooks(tenantId, { ...loaded, hooks }, basket, async (hook, question) => {
      const hash = questionHash(hook, question);
      const given = answers.find((one) => one.question === hash);
      if (!given) throw new AskedOtherwise();
      return given.answer;
    });
  } catch (error) {
    if (error instanceof AskedOtherwise) return null;
    throw error;
  }
}

class AskedOtherwise extends Error {
  override readonly name = 'AskedOtherwise';
}
