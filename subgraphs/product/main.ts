import { runService } from '../shared/runService';
import { readEnv } from './env';
import { startProductSubgraph } from './server';

void runService((source) => startProductSubgraph(readEnv(source)));
