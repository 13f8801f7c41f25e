import { runService } from '../../subgraphs/shared/runService';
import { readEnv } from '../env';
import { startGateway } from '../server';
import { developerPages } from './pages/developerPages';
import { localToken } from './token';

/** The gateway as everywhere, with pages for a developer's browser. */
void runService('gateway', (source) => {
  const env = readEnv(source);
  return startGateway(env, env.NODE_ENV === 'production' ? {} : { addPages: developerPages(env, localToken) });
});
