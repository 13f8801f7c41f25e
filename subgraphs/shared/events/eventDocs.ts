import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EVENT_CATALOG, EVENT_TYPES, type EventType } from './eventCatalog';
import { GAP_TIMEOUT_SECONDS, MAX_ATTEMPTS } from './inbox';
import { KEPT_APPLIED_DAYS, KEPT_PUBLISHED_DAYS } from './pruning';
import { CONSUMERS, SUBSCRIPTIONS } from './subscriptions';

const FILE = join(__dirname, '..', '..', '..', 'docs', 'EVENTS.md');

/** A whole family, unless it is a type. */
const heard = (family: string) => (family in EVENT_CATALOG ? `\`${family}\`` : `\`${family}.*\``);

/** docs/EVENTS.md: what there is to hear, made from the catalog, so that it can't say anything else. */
function describeEvents(): string {
  return `<!-- Made by \`npm run events:docs\` from subgraphs/shared/events/eventCatalog.ts. -->
# Events

What the subgraphs tell each other. An event is written into \`outbox_events\` in the transaction of the change that it tells, and
published after it: at least once, those of one aggregate in their order. Who takes it in keeps its id in the transaction of the
effect, so that it has one effect however often it comes.

Each is a [CloudEvent](https://cloudevents.io) in JSON. Besides \`id\`, \`source\`, \`type\`, \`time\` and \`data\`:

| attribute | is |
|---|---|
| \`subject\` | the id of the aggregate: what the event is about |
| \`tenantid\` | the store |
| \`aggregatetype\` | what kind of thing the subject is |
| \`aggregateversion\` | only grows for one aggregate; several events may share one |
| \`previousversion\` | that of the event before it of the aggregate, so that a missing one is noticed |
| \`dataversion\` | of the shape of \`data\` |
| \`traceparent\` | W3C trace context of the request that made the change |

An event that comes before its predecessor waits ${GAP_TIMEOUT_SECONDS} seconds for it. One whose effect fails is tried ${MAX_ATTEMPTS} times, and is
\`DEAD\` in \`inbox_events\` after that; one of a type or a version that is not known here is \`PARKED\`. Published events are kept for
${KEPT_PUBLISHED_DAYS} days, the ids of those taken in for ${KEPT_APPLIED_DAYS}.

## Who hears what

| consumer | of the subgraph | hears |
|---|---|---|
${CONSUMERS.map((name) => `| \`${name}\` | ${SUBSCRIPTIONS[name].subgraph} | ${SUBSCRIPTIONS[name].families.map(heard).join(', ')} |`).join('\n')}
| each gateway | | \`tenant.*\`, to forget what it remembers of stores and their people |

## Types

${EVENT_TYPES.map(describeType).join('\n')}`;
}

function describeType(type: EventType): string {
  const { source, aggregate, description, version, data } = EVENT_CATALOG[type];
  const { $schema: _, ...schema } = z.toJSONSchema(data);
  return `### ${type}

${description} From \`${source}\`, about a \`${aggregate}\`; version ${version} of its data:

\`\`\`json
${JSON.stringify(schema, null, 2)}
\`\`\`
`;
}

const text = describeEvents();
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
} else if (readFileSync(FILE, 'utf8') !== text) {
  console.error('docs/EVENTS.md is stale: run "npm run events:docs" and commit the result.');
  process.exitCode = 1;
}
