import { runService } from '../shared/runService';
import { readEnv } from './env';
import { startTenantSubgraph } from './server';

void runService('tenant', (source) => startTenantSubgraph(readEnv(source)));
