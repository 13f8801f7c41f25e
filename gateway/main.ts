import { runService } from '../subgraphs/shared/runService';
import { readEnv } from './env';
import { startGateway } from './server';

void runService('gateway', (source) => startGateway(readEnv(source)));
