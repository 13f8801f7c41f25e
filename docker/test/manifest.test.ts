import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { manifestFaults } from '../manifest';

const FOLDER = join(__dirname, '..', 'kubernetes');
const MANIFESTS = readdirSync(FOLDER)
  .filter((file) => file !== 'kustomization.yaml')
  .flatMap((file) => parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map((document) => document.toJS()));

/** One of ours with `value` at a place; without it, none is there. */
function changed(kind: string, path: string, value?: unknown): unknown {
  const manifest = structuredClone(MANIFESTS.find((one) => one.kind === kind));
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  const parent = steps.reduce((at, step) => at[step], manifest);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return manifest;
}

const CONTAINER = 'spec.template.spec.containers.0';

describe('a Kubernetes manifest', () => {
  it.each<[string, unknown, string]>([
    ['that is no object', 'text', 'no manifest: expected apiVersion and kind'],
    ['of an API that its kind is not in', changed('Deployment', 'apiVersion', 'v1'), 'docker/manifest.ts knows none'],
    ['with a field that there is not', changed('Service', 'spec.portz', []), 'Service spec: Unrecognized key: "portz"'],
    [
      'with a misspelt probe',
      changed('Deployment', `${CONTAINER}.livenesProbe`, {}),
      'Unrecognized key: "livenesProbe"',
    ],
    ['without what it needs', changed('Deployment', 'spec.selector'), 'Deployment spec.selector: Invalid input'],
    [
      'with a text for a number',
      changed('Deployment', 'spec.replicas', '2'),
      'Deployment spec.replicas: Invalid input',
    ],
    [
      'with an invalid quantity',
      changed('Job', `${CONTAINER}.resources.limits.memory`, '512 MB'),
      'expected a quantity',
    ],
    ['with a port beyond all', changed('Service', 'spec.ports.0.port', 70_000), 'Service spec.ports.0.port'],
    ['with an invalid name', changed('ConfigMap', 'metadata.name', 'Our_config'), 'expected a DNS name'],
    [
      'whose settings are no texts',
      changed('ConfigMap', 'data.LOG_LEVEL', 3),
      'ConfigMap data.LOG_LEVEL: Invalid input',
    ],
  ])('%s is refused', (_what, manifest, fault) => {
    expect(manifestFaults(manifest)).toEqual([expect.stringContaining(fault)]);
  });

  it.each(MANIFESTS.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
    'of ours is taken: %s',
    (_name, manifest) => expect(manifestFaults(manifest)).toEqual([]),
  );
});
