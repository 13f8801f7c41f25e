import type { Role } from '../../subgraphs/shared/caller';
import type { OperationSize } from '../planning/operationSize';
import { requestError } from '../requestErrors';

/** Of one operation: the hardest that fits takes some 50 ms of a core to plan. A product page takes 150 to 300. */
const MAX_PLANNING = 600;
/** Staff's tools ask for more at once, and there are fewer of them. */
export const MAX_PLANNING_OF_STAFF = 6_000;

/** In the cost of operations, where a field that is returned is one: see queryCost.ts. */
const COST_OF_PLANNING = 1;
const COST_OF_STATEMENT = 50;

/** What an operation costs beside the fields that it returns. */
export const fixedCostOf = ({ planning, statements }: OperationSize): number =>
  planning * COST_OF_PLANNING + statements * COST_OF_STATEMENT;

/** @param role null before the caller is known. @throws GraphQLError BAD_USER_INPUT when it would take too long to plan. */
export function limitPlanning({ planning }: OperationSize, role: Role | null): void {
  const isPublic = role === 'VISITOR' || role === 'CUSTOMER';
  const most = isPublic ? MAX_PLANNING : MAX_PLANNING_OF_STAFF;
  if (planning <= most) return;
  const asked = Number.isFinite(planning) ? `is ${planning.toLocaleString('en')}` : 'is too large';
  throw requestError(
    'BAD_USER_INPUT',
    `The size of the operation ${asked} with its fragments expanded; expected at most ${most.toLocaleString('en')}, where a field is one and an object seven: ask in parts.`,
  );
}
