import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

/** The `iss` of the tokens that this stand-in for Clerk signs. Not https, so production refuses it. */
export const STAND_IN_ISSUER = 'http://clerk.localhost';

/** Another than RSA's usual 65537, so that production knows a stand-in's key when it sees one. */
const PUBLIC_EXPONENT = 65_539;

export interface TokenRequest {
  userId: string;
  /** Null for a customer, who has no active organization. */
  organization: { id: string; slug: string; role: 'admin' | 'member' } | null;
  /** Clerk's session token version: 1 names the organization in `org_…` claims, 2 in `o`. */
  version: 1 | 2;
  expiresInSeconds: number;
  authorizedParty: string;
  /** Who acts in the person's place, by Clerk's user impersonation. */
  impersonatorId?: string;
}

export function createStandInKey(): { privateKey: string; publicKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicExponent: PUBLIC_EXPONENT,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

/** A session token as Clerk issues it. https://clerk.com/docs/guides/sessions/session-tokens */
export function signSessionToken(request: TokenRequest, privateKey: string): string {
  const now = Math.floor(Date.now() / 1000);
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const claims = {
    azp: request.authorizedParty,
    exp: now + request.expiresInSeconds,
    fva: [0, -1],
    iat: now,
    iss: STAND_IN_ISSUER,
    jti: randomBytes(10).toString('hex'),
    nbf: now - 10,
    sid: `sess_${randomBytes(12).toString('hex')}`,
    sts: 'active',
    sub: request.userId,
    ...(request.impersonatorId && { act: { sub: request.impersonatorId } }),
    ...organizationClaims(request),
  };
  const signed = `${encode({ alg: 'RS256', cat: 'cl_B7d4PD111AAA', kid: 'ins_standin', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
}

function organizationClaims({ organization, version }: TokenRequest): object {
  if (version === 2) {
    return {
      v: 2,
      ...(organization && { o: { id: organization.id, slg: organization.slug, rol: organization.role } }),
    };
  }
  if (!organization) return {};
  return {
    org_id: organization.id,
    org_slug: organization.slug,
    org_role: `org:${organization.role}`,
    org_permissions: [],
  };
}
