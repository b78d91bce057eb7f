/** Health checks: made, changed, listed, deleted. */
import type { HealthCheck, HealthCheckConfig, HealthCheckRegion, ResettableElementName } from '@aws-sdk/client-route-53';
import type { OperationContext } from '#aws/context.ts';
import { checkerBlocks } from '#model/health-check.ts';
import {
  healthCheckAlreadyExists,
  healthCheckVersionMismatch,
  invalidInput,
  noSuchHealthCheck,
  tooManyHealthChecks,
} from '#services/route53/errors.ts';
import { checkSettings } from '#services/route53/health-check-rules.ts';
import { locationOf, newUuid } from '#services/route53/ids.ts';
import { pageById, pageSize } from '#services/route53/pages.ts';
import { limitOf, limits } from '#services/route53/quotas.ts';
import type { Route53Operations } from '#services/route53/sdk.ts';
import { type HealthCheckRecord, healthCheckTable, referenceTable } from '#services/route53/tables.ts';

const MOST = 1000;

export const healthChecks = {
  CreateHealthCheck(context, input) {
    const { CallerReference: callerReference, HealthCheckConfig: config } = input;
    const settings = checkSettings(context, config);
    const existing = existingFor(context, callerReference);
    if (existing) {
      if (JSON.stringify(configOf({ ...existing, ...bare, ...settings })) !== JSON.stringify(configOf(existing))) throw healthCheckAlreadyExists(callerReference); // prettier-ignore
      return created(existing);
    }
    const limit = limitOf(context, limits.MAX_HEALTH_CHECKS_BY_OWNER);
    if (context.tx.count(healthCheckTable) >= limit) throw tooManyHealthChecks(limit);
    const check: HealthCheckRecord = {
      id: newUuid(context),
      callerReference,
      version: 1,
      createdMs: context.nowMs,
      tags: [],
      ...settings,
    };
    context.tx.put(healthCheckTable, check);
    context.tx.put(referenceTable, { id: `check ${callerReference}`, madeId: check.id });
    return created(check);
  },

  GetHealthCheck(context, input) {
    return { HealthCheck: checkView(requireHealthCheck(context, input.HealthCheckId)) };
  },

  ListHealthChecks({ tx }, input) {
    const size = pageSize(input.MaxItems, MOST);
    const { items, next } = pageById(tx.list(healthCheckTable), input.Marker, size);
    return {
      HealthChecks: items.map(checkView),
      Marker: input.Marker ?? '',
      IsTruncated: next !== undefined,
      NextMarker: next?.id,
      MaxItems: size,
    };
  },

  GetHealthCheckCount({ tx }) {
    return { HealthCheckCount: tx.count(healthCheckTable) };
  },

  UpdateHealthCheck(context, input) {
    const check = requireHealthCheck(context, input.HealthCheckId);
    if (input.HealthCheckVersion !== undefined && input.HealthCheckVersion !== check.version) throw healthCheckVersionMismatch();
    // "You can't update an existing health check to add or remove the value of IPAddress."
    if (input.IPAddress !== undefined && (check.address !== undefined) !== (input.IPAddress !== '')) {
      throw invalidInput('Invalid parameter : You cannot add or remove the IP address of an existing health check.');
    }
    const { HealthCheckId: _id, HealthCheckVersion: _version, ResetElements: reset = [], ...given } = input;
    const settings = checkSettings(context, changedConfig(configOf(check), given, reset));
    const { id, callerReference, createdMs, tags, version } = check;
    const changed = { id, callerReference, createdMs, tags, version: version + 1, ...settings };
    context.tx.put(healthCheckTable, changed);
    return { HealthCheck: checkView(changed) };
  },

  /** "Route 53 does not prevent you from deleting a health check even if the health check is associated with … record sets." */
  DeleteHealthCheck(context, input) {
    context.tx.delete(healthCheckTable, requireHealthCheck(context, input.HealthCheckId).id);
    return {};
  },

  GetCheckerIpRanges() {
    return { CheckerIpRanges: [...checkerBlocks] };
  },
} satisfies Route53Operations;

/** @throws AwsError NoSuchHealthCheck */
export function requireHealthCheck({ tx }: Pick<OperationContext, 'tx'>, id: string): HealthCheckRecord {
  const check = tx.get(healthCheckTable, id);
  if (!check) throw noSuchHealthCheck(id);
  return check;
}

/** What a caller reference has made. @throws AwsError HealthCheckAlreadyExists when that was deleted */
function existingFor({ tx }: OperationContext, callerReference: string): HealthCheckRecord | undefined {
  const used = tx.get(referenceTable, `check ${callerReference}`);
  if (used === undefined) return undefined;
  const existing = tx.get(healthCheckTable, used.madeId);
  if (existing === undefined) throw healthCheckAlreadyExists(callerReference);
  return existing;
}

const created = (check: HealthCheckRecord) => ({ HealthCheck: checkView(check), Location: locationOf(`healthcheck/${check.id}`) });

/** The settings that a check may lack, lacking: so that nothing of one is left under another's. */
const bare = {
  address: undefined,
  hostName: undefined,
  port: undefined,
  path: undefined,
  searchString: undefined,
  regions: undefined,
  children: undefined,
};

function checkView(check: HealthCheckRecord): HealthCheck {
  return { Id: check.id, CallerReference: check.callerReference, HealthCheckConfig: configOf(check), HealthCheckVersion: check.version };
}

type Settings = { readonly [K in keyof HealthCheckRecord]?: HealthCheckRecord[K] | undefined } & Pick<HealthCheckRecord, 'type'>;

function configOf(check: Settings): HealthCheckConfig {
  const isCalculated = check.type === 'CALCULATED';
  return {
    IPAddress: check.address,
    Port: check.port,
    Type: check.type,
    ResourcePath: check.path,
    FullyQualifiedDomainName: check.hostName,
    SearchString: check.searchString,
    RequestInterval: check.intervalSeconds,
    FailureThreshold: check.failureThreshold,
    MeasureLatency: isCalculated ? undefined : check.measuresLatency,
    Inverted: check.isInverted,
    Disabled: check.isDisabled,
    HealthThreshold: check.healthThreshold,
    ChildHealthChecks: check.children && [...check.children],
    EnableSNI: check.sendsServerName,
    Regions: check.regions?.map((region) => region as HealthCheckRegion), // checked by the model when it was given
  };
}

/** The settings after a change: what is given, over what was, without what is reset. */
function changedConfig(
  before: HealthCheckConfig,
  given: Partial<HealthCheckConfig>,
  reset: readonly ResettableElementName[],
): HealthCheckConfig {
  const config: HealthCheckConfig = { ...before };
  for (const element of reset) delete config[element];
  const present = Object.entries(given).filter(([, value]) => value !== undefined && value !== '');
  return { ...config, ...Object.fromEntries(present) };
}
