/**
 * What the schemas don't say of an operation's arguments. An operation that is not here is asked with what its arguments'
 * types and descriptions say: an id is of the kind that its description names ("pvar_…"), and whatever else has to be given
 * is made up. Add a line where that does not get as far as looking an id up, or where an answer may differ, with the reason.
 */

/** By operation and place: a value that is right there. `$pvar` is the caller's own variant, `$unique` a new text each time. */
export const VALUES: Record<string, unknown> = {
  'Mutation.orderFulfill input lines': [{ itemId: '$oitm', quantity: 1 }],
  'Mutation.appTokenCreate input permissions': ['orders:read'],
  'Mutation.tenantPlanChange input plan': 'ENTERPRISE',
};

/** By operation and the place that names another store's: what has to come along with it, as that store has it. */
export const ALONG: Record<string, Record<string, unknown>> = {
  'Query.guestOrder number': { email: '$guestEmail' },
};

/** Ids of the caller's own making. They name nothing that anybody has. */
export const OWN_WORDS = ['Mutation.stockReturn returnId'];

/** Of an entity whose id says not what it names. */
export const ENTITY_KINDS: Record<string, string> = { PlanUsage: 'org' };

/** Places where another store's name is answered in another way than one that nobody has, and why that tells nothing. */
export const PUBLIC_NAMES: Record<string, string> = {
  'Mutation.tenantUpdate input slug': 'a store’s address is one store’s in the world, and public: TAKEN',
};

/** Not sent by whoever may send it, and why: it names nothing of anybody's. */
export const NOT_SENT: Record<string, string> = {
  'Mutation.tenantSuspend': 'closes the caller’s own store to all that is asked after it',
};

/** What belongs to one person within a store: another customer is answered as if it did not exist. */
export const PERSONAL = ['ord', 'ful', 'cust', 'cart', 'clin', 'number'];
