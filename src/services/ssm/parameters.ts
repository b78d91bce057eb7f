/** Parameters: got by name, by path, listed. Only the public ones are there; an account's own are not modelled. */
import type { Parameter, ParameterMetadata } from '@aws-sdk/client-ssm';
import { checkConstraints } from '#aws/constraints.ts';
import type { OperationContext } from '#aws/context.ts';
import { type PageInput, paginate } from '#aws/pagination.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { invalidNextToken, labelNotFound, parameterNotFound, versionNotFound } from '#services/ssm/errors.ts';
import {
  byPathKeys,
  checkOneForm,
  checkPath,
  compileParameterFilters,
  describeKeys,
  fromOldFilters,
  isUnder,
  namesPublic,
} from '#services/ssm/parameter-filters.ts';
import { onlyVersion, parameterArn, type PublicParameter, publicParameters } from '#services/ssm/public-parameters.ts';
import type { SsmOperations } from '#services/ssm/sdk.ts';

/** The most, and what a page holds when the call does not say. */
const byPathPage = 10;
const describePage = 50;

export const parameters = {
  GetParameter(context, input) {
    const { parameter, selector } = requireParameter(context, input.Name);
    return { Parameter: view(parameter, context, selector) };
  },

  GetParameters(context, input) {
    const found = new Map<string, Parameter>();
    const invalid: string[] = [];
    for (const name of new Set(input.Names)) {
      const known = findParameter(context, name);
      if (known) found.set(known.parameter.name, view(known.parameter, context, known.selector));
      else invalid.push(name);
    }
    return { Parameters: [...found.values()].toSorted(byName), InvalidParameters: invalid };
  },

  GetParametersByPath(context, input) {
    const { Path: path, Recursive: recursive = false } = input;
    checkConstraints('ValidationException', { MaxResults: { min: 1, max: byPathPage } }, input);
    checkPath(path);
    const matches = compileParameterFilters(input.ParameterFilters, byPathKeys);
    // Public parameters are found under their own path only, not under `/`.
    const found = path.startsWith('/aws/')
      ? [...publicParameters(context.region).values()].filter((one) => isUnder(path, one.name, recursive) && matches(one))
      : [];
    const { items, nextToken } = page(input, found, byPathPage, ['by-path', path, recursive, input.ParameterFilters ?? []]);
    return { Parameters: items.map((one) => view(one, context)), NextToken: nextToken };
  },

  DescribeParameters(context, input) {
    checkOneForm(input.Filters, input.ParameterFilters);
    const filters = input.ParameterFilters ?? fromOldFilters(input.Filters);
    const matches = compileParameterFilters(filters, describeKeys);
    const found = namesPublic(filters) && !input.Shared ? [...publicParameters(context.region).values()].filter(matches) : [];
    const { items, nextToken } = page(input, found, describePage, ['describe', filters ?? []]);
    return { Parameters: items.map((one) => metadata(one, context)), NextToken: nextToken };
  },
} satisfies SsmOperations;

interface Selected {
  readonly parameter: PublicParameter;
  /** `:1` when the call named the version. */
  readonly selector: string | undefined;
}

/** @throws AwsError ParameterNotFound, ParameterVersionNotFound */
function requireParameter(context: OperationContext, asked: string): Selected {
  const { name, selector } = split(asked);
  const parameter = publicParameters(context.region).get(name);
  if (!parameter) throw parameterNotFound();
  if (selector !== undefined && selector !== String(onlyVersion)) {
    throw /^[0-9]+$/.test(selector) ? versionNotFound(name, selector) : labelNotFound(name, selector);
  }
  return { parameter, selector: selector === undefined ? undefined : `:${selector}` };
}

function findParameter(context: OperationContext, asked: string): Selected | undefined {
  try {
    return requireParameter(context, asked);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

/** Name or ARN, and the version or label behind it. */
function split(asked: string): { name: string; selector: string | undefined } {
  const text = asked.trim().replace(/^arn:[^:]*:ssm:[^:]*:[^:]*:parameter/, '');
  const colon = text.indexOf(':');
  return colon < 0 ? { name: text, selector: undefined } : { name: text.slice(0, colon), selector: text.slice(colon + 1) };
}

function page<T>(input: PageInput, items: readonly T[], most: number, bound: unknown) {
  try {
    return paginate({ MaxResults: input.MaxResults ?? most, NextToken: input.NextToken }, items, { min: 1, max: most }, bound);
  } catch (error) {
    throw error instanceof AwsError && error.code === 'InvalidPaginationToken' ? invalidNextToken() : error;
  }
}

function byName(a: Parameter, b: Parameter): number {
  return (a.Name ?? '') < (b.Name ?? '') ? -1 : 1;
}

function view(parameter: PublicParameter, { region }: OperationContext, selector?: string): Parameter {
  return {
    Name: parameter.name,
    Type: 'String',
    Value: parameter.value,
    Version: onlyVersion,
    Selector: selector,
    LastModifiedDate: new Date(parameter.modifiedMs),
    ARN: parameterArn(region, parameter.name),
    DataType: parameter.dataType,
  };
}

function metadata(parameter: PublicParameter, { region }: OperationContext): ParameterMetadata {
  return {
    Name: parameter.name,
    ARN: parameterArn(region, parameter.name),
    Type: 'String',
    LastModifiedDate: new Date(parameter.modifiedMs),
    Version: onlyVersion,
    Tier: 'Standard',
    Policies: [],
    DataType: parameter.dataType,
  };
}
