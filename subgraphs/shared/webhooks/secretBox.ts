import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { deriveKey } from '../hmac';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts the secrets with which stores' webhooks are signed, so that nobody who reads the database or a backup can sign them. */
export interface SecretBox {
  /** @param owner the row that the secret belongs to: copied into another row, it can't be decrypted. */
  seal(secret: string, owner: SecretOwner): string;
  /** @throws Error when it was encrypted with a key that is no longer configured, or for another owner, or was changed. */
  open(sealed: string, owner: SecretOwner): string;
}

interface SecretOwner {
  tenantId: string;
  id: string;
}

/** @param keys the first one encrypts, and all of them decrypt, so that the key can be rotated. */
export function createSecretBox(keys: readonly string[]): SecretBox {
  const derived = keys.map((key) => deriveKey(key, 'webhook secrets'));
  const byName = new Map(derived.map((key) => [fingerprint(key), key]));
  const [first] = derived;
  if (!first) throw new Error('No key for webhook secrets');

  return {
    seal: (secret, owner) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, first, iv).setAAD(associatedData(owner));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return `${fingerprint(first)}.${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')}`;
    },
    open: (sealed, owner) => {
      const [name = '', encrypted = ''] = sealed.split('.', 2);
      const key = byName.get(name);
      if (!key) throw new Error('A webhook secret was encrypted with a key that is not in WEBHOOK_SECRETS_KEY');
      const bytes = Buffer.from(encrypted, 'base64url');
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(associatedData(owner))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
    },
  };
}

const fingerprint = (key: Buffer) => createHash('sha256').update(key).digest('base64url').slice(0, 8);
const associatedData = ({ tenantId, id }: SecretOwner) => Buffer.from(JSON.stringify([tenantId, id]));

/** A new secret in the format of Standard Webhooks. https://www.standardwebhooks.com */
export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
