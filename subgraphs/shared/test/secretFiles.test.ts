import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvError, loadSecretFiles } from '../env';

describe('a variable that is given as a file', () => {
  it('is an error when the file can’t be read', () => {
    expect(() => loadSecretFiles({ CALLER_SIGNING_KEY_FILE: '/none' })).toThrow(EnvError);
  });

  it('is ignored when it is not one of this system’s variables', () => {
    const env = { TF_CLI_CONFIG_FILE: '/none', SSL_CERT_FILE: '/none' };
    loadSecretFiles(env);
    expect(Object.keys(env)).toEqual(['TF_CLI_CONFIG_FILE', 'SSL_CERT_FILE']);
  });

  it('has the file’s content, unless the variable itself is set', () => {
    const folder = mkdtempSync(join(tmpdir(), 'secret-'));
    try {
      const file = join(folder, 'key');
      writeFileSync(file, 'from the file\n');
      const env: NodeJS.ProcessEnv = {
        CALLER_SIGNING_KEY_FILE: file,
        ORDER_DATABASE_URL: 'set',
        ORDER_DATABASE_URL_FILE: file,
      };
      loadSecretFiles(env);
      expect([env.CALLER_SIGNING_KEY, env.ORDER_DATABASE_URL]).toEqual(['from the file', 'set']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
