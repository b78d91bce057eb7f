/** What a health check must consist of (API reference, "HealthCheckConfig"); words that begin with `Invalid parameter : ` as AWS has them. */
import type { HealthCheckConfig } from '@aws-sdk/client-route-53';
import type { OperationContext } from '#aws/context.ts';
import { addressScope } from '#model/address-scope.ts';
import { readDomainName } from '#model/domain-name.ts';
import { formatIp, parseIp } from '#model/ip.ts';
import { invalidInput, unmodelled } from '#services/route53/errors.ts';
import { type HealthCheckRecord, healthCheckTable } from '#services/route53/tables.ts';

/** What a check checks, and how. */
export type CheckSettings = Omit<HealthCheckRecord, 'id' | 'callerReference' | 'version' | 'createdMs' | 'tags'>;

const DEFAULT_INTERVAL = 30;
const DEFAULT_THRESHOLD = 3;
const defaultPorts: Readonly<Record<string, number>> = { HTTP: 80, HTTP_STR_MATCH: 80, HTTPS: 443, HTTPS_STR_MATCH: 443 };

const invalid = (words: string) => invalidInput(`Invalid parameter : ${words}`);

/** @throws AwsError InvalidInput, NotImplemented */
export function checkSettings(context: OperationContext, config: HealthCheckConfig): CheckSettings {
  const { Type: type } = config;
  if (type === 'CLOUDWATCH_METRIC') throw unmodelled('health checks of CloudWatch alarms');
  if (type === 'RECOVERY_CONTROL') throw unmodelled('health checks of routing controls');
  if (type === undefined) throw invalid('Health checks must have a type specified.');
  if (config.AlarmIdentifier) throw invalid('Basic health checks must not have an metric region specified.');
  if (config.InsufficientDataHealthStatus !== undefined) {
    throw invalid('Basic health checks must not have an insufficient data health state specified');
  }
  if (config.RoutingControlArn !== undefined) throw invalid('Basic health checks must not have a routing control ARN specified.');
  const all = { type, isInverted: config.Inverted ?? false, isDisabled: config.Disabled ?? false };
  return type === 'CALCULATED' ? calculatedSettings(context, config, { ...all, type }) : endpointSettings(config, { ...all, type });
}

type Common<T extends CheckSettings['type']> = Pick<CheckSettings, 'isInverted' | 'isDisabled'> & { readonly type: T };

function calculatedSettings({ tx }: OperationContext, config: HealthCheckConfig, common: Common<'CALCULATED'>): CheckSettings {
  const foreign: readonly (readonly [value: unknown, what: string])[] = [
    [config.IPAddress, 'an IP address'],
    [config.Port, 'a port'],
    [config.FullyQualifiedDomainName, 'a fully qualified domain name'],
    [config.ResourcePath, 'a resource path'],
    [config.SearchString, 'a search string'],
    [config.RequestInterval, 'a request interval'],
    [config.FailureThreshold, 'a failure threshold'],
    [config.MeasureLatency, 'measure latency'],
    [config.EnableSNI, 'enable SNI'],
    [config.Regions, 'regions'],
  ];
  for (const [value, what] of foreign) {
    if (value !== undefined && value !== '' && value !== false) throw invalid(`Calculated health checks must not have ${what} specified.`);
  }
  if (config.HealthThreshold === undefined) throw invalid('Calculated health checks must have a health threshold specified.');
  const children = config.ChildHealthChecks ?? [];
  if (new Set(children).size < children.length) throw invalid('Calculated health checks must not have the same child health check twice.');
  for (const id of children) {
    const child = tx.get(healthCheckTable, id);
    if (!child) throw invalid(`The child health check ${id} does not exist.`);
    // "You can't configure a calculated health check to monitor the health of other calculated health checks", guide.
    if (child.type === 'CALCULATED') throw invalid(`The child health check ${id} is a calculated health check.`);
  }
  return { ...common, measuresLatency: false, healthThreshold: config.HealthThreshold, children };
}

function endpointSettings(config: HealthCheckConfig, common: Common<Exclude<CheckSettings['type'], 'CALCULATED'>>): CheckSettings {
  const { type } = common;
  const isTcp = type === 'TCP';
  const { RequestInterval: intervalSeconds = DEFAULT_INTERVAL, FailureThreshold: failureThreshold = DEFAULT_THRESHOLD } = config;
  if (config.HealthThreshold !== undefined) throw invalid('Basic health checks must not have a health threshold specified.');
  if (config.ChildHealthChecks !== undefined) throw invalid('Basic health checks must not have child health checks specified.');
  if (isTcp && config.ResourcePath) throw invalidInput('TCP health checks must not have a resource path specified.');
  if (isTcp && config.IPAddress && config.FullyQualifiedDomainName)
    throw invalidInput('TCP health checks that have IP address must not have a fully qualified domain name specified.');
  if (isTcp && config.EnableSNI === true) throw invalidInput('TCP health checks must not have enable SNI specified.');
  if (intervalSeconds !== 10 && intervalSeconds !== DEFAULT_INTERVAL) throw invalid('Request interval must be 10 or 30.');
  const matches = type === 'HTTP_STR_MATCH' || type === 'HTTPS_STR_MATCH';
  if (matches && !config.SearchString) throw invalid('String match health checks must have a search string specified.');
  if (!matches && config.SearchString) throw invalid('Health checks that are not string match must not have a search string specified.');
  const port = config.Port ?? defaultPorts[type];
  if (port === undefined) throw invalidInput('TCP health checks must have a port specified.');
  const address = config.IPAddress ? checkAddress(config.IPAddress) : undefined;
  const hostName = config.FullyQualifiedDomainName ? checkHostName(config.FullyQualifiedDomainName) : undefined;
  if (address === undefined && hostName === undefined)
    throw invalid('Basic health checks must have an IP address or a fully qualified domain name specified.');
  return {
    ...common,
    ...(address === undefined ? {} : { address }),
    ...(hostName === undefined ? {} : { hostName }),
    port,
    ...(config.ResourcePath ? { path: checkPath(config.ResourcePath) } : {}),
    ...(config.SearchString ? { searchString: config.SearchString } : {}),
    intervalSeconds,
    failureThreshold,
    measuresLatency: config.MeasureLatency ?? false,
    // "The default is true for HTTPS and HTTPS_STR_MATCH health checks" (guide, "Values that you specify", "Enable SNI").
    sendsServerName: config.EnableSNI ?? type.startsWith('HTTPS'),
    ...(config.Regions && config.Regions.length > 0 ? { regions: [...new Set(config.Regions)] } : {}),
  };
}

/** "Route 53 can't check the health of endpoints for which the IP address is in local, private, non-routable, or multicast ranges." */
function checkAddress(text: string): string {
  const address = parseIp(text);
  if (address === undefined) throw invalid(`${text} is not a valid IP address.`);
  if (addressScope(address) !== 'global') throw invalid(`The IP address ${text} is in a local, private, non-routable, or multicast range.`);
  return formatIp(address);
}

function checkHostName(text: string): string {
  const read = readDomainName(text);
  if ('fault' in read) throw invalidInput(`FATAL problem: ${read.fault}`);
  return text;
}

function checkPath(text: string): string {
  if (/[^\u0021-\u007e]/.test(text)) throw invalid('The resource path contains unsupported characters.');
  return text;
}
