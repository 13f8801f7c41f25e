import type { Role } from '../../subgraphs/shared/caller';
import type { OperationSize } from '../planning/operationSize';
import { requestError } from '../requestErrors';

/** Of one operation, once fragments are expanded. Planning one that is this large and as hard as can be takes 50 ms. */
const MAX_SELECTIONS = 600;
/** Staff's tools ask for more at once, and there are fewer of them. */
export const MAX_SELECTIONS_OF_STAFF = 3_000;

/** In the cost of operations, where a field that is returned is one: see queryCost.ts. */
const COST_OF_SELECTION = 1;
const COST_OF_STATEMENT = 50;

/** What an operation costs beside the fields that it returns. */
export const fixedCostOf = ({ selections, statements }: OperationSize): number =>
  selections * COST_OF_SELECTION + statements * COST_OF_STATEMENT;

/** @param role null before the caller is known. @throws GraphQLError BAD_USER_INPUT when it would take too long to plan. */
export function limitSelections({ selections }: OperationSize, role: Role | null): void {
  const isPublic = role === 'VISITOR' || role === 'CUSTOMER';
  const most = isPublic ? MAX_SELECTIONS : MAX_SELECTIONS_OF_STAFF;
  if (selections <= most) return;
  const asked = Number.isFinite(selections) ? selections.toLocaleString('en') : 'too many';
  throw requestError(
    'BAD_USER_INPUT',
    `The operation selects ${asked} fields with its fragments expanded; expected at most ${most.toLocaleString('en')}: ask in parts.`,
  );
}
