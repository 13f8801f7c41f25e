import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { parseAllDocuments } from 'yaml';
import { manifestFaults } from './manifest';

const ROOT = join(__dirname, '..');
const MANIFESTS = join(__dirname, 'kubernetes');

/** Part of `npm run check`: the Dockerfile, the compose file and the Kubernetes manifests. Says every fault, a line each. */
function lint(): void {
  const faults = [...dockerfileFaults(), ...composeFaults(), ...kubernetesFaults()];
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

function dockerfileFaults(): string[] {
  const content = readFileSync(join(__dirname, 'Dockerfile'), 'utf8');
  return validate(content).map(({ range, message }) => `docker/Dockerfile:${range.start.line + 1} ${message}`);
}

/** By dclint, and by Docker Compose itself where this machine has it. */
function composeFaults(): string[] {
  const dclint = join(ROOT, 'node_modules', 'dclint', 'bin', 'dclint.cjs');
  const runs = [
    [process.execPath, [dclint, '--config', 'docker/compose-lint.yaml', '--max-warnings', '0', 'docker-compose.yml']],
    ['docker', ['compose', 'config', '--quiet', '--no-interpolate']],
  ] as const;
  const hasCompose = spawnSync('docker', ['compose', 'version']).status === 0;
  return runs.slice(0, hasCompose ? 2 : 1).flatMap(([command, args]) => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
    return status === 0 ? [] : [`docker-compose.yml\n${stdout}${stderr}`];
  });
}

/** Each document against what Kubernetes takes. */
function kubernetesFaults(): string[] {
  return readdirSync(MANIFESTS)
    .filter((name) => name !== 'kustomization.yaml')
    .flatMap((file) =>
      parseAllDocuments(readFileSync(join(MANIFESTS, file), 'utf8')).flatMap((document) => {
        const faults = document.errors.length > 0 ? document.errors.map(String) : manifestFaults(document.toJS());
        return faults.map((fault) => `docker/kubernetes/${file} ${fault}`);
      }),
    );
}

lint();
