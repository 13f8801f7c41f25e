import { removeTenantFilters } from './withoutTenantFilters';

// For a service's process: NODE_OPTIONS="--require tsx/cjs --require …/withoutTenantFilters.preload.ts".
removeTenantFilters();
