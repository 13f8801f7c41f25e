/**
 * What a store's staff may do. The names are those of Clerk's custom permissions without `org:`: `org:orders:manage` is
 * `orders:manage`. Managing includes reading.
 */
export const PERMISSIONS = [
  'products:read',
  'products:manage',
  'inventory:read',
  'inventory:manage',
  'orders:read',
  'orders:manage',
  'members:read',
  'members:manage',
  'store:manage',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** The permissions of Clerk's two default roles. A custom role has only the permissions that the token names. */
const OF_ROLE: ReadonlyMap<string, readonly Permission[]> = new Map<string, readonly Permission[]>([
  ['org:admin', PERMISSIONS],
  ['org:member', PERMISSIONS.filter((permission) => permission !== 'store:manage' && permission !== 'members:manage')],
]);

/** What another service of this system may read. For changes it has mutations of its own. */
export const SERVICE_PERMISSIONS: readonly Permission[] = ['products:read', 'inventory:read', 'orders:read'];

/**
 * @param role as Clerk spells it: `org:admin`. @param named permissions as a token names them: `org:orders:manage`. Those
 * of other applications on the same Clerk instance are left out.
 */
export function permissionsOf(role: string, named: readonly string[]): Permission[] {
  const held = new Set<string>([...(OF_ROLE.get(role) ?? []), ...named.map((name) => name.replace(/^org:/, ''))]);
  for (const name of [...held]) if (name.endsWith(':manage')) held.add(name.replace(/:manage$/, ':read'));
  return PERMISSIONS.filter((permission) => held.has(permission));
}
