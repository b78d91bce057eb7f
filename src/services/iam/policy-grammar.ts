/** What makes a policy document malformed, in AWS's words (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html). */
import { AwsError } from '#protocol/aws-error.ts';
import { isOperator } from '#services/iam/conditions.ts';
import { invalidInput, malformedPolicy } from '#services/iam/errors.ts';
import { readOperator } from '#services/iam/policy-document.ts';

type Json = Readonly<Record<string, unknown>>;

const documentElements = new Set(['Version', 'Id', 'Statement']);
const statementElements = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]);
const versions = new Set<unknown>(['2008-10-17', '2012-10-17']);
const partitions = new Set(['aws', 'aws-cn', 'aws-us-gov', '*']);

const syntaxError = () => malformedPolicy('Syntax errors in policy.');
const legacyError = () => malformedPolicy('The policy failed legacy parsing');

/**
 * Checks a policy for an identity: managed, inline or session policy.
 * @throws AwsError MalformedPolicyDocument
 */
export function checkIdentityPolicy(text: string): void {
  const { document, statements } = parse(text, syntaxError);
  for (const statement of statements) checkStatementSyntax(statement);
  for (const statement of statements) if (!isEffect(statement['Effect'])) throw legacyError();
  checkSids(statements);
  for (const statement of statements) {
    if (statement['Principal'] !== undefined || statement['NotPrincipal'] !== undefined) {
      throw malformedPolicy('Policy document should not specify a principal.');
    }
    checkActions(statement);
    checkResources(statement);
  }
  if (document['Version'] !== '2012-10-17') throw malformedPolicy('Policy document must be version 2012-10-17 or greater.');
}

/**
 * Checks a policy that is only asked about, as the simulator's calls bring them.
 * @throws AwsError InvalidInput
 */
export function checkSimulatedPolicy(text: string): void {
  try {
    checkIdentityPolicy(text);
  } catch (error) {
    throw error instanceof AwsError ? invalidInput(error.message) : error;
  }
}

/** Actions that a role's trust policy may name. */
const trustActions =
  /^sts:(AssumeRole|AssumeRoleWithSAML|AssumeRoleWithWebIdentity|AssumeRoot|TagSession|SetSourceIdentity|SetContext|GetCallerIdentity|\*)$/i;

/**
 * Checks a role's trust policy, all but whether its principals exist.
 * @throws AwsError MalformedPolicyDocument
 */
export function checkTrustPolicy(text: string): void {
  const { statements } = parse(text, () => malformedPolicy('This policy contains invalid Json'));
  for (const statement of statements) checkStatementSyntax(statement);
  for (const statement of statements) {
    if (!isEffect(statement['Effect'])) throw legacyError();
    for (const field of ['Resource', 'NotResource']) {
      if (statement[field] !== undefined) throw malformedPolicy(`Has prohibited field ${field}`);
    }
    if (statement['NotPrincipal'] !== undefined) throw malformedPolicy('AssumeRole policy must not contain NotPrincipal field.');
    if (statement['Principal'] === undefined) throw malformedPolicy('Missing required field Principal');
    if (statement['Action'] === undefined) throw malformedPolicy('Missing required field Action');
    for (const action of strings(statement['Action'])) {
      if (!trustActions.test(action)) throw malformedPolicy('AssumeRole policy may only specify STS AssumeRole actions.');
    }
  }
  checkSids(statements);
}

function parse(text: string, notJson: () => Error): { document: Json; statements: readonly Json[] } {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw notJson();
  }
  if (!isObject(document) || Object.keys(document).some((key) => !documentElements.has(key))) throw syntaxError();
  if (document['Version'] !== undefined && !versions.has(document['Version'])) throw syntaxError();
  const written = document['Statement'];
  const statements: readonly unknown[] = Array.isArray(written) ? written : [written];
  if (statements.length === 0 || !statements.every(isObject)) throw syntaxError();
  return { document, statements };
}

function checkStatementSyntax(statement: Json): void {
  if (Object.keys(statement).some((key) => !statementElements.has(key))) throw syntaxError();
  for (const [one, other] of [
    ['Action', 'NotAction'],
    ['Resource', 'NotResource'],
    ['Principal', 'NotPrincipal'],
  ] as const) {
    if (statement[one] !== undefined && statement[other] !== undefined) throw syntaxError();
  }
  for (const key of ['Action', 'NotAction', 'Resource', 'NotResource']) {
    if (statement[key] !== undefined && !isStrings(statement[key])) throw syntaxError();
  }
  for (const key of ['Principal', 'NotPrincipal']) checkPrincipalSyntax(statement[key]);
  if (statement['Sid'] !== undefined && typeof statement['Sid'] !== 'string') throw syntaxError();
  if (typeof statement['Effect'] !== 'string') throw syntaxError();
  checkConditions(statement['Condition']);
}

function checkPrincipalSyntax(principal: unknown): void {
  if (principal === undefined || principal === '*') return;
  if (!isObject(principal)) throw syntaxError();
  for (const [kind, values] of Object.entries(principal)) {
    if (!['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(kind) || !isStrings(values)) throw syntaxError();
  }
}

function checkConditions(conditions: unknown): void {
  if (conditions === undefined) return;
  if (!isObject(conditions)) throw syntaxError();
  for (const [name, keys] of Object.entries(conditions)) {
    if (!isOperator(readOperator(name).operator) || !isObject(keys)) throw syntaxError();
    for (const values of Object.values(keys)) {
      const list: readonly unknown[] = Array.isArray(values) ? values : [values];
      if (!list.every((value) => ['string', 'number', 'boolean'].includes(typeof value))) throw syntaxError();
    }
  }
}

function checkSids(statements: readonly Json[]): void {
  const sids = statements.map((statement) => statement['Sid']).filter((sid) => sid !== undefined && sid !== '');
  if (sids.some((sid) => !/^[A-Za-z0-9]*$/.test(String(sid)))) {
    throw malformedPolicy('Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*');
  }
  if (new Set(sids).size < sids.length) throw malformedPolicy('Statement IDs (SID) in a single policy must be unique.');
}

function checkActions(statement: Json): void {
  const actions = strings(statement['Action'] ?? statement['NotAction']);
  if (actions.length === 0) throw malformedPolicy('Policy statement must contain actions.');
  for (const action of actions) {
    if (action === '*') continue;
    const [vendor = '', ...rest] = action.split(':');
    if (rest.length === 0) throw malformedPolicy('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
    if (rest.length > 1) throw malformedPolicy('Actions/Condition can contain only one colon.');
    if (!/^[a-zA-Z0-9.-]+$/.test(vendor)) throw malformedPolicy(`Vendor ${vendor} is not valid`);
  }
}

function checkResources(statement: Json): void {
  const resources = strings(statement['Resource'] ?? statement['NotResource']);
  if (resources.length === 0) throw malformedPolicy('Policy statement must contain resources.');
  for (const resource of resources) checkResource(resource);
}

function checkResource(resource: string): void {
  if (resource === '*') return;
  const [arn, partition = '', vendor = '', region = '', account = '', ...rest] = resource.split(':');
  if (!resource.includes(':') || (arn !== 'arn' && !/[*?]/.test(arn ?? ''))) {
    throw malformedPolicy(`Resource ${resource} must be in ARN format or "*".`);
  }
  const path = rest.join(':');
  if (!partitions.has(partition)) {
    const shown = [vendor, region, account, path].map((part) => part || '*').join(':');
    throw malformedPolicy(`Partition "${partition}" is not valid for resource "arn:${partition}:${shown}".`);
  }
  if (vendor === '' && partition !== '*') throw malformedPolicy('Resource vendor must be fully qualified and cannot contain regexes.');
  if (vendor === 'iam' && region !== '') throw malformedPolicy(`IAM resource ${resource} cannot contain region information.`);
}

function isEffect(effect: unknown): boolean {
  return effect === 'Allow' || effect === 'Deny';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'));
}

function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.map(String) : [];
}
