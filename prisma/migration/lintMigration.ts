import { type AlterTableCmd, type ColumnDef, type Constraint, type Node, parse } from 'libpg-query';

/** What a migration may not do while requests are served, unless its script says why: `-- allow contract: no version since 0.4 reads it`. */
const RULES = ['index', 'constraint', 'rewrite', 'contract', 'backfill', 'transaction'] as const;
type Rule = (typeof RULES)[number];

interface Fault {
  rule: Rule;
  message: string;
}

/**
 * Whether a migration can be applied beside requests (decision 106): nothing that scans or rewrites a table while it holds a lock that they
 * wait for, and nothing that the version before it still needs. Tables that the script itself creates have no rows, and no requests.
 * @returns one sentence for each fault.
 */
export async function migrationFaults(name: string, script: string): Promise<string[]> {
  const statements = ((await parse(script)).stmts ?? []).flatMap(({ stmt }) => (stmt ? [stmt] : []));
  const own = new Set(statements.map(createdTable).filter(Boolean));
  const isOwn = (relation?: string) => relation !== undefined && own.has(relation);
  const alters = statements.some((stmt) => 'AlterTableStmt' in stmt && !isOwn(stmt.AlterTableStmt.relation?.relname));
  const allowed = new Set([...script.matchAll(/^-- allow (\w+): \S/gm)].map(([, rule]) => rule));
  return statements
    .flatMap((stmt) => statementFaults(stmt, isOwn, { alters, isAlone: statements.length === 1 }))
    .filter(({ rule }) => !allowed.has(rule))
    .map(({ rule, message }) => `${name}: ${message} (${rule})`);
}

interface Surroundings {
  /** Whether the script changes a table that was there before. */
  alters: boolean;
  isAlone: boolean;
}

function createdTable(stmt: Node): string | undefined {
  if ('CreateStmt' in stmt) return stmt.CreateStmt.relation?.relname;
  if ('CreateTableAsStmt' in stmt) return stmt.CreateTableAsStmt.into?.rel?.relname;
  return undefined;
}

function statementFaults(
  stmt: Node,
  isOwn: (relation?: string) => boolean,
  { alters, isAlone }: Surroundings,
): Fault[] {
  if ('IndexStmt' in stmt) {
    const { relation, idxname, concurrent } = stmt.IndexStmt;
    if (concurrent) return isAlone ? [] : [alone(`CREATE INDEX CONCURRENTLY ${idxname}`)];
    return isOwn(relation?.relname)
      ? []
      : [
          {
            rule: 'index',
            message: `CREATE INDEX ${idxname} stops writes to ${relation?.relname}: CONCURRENTLY, in a migration of its own`,
          },
        ];
  }
  if ('DropStmt' in stmt) return dropFaults(stmt.DropStmt, isAlone);
  if ('RenameStmt' in stmt)
    return [contract(`renames ${stmt.RenameStmt.subname ?? stmt.RenameStmt.relation?.relname ?? 'a type'}`)];
  if ('AlterEnumStmt' in stmt)
    return stmt.AlterEnumStmt.oldVal ? [contract(`renames the value ${stmt.AlterEnumStmt.oldVal}`)] : [];
  if ('TransactionStmt' in stmt)
    return [{ rule: 'transaction', message: 'a script is one transaction: no BEGIN and no COMMIT' }];
  if ('ReindexStmt' in stmt || 'ClusterStmt' in stmt || 'LockStmt' in stmt || 'VacuumStmt' in stmt)
    return [{ rule: 'rewrite', message: `${Object.keys(stmt)[0]} holds a table for as long as it takes` }];
  const changed = changedTable(stmt);
  if (changed !== undefined && alters && !isOwn(changed))
    return [
      {
        rule: 'backfill',
        message: `changes rows of ${changed} while it holds altered tables: in a migration after this one, or by a periodic task`,
      },
    ];
  if ('AlterTableStmt' in stmt) {
    const { relation, cmds = [] } = stmt.AlterTableStmt;
    if (isOwn(relation?.relname)) return [];
    return cmds.flatMap((cmd) => commandFaults(relation?.relname ?? '', commandOf(cmd)));
  }
  return [];
}

const contract = (what: string): Fault => ({
  rule: 'contract',
  message: `${what}, which the version before may still use: say since when none does`,
});

const alone = (what: string): Fault => ({
  rule: 'transaction',
  message: `${what} can't run in a transaction: the only statement of its migration`,
});

function dropFaults(
  { removeType, concurrent, objects = [] }: { removeType?: string; concurrent?: boolean; objects?: Node[] },
  isAlone: boolean,
): Fault[] {
  const names = objects.map(nameOf).join(', ');
  if (removeType === 'OBJECT_INDEX') {
    if (concurrent) return isAlone ? [] : [alone(`DROP INDEX CONCURRENTLY ${names}`)];
    return [
      {
        rule: 'index',
        message: `DROP INDEX ${names} stops reads of its table: CONCURRENTLY, in a migration of its own`,
      },
    ];
  }
  const harmless = ['OBJECT_POLICY', 'OBJECT_TRIGGER'];
  return harmless.includes(removeType ?? '') ? [] : [contract(`drops ${names}`)];
}

/** The last part of a name with its schema. */
function nameOf(node: Node): string {
  if ('List' in node) return nameOf(node.List.items?.at(-1) ?? node);
  if ('TypeName' in node) return nameOf(node.TypeName.names?.at(-1) ?? node);
  if ('ObjectWithArgs' in node) return nameOf(node.ObjectWithArgs.objname?.at(-1) ?? node);
  return 'String' in node ? (node.String.sval ?? '') : 'an object';
}

function changedTable(stmt: Node): string | undefined {
  if ('UpdateStmt' in stmt) return stmt.UpdateStmt.relation?.relname;
  if ('DeleteStmt' in stmt) return stmt.DeleteStmt.relation?.relname;
  return undefined;
}

const commandOf = (node: Node): AlterTableCmd => ('AlterTableCmd' in node ? node.AlterTableCmd : {});

function commandFaults(table: string, { subtype, name, def }: AlterTableCmd): Fault[] {
  switch (subtype) {
    case 'AT_AddColumn':
      return def && 'ColumnDef' in def ? columnFaults(table, def.ColumnDef) : [];
    case 'AT_AddConstraint':
      return def && 'Constraint' in def ? constraintFaults(table, def.Constraint) : [];
    case 'AT_DropColumn':
      return [contract(`drops ${table}.${name}`)];
    case 'AT_AlterColumnType':
      return [
        { rule: 'rewrite', message: `changes the type of ${table}.${name}: add a column of the new type, and fill it` },
      ];
    case 'AT_SetNotNull':
      return [
        {
          rule: 'constraint',
          message: `SET NOT NULL of ${table}.${name} reads all rows: ADD CONSTRAINT … NOT NULL … NOT VALID, then VALIDATE in the next migration`,
        },
      ];
    case 'AT_NoForceRowSecurity':
      return [
        {
          rule: 'backfill',
          message: `lifts the policy of ${table} until it commits, and nobody reads it: change rows store by store, by set_tenant`,
        },
      ];
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
    case 'AT_SetTableSpace':
    case 'AT_SetAccessMethod':
    case 'AT_SetExpression':
      return [{ rule: 'rewrite', message: `${subtype.slice(3)} rewrites ${table}` }];
    default:
      return [];
  }
}

function constraintFaults(table: string, { contype, conname, skip_validation, indexname }: Constraint): Fault[] {
  const usesIndex = contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_EXCLUSION';
  if (usesIndex) {
    if (indexname) return [];
    return [
      {
        rule: 'index',
        message: `${conname ?? contype} builds an index while it stops ${table}: CREATE UNIQUE INDEX CONCURRENTLY first, then USING INDEX`,
      },
    ];
  }
  if (skip_validation) return [];
  return [
    {
      rule: 'constraint',
      message: `${conname ?? contype} reads all rows of ${table}: NOT VALID, then VALIDATE CONSTRAINT in the next migration`,
    },
  ];
}

const ofColumn = (column: ColumnDef): Constraint[] =>
  (column.constraints ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));

function columnFaults(table: string, column: ColumnDef): Fault[] {
  const at = `${table}.${column.colname}`;
  const constraints = ofColumn(column);
  const fallback = constraints.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr;
  const faults: Fault[] = [];
  if (constraints.some(({ contype }) => contype === 'CONSTR_NOTNULL') && !fallback)
    faults.push({
      rule: 'constraint',
      message: `${at} is NOT NULL and has no default: it fails where there are rows, and in the version before`,
    });
  if (fallback && callsFunction(fallback))
    faults.push({
      rule: 'rewrite',
      message: `the default of ${at} is computed for each row: a constant, or add the column without it`,
    });
  for (const { contype } of constraints) {
    if (contype === 'CONSTR_GENERATED' || contype === 'CONSTR_IDENTITY')
      faults.push({ rule: 'rewrite', message: `${at} is computed for each row: add it without, and fill it` });
    if (contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN')
      faults.push({
        rule: 'constraint',
        message: `${at} has a constraint that reads all rows: ADD CONSTRAINT … NOT VALID, then VALIDATE in the next migration`,
      });
    if (contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY')
      faults.push({
        rule: 'index',
        message: `${at} builds an index while it stops ${table}: CREATE UNIQUE INDEX CONCURRENTLY`,
      });
  }
  return faults;
}

/** Functions of which PostgreSQL computes one value for all rows that there are. */
const STABLE = new Set(['now', 'transaction_timestamp', 'statement_timestamp']);

/** Whether an expression calls a function that may answer differently for each row. */
function callsFunction(node: unknown): boolean {
  if (node === null || typeof node !== 'object') return false;
  if ('FuncCall' in node) {
    const { funcname = [] } = node.FuncCall as { funcname?: Node[] };
    if (!STABLE.has(funcname.map(nameOf).at(-1) ?? '')) return true;
  }
  return Object.values(node).some(callsFunction);
}
