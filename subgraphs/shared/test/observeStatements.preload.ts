import { observeStatements } from './observeStatements';

// For a service's process: NODE_OPTIONS="--require ./gateway/dev/ts --require …/observeStatements.preload.ts".
observeStatements(process.env.OBSERVED_STATEMENTS ?? '');
