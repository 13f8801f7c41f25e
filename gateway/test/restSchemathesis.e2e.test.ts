import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestSupergraph } from './startSupergraph';

/** Installed by .ci/run; elsewhere by `python3 -m venv .data/schemathesis && .data/schemathesis/bin/pip install schemathesis==4.32.5`. */
const COMMAND = join(__dirname, '..', '..', '.data', 'schemathesis', 'bin', 'schemathesis');
const isThere = existsSync(COMMAND) || process.env.REQUIRE_SERVICES === '1';
/** Of requests by their schemas, for each operation. The same ones in each run. */
const MAX_EXAMPLES = '2';
const SEED = '19';

/** @returns what it prints, and whether it found a fault. */
function run(parameters: string[], cwd: string): Promise<{ failed: boolean; output: string }> {
  return new Promise((resolve) => {
    execFile(COMMAND, parameters, { cwd, maxBuffer: 10_000_000 }, (error, stdout, stderr) =>
      resolve({ failed: error !== null, output: `${stdout}\n${stderr}` }),
    );
  });
}

(isThere ? describe : describe.skip)('schemathesis (Python)', () => {
  it('finds no answer that is a fault of the server, or is not as the OpenAPI document says', async () => {
    const graph = await TestSupergraph.start();
    const store = await graph.makeStore();
    const folder = mkdtempSync(join(tmpdir(), 'schemathesis-'));
    const { failed, output } = await run(
      [
        ...['run', `${graph.gatewayUrl}/api/openapi.json`, '--url', graph.gatewayUrl],
        ...['--header', `Authorization: ${store.admin.authorization}`],
        '--checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance',
        ...['--phases=fuzzing', `--max-examples=${MAX_EXAMPLES}`, `--seed=${SEED}`, '--workers=1', '--no-shrink'],
        ...['--continue-on-failure', '--suppress-health-check=all', '--warnings=off'],
      ],
      folder,
    );
    rmSync(folder, { recursive: true });
    await graph.stop();
    expect(failed ? output.slice(-20_000) : '').toBe('');
    // It has asked, and was not refused as a whole.
    expect(output).toMatch(/(\d{3,}) generated/);
  }, 180_000);
});
