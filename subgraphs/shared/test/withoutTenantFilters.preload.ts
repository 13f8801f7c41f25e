import { removeTenantFilters } from './withoutTenantFilters';

// For a service's process: NODE_OPTIONS="--require ./gateway/dev/ts --require …/withoutTenantFilters.preload.ts".
removeTenantFilters();
