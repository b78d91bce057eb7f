/** Policy documents as the evaluator holds them: read once, each statement's patterns compiled. */
import { compilePattern, type Pattern } from '#services/iam/patterns.ts';

export interface Condition {
  /** E.g. `StringLike`, without what stands before and after it. */
  readonly operator: string;
  readonly quantifier: 'ForAllValues' | 'ForAnyValue' | undefined;
  readonly ifExists: boolean;
  /** In lower case. */
  readonly key: string;
  readonly values: readonly Pattern[];
}

/** Whom a statement of a resource-based policy names: `*`, account ids, ARNs, services. */
export interface Principals {
  /** `AWS`, `Service`, `Federated` or `CanonicalUser`; `*` for `"Principal": "*"`. */
  readonly kind: string;
  readonly values: readonly string[];
}

export interface Statement {
  readonly sid: string | undefined;
  /** Place in the document, from 1. */
  readonly number: number;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly Pattern[] | undefined;
  readonly notActions: readonly Pattern[] | undefined;
  readonly resources: readonly Pattern[] | undefined;
  readonly notResources: readonly Pattern[] | undefined;
  readonly principals: readonly Principals[] | undefined;
  readonly notPrincipals: readonly Principals[] | undefined;
  readonly conditions: readonly Condition[];
}

export interface PolicyDocument {
  readonly version: string;
  readonly statements: readonly Statement[];
}

/** A document as it is written: strings or lists of strings, checked by policy-grammar.ts. */
interface WrittenStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: Strings;
  readonly NotAction?: Strings;
  readonly Resource?: Strings;
  readonly NotResource?: Strings;
  readonly Principal?: string | Readonly<Record<string, Strings>>;
  readonly NotPrincipal?: string | Readonly<Record<string, Strings>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Scalars>>>>;
}
type Strings = string | readonly string[];
type Scalars = string | number | boolean | readonly (string | number | boolean)[];

/** How many read documents are kept: about as many policies as are used at once. */
const documentsKept = 500;
const read = new Map<string, PolicyDocument>();

/** Reads a document that the grammar has accepted; the latest 500 are remembered. */
export function readPolicy(text: string): PolicyDocument {
  const known = read.get(text);
  if (known) return known;
  const document = compile(JSON.parse(text) as { Version?: string; Statement: WrittenStatement | readonly WrittenStatement[] }); // the grammar has checked it
  if (read.size >= documentsKept) {
    const oldest = read.keys().next();
    if (!oldest.done) read.delete(oldest.value);
  }
  read.set(text, document);
  return document;
}

function compile(written: { Version?: string; Statement: WrittenStatement | readonly WrittenStatement[] }): PolicyDocument {
  const version = written.Version ?? '2008-10-17';
  const variables = version === '2012-10-17';
  const statements = listOf(written.Statement).map((statement, index) => compileStatement(statement, index + 1, variables));
  return { version, statements };
}

function compileStatement(statement: WrittenStatement, number: number, variables: boolean): Statement {
  const patterns = (written: Strings | undefined, withVariables: boolean): readonly Pattern[] | undefined =>
    written === undefined ? undefined : listOf(written).map((text) => compilePattern(text, { wildcards: true, variables: withVariables }));
  return {
    sid: statement.Sid === '' ? undefined : statement.Sid,
    number,
    effect: statement.Effect,
    actions: actionPatterns(statement.Action),
    notActions: actionPatterns(statement.NotAction),
    resources: patterns(statement.Resource, variables),
    notResources: patterns(statement.NotResource, variables),
    principals: principalsOf(statement.Principal),
    notPrincipals: principalsOf(statement.NotPrincipal),
    conditions: conditionsOf(statement.Condition, variables),
  };
}

/** Actions have neither variables nor case. */
function actionPatterns(written: Strings | undefined): readonly Pattern[] | undefined {
  if (written === undefined) return undefined;
  return listOf(written).map((source) => ({ ...compilePattern(source.toLowerCase(), { wildcards: true, variables: false }), source }));
}

function principalsOf(written: WrittenStatement['Principal']): readonly Principals[] | undefined {
  if (written === undefined) return undefined;
  if (typeof written === 'string') return [{ kind: '*', values: [written] }];
  return Object.entries(written).map(([kind, values]) => ({ kind, values: listOf(values) }));
}

function conditionsOf(written: WrittenStatement['Condition'], variables: boolean): readonly Condition[] {
  return Object.entries(written ?? {}).flatMap(([name, keys]) => {
    const { operator, quantifier, ifExists } = readOperator(name);
    const wildcards = /Like|Arn/i.test(operator);
    return Object.entries(keys).map(([key, values]) => ({
      operator,
      quantifier,
      ifExists,
      key: key.toLowerCase(),
      values: listOf(values).map((value) => compilePattern(String(value), { wildcards, variables })),
    }));
  });
}

/** `ForAnyValue:StringLikeIfExists` taken apart. */
export function readOperator(name: string): Pick<Condition, 'operator' | 'quantifier' | 'ifExists'> {
  const found = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/i.exec(name);
  const quantifier = found?.[1]?.toLowerCase();
  return {
    operator: found?.[2] ?? name,
    quantifier: quantifier === undefined ? undefined : quantifier === 'forallvalues' ? 'ForAllValues' : 'ForAnyValue',
    ifExists: found?.[3] !== undefined,
  };
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T]; // a list, or what a list would hold
}
