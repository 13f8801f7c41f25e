import { runService } from '../shared/runService';
import { readEnv } from './env';
import { startProductSubgraph } from './server';

void runService('product', (source) => startProductSubgraph(readEnv(source)));
