import { badUserInput } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { type Connection, type PageArgs, readPage, toConnection } from '../../shared/pagination';
import type { Context } from '../context';
import type { ImpersonatedAction } from '../generated/prisma/client';
import type { ImpersonatedActionInput } from '../generated/resolvers';

export type ImpersonatedActionConnection = Connection<ImpersonatedAction>;

/** More mutations than a document within the gateway's limit of tokens has. */
const MAX_CONCURRENCY = 2_000;

/** Written before the mutations are executed: what could not be written down is not done. @returns how many. */
export async function impersonatedActionsRecord(
  { db, tenantId, actor, caller: { requestId } }: Context,
  actions: readonly ImpersonatedActionInput[],
): Promise<number> {
  const { actorId, impersonatorId } = actor;
  if (actorId === null || impersonatorId === null) throw new Error('Nobody acts in another’s place here');
  if (actions.length > MAX_CONCURRENCY) throw badUserInput('actions', `at most ${MAX_CONCURRENCY}`);
  const { count } = await db.impersonatedAction.createMany({
    data: actions.map(({ mutation, subjectIds }) => ({
      ...{ tenantId, actorId, impersonatorId, requestId },
      id: newId('impa'),
      mutation,
      subjectIds: [...subjectIds],
    })),
  });
  return count;
}

export async function listImpersonatedActions(
  { db, tenantId }: Context,
  args: PageArgs,
): Promise<ImpersonatedActionConnection> {
  const page = readPage(args, { key: 'AT', column: 'at', kind: 'date', reverse: true });
  const query = { ...page.query, where: { AND: [{ tenantId }, page.query.where] } };
  return toConnection(await db.impersonatedAction.findMany(query), page, () =>
    db.impersonatedAction.count({ where: { tenantId } }),
  );
}
