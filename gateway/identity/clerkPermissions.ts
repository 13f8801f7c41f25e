/** The claims of a session token with the person's permissions in the organization. */
export interface PermissionClaims {
  /** Version 1: `["org:orders:manage"]` */
  org_permissions?: string[] | null | undefined;
  /** Version 2: features of the organization (`o:`), the user (`u:`) or both (`uo:`): `o:orders,u:billing`. */
  fea?: string | null | undefined;
  o?: { per?: string | null | undefined; fpm?: string | null | undefined } | undefined;
}

/**
 * The permissions that a token names, as `org:<feature>:<permission>`. Version 2 packs them: `o.per` lists the permissions
 * (`read,manage`), and `o.fpm` has a number for each feature of the organization. The number's bits, lowest first, tell which
 * of the permissions the feature has. Malformed parts grant no permission.
 * https://clerk.com/docs/guides/sessions/session-tokens
 */
export function permissionsNamedBy({ org_permissions, fea, o }: PermissionClaims): string[] {
  if (!o) return org_permissions ?? [];
  const features = listOf(fea)
    .filter((feature) => /^u?o:/.test(feature))
    .map((feature) => feature.replace(/^u?o:/, ''));
  const permissions = listOf(o.per);
  const masks = listOf(o.fpm);
  return features.flatMap((feature, n) =>
    permissions.filter((_, bit) => isSet(masks[n] ?? '', bit)).map((permission) => `org:${feature}:${permission}`),
  );
}

const listOf = (text: string | null | undefined) =>
  (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);

/** Uses BigInt, because there may be more permissions than a number has bits. */
const isSet = (mask: string, bit: number) => /^\d{1,100}$/.test(mask) && ((BigInt(mask) >> BigInt(bit)) & 1n) === 1n;
