import { runService } from '../shared/runService';
import { readEnv } from './env';
import { startOrderSubgraph } from './server';

void runService('order', (source) => startOrderSubgraph(readEnv(source)));
