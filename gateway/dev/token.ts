import { readArguments, refuseArguments } from './arguments';
import { signSessionToken, type TokenRequest } from './clerkStandIn';
import { DEMO_STORES } from './demoStores';
import { localSecrets, readLocalEnv } from './localPlatform';

const USAGE =
  'npm run -s token -- --store nike|org_… [--role admin|member|customer] [--version 1|2] [--user user_…] [--impersonator user_…] [--expires SECONDS]';
const DEFAULT_EXPIRES_SECONDS = 12 * 60 * 60;
const MAX_EXPIRES_SECONDS = 24 * 60 * 60;

/** A session token for the local platform, as the stand-in for Clerk signs it. */
export function localToken(
  store: { id: string; slug: string },
  role: 'admin' | 'member' | 'customer',
  options: Partial<Pick<TokenRequest, 'version' | 'expiresInSeconds' | 'userId' | 'impersonatorId'>> = {},
): string {
  const { clerkPrivateKey } = localSecrets();
  return signSessionToken(
    {
      userId: options.userId ?? `user_${store.slug}_${role}`,
      organization: role === 'customer' ? null : { ...store, role },
      version: options.version ?? 2,
      expiresInSeconds: options.expiresInSeconds ?? DEFAULT_EXPIRES_SECONDS,
      authorizedParty: readLocalEnv().CLERK_AUTHORIZED_PARTIES ?? '',
      ...(options.impersonatorId && { impersonatorId: options.impersonatorId }),
    },
    clerkPrivateKey,
  );
}

/** Prints a token alone on stdout. */
function main(): void {
  const { values } = readArguments(
    {
      store: { type: 'string' },
      role: { type: 'string', default: 'admin' },
      version: { type: 'string', default: '2' },
      user: { type: 'string' },
      impersonator: { type: 'string' },
      expires: { type: 'string', default: String(DEFAULT_EXPIRES_SECONDS) },
    },
    USAGE,
  );
  const { role, version, user, impersonator } = values;
  const expiresInSeconds = Number(values.expires);
  const store = storeNamed(values.store, USAGE);
  if (role !== 'admin' && role !== 'member' && role !== 'customer') refuseArguments(`There is no role ${role}.`, USAGE);
  if (version !== '1' && version !== '2') refuseArguments(`There is no version ${version}.`, USAGE);
  if (!(expiresInSeconds > 0 && expiresInSeconds <= MAX_EXPIRES_SECONDS)) {
    refuseArguments(`--expires: expected 1 to ${MAX_EXPIRES_SECONDS} seconds.`, USAGE);
  }
  const options = {
    version: version === '1' ? 1 : 2,
    expiresInSeconds,
    ...(user && { userId: user }),
    ...(impersonator && { impersonatorId: impersonator }),
  } as const;
  console.log(localToken(store, role, options));
}

/** A demo store, or any by its organization. Ends the command for what is none. */
export function storeNamed(name: string | undefined, usage: string): { id: string; slug: string } {
  if (!name) return refuseArguments('--store is missing.', usage);
  const demo = DEMO_STORES.find(({ id, slug }) => name === id || name === slug);
  if (demo) return demo;
  if (!name.startsWith('org_'))
    return refuseArguments(`There is no demo store ${name}; name another by its org_… id.`, usage);
  return { id: name, slug: name.slice('org_'.length).replaceAll('_', '-') };
}

if (require.main === module) {
  try {
    main();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
