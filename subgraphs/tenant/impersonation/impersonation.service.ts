import { badUserInput } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { type Connection, type PageArgs, readPage, toConnection } from '../../shared/pagination';
import type { Context } from '../context';
import type { ImpersonatedAction } from '../generated/prisma/client';
import type { ImpersonatedActionInput } from '../generated/resolvers';

/** More mutations than the gateway's limit of tokens allows in a document. */
const MAX_ACTIONS = 2_000;

/** Writes the audit log before the mutations are executed; if that fails, none is executed. @returns how many entries were written. */
export async function impersonatedActionsRecord(
  { db, tenantId, actor, caller: { requestId } }: Context,
  actions: readonly ImpersonatedActionInput[],
): Promise<number> {
  const { actorId, impersonatorId } = actor;
  if (actorId === null || impersonatorId === null) throw new Error('The caller does not impersonate anybody');
  if (actions.length > MAX_ACTIONS) throw badUserInput('actions', `at most ${MAX_ACTIONS}`);
  const { count } = await db.impersonatedAction.createMany({
    data: actions.map(({ mutation, subjectIds }) => ({
      tenantId,
      actorId,
      impersonatorId,
      requestId,
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
): Promise<Connection<ImpersonatedAction>> {
  const page = readPage(args, { key: 'CREATED_AT', column: 'createdAt', kind: 'date', reverse: true });
  const query = { ...page.query, where: { AND: [{ tenantId }, page.query.where] } };
  return toConnection(await db.impersonatedAction.findMany(query), page, () =>
    db.impersonatedAction.count({ where: { tenantId } }),
  );
}
