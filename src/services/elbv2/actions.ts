/** What a rule does: forward, redirect, or answer by itself (Application Load Balancers guide, "Rule action types"). */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { OperationContext } from '#aws/context.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { invalidAction, unmodelled, validationError } from '#services/elbv2/errors.ts';
import { requireTargetGroup } from '#services/elbv2/lookup.ts';
import { fixedLimit, targetGroupsPerAction } from '#services/elbv2/quotas.ts';
import { redirectOf } from '#services/elbv2/redirects.ts';
import type { ActionRecord, BalancerType, Protocol } from '#services/elbv2/tables.ts';

/** What the action stands on. */
export interface ActionPlace {
  readonly type: BalancerType;
  readonly protocol: Protocol;
  readonly port: number;
}

const contentTypes = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'];
const mostWeight = 999;
const longestStickySeconds = 604_800;

/**
 * The one action that a rule ends with; those that could stand before it (authentication) are not there.
 * @throws AwsError ValidationError, InvalidLoadBalancerAction, TooManyActions, TargetGroupNotFound, NotImplemented
 */
export function actionOf(context: OperationContext, actions: readonly Action[], place: ActionPlace): ActionRecord {
  for (const { Type: type = '' } of actions) {
    if (type.startsWith('authenticate-') || type === 'jwt-validation') throw unmodelled(`actions of type ${type}`);
  }
  const [action] = actions;
  if (!action) throw validationError('An action must be specified');
  checkOrders(actions);
  if (actions.length > 1) throw invalidAction("A rule can have only one of the actions 'forward', 'redirect' and 'fixed-response'");
  if (place.type === 'network' && action.Type !== 'forward') {
    throw invalidAction(`Actions of type '${action.Type}' are not supported on load balancers with type 'network'`);
  }
  const order = action.Order === undefined ? {} : { order: action.Order };
  switch (action.Type) {
    case 'forward':
      return { ...order, ...forwardOf(context, action, place) };
    case 'redirect':
      if (!action.RedirectConfig) throw missingConfig('redirect', 'RedirectConfig');
      return { ...order, ...redirectOf(action.RedirectConfig, place) };
    case 'fixed-response':
      return { ...order, ...fixedResponseOf(action) };
    default:
      throw unmodelled(`actions of type ${action.Type}`);
  }
}

function checkOrders(actions: readonly Action[]): void {
  if (actions.length < 2) return;
  const orders = actions.map(({ Order }) => Order);
  if (orders.includes(undefined)) throw invalidAction('You must specify an order for each action of a rule with multiple actions');
  if (new Set(orders).size < orders.length) throw invalidAction('The orders of the actions of a rule must be unique');
}

function missingConfig(type: string, field: string): AwsError {
  return invalidAction(`For actions of type '${type}', you must specify the following fields: '${field}'`);
}

type Forward = Extract<ActionRecord, { type: 'forward' }>;

function forwardOf(context: OperationContext, action: Action, place: ActionPlace): Forward {
  const { TargetGroupArn: arn, ForwardConfig: config } = action;
  const tuples = config?.TargetGroups ?? (arn === undefined ? [] : [{ TargetGroupArn: arn }]);
  if (tuples.length === 0) throw missingConfig('forward', "TargetGroupArn' or 'ForwardConfig");
  if (arn !== undefined && config?.TargetGroups && (tuples.length > 1 || tuples[0]?.TargetGroupArn !== arn)) {
    throw invalidAction('You cannot specify both a target group ARN and a forward config with other target groups');
  }
  if (tuples.length > fixedLimit(context, targetGroupsPerAction[place.type])) {
    throw new AwsError('TooManyTargetGroups', "You've reached the limit on the number of target groups per action");
  }
  const groups = tuples.map(({ TargetGroupArn = '', Weight = 1 }) => {
    if (Weight < 0 || Weight > mostWeight)
      throw validationError(`Target group weight '${Weight}' must be between '0-${mostWeight}' inclusive`);
    requireTargetGroup(context, TargetGroupArn);
    return { arn: TargetGroupArn, weight: Weight };
  });
  if (new Set(groups.map((group) => group.arn)).size < groups.length) {
    throw invalidAction('A target group can be specified only once in a forward action');
  }
  const stickiness = stickinessOf(action, place);
  return { type: 'forward', groups, ...(stickiness ? { stickiness } : {}) };
}

function stickinessOf({ ForwardConfig: config }: Action, place: ActionPlace): Forward['stickiness'] {
  const sticky = config?.TargetGroupStickinessConfig;
  if (!sticky) return undefined;
  const { Enabled: enabled = false, DurationSeconds: seconds } = sticky;
  if (enabled && place.type === 'application') {
    if (seconds === undefined) throw validationError('You must specify a duration to enable target group stickiness');
    if (seconds < 1 || seconds > longestStickySeconds) {
      throw validationError(`Target group stickiness duration '${seconds}' must be between '1-${longestStickySeconds}' inclusive`);
    }
  }
  return { enabled, ...(seconds === undefined ? {} : { seconds }) };
}

function fixedResponseOf({ FixedResponseConfig: config }: Action): Extract<ActionRecord, { type: 'fixed-response' }> {
  if (!config) throw missingConfig('fixed-response', 'FixedResponseConfig');
  const { StatusCode: status = '', ContentType: contentType, MessageBody: body } = config;
  if (contentType !== undefined && !contentTypes.includes(contentType)) {
    throw invalidAction(`The ContentType must be one of:'${contentTypes.join("', '")}'`);
  }
  return {
    type: 'fixed-response',
    status,
    ...(contentType === undefined ? {} : { contentType }),
    ...(body === undefined ? {} : { body }),
  };
}

/** As AWS shows it: a single group also by its ARN alone. */
export function actionView(action: ActionRecord): Action {
  const order = action.order === undefined ? {} : { Order: action.order };
  switch (action.type) {
    case 'forward': {
      const { groups, stickiness } = action;
      return {
        Type: 'forward',
        ...order,
        TargetGroupArn: groups.length === 1 ? groups[0]?.arn : undefined,
        ForwardConfig: {
          TargetGroups: groups.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: weight })),
          TargetGroupStickinessConfig: { Enabled: stickiness?.enabled ?? false, DurationSeconds: stickiness?.seconds },
        },
      };
    }
    case 'redirect':
      return {
        Type: 'redirect',
        ...order,
        RedirectConfig: {
          Protocol: action.protocol,
          Port: action.port,
          Host: action.host,
          Path: action.path,
          Query: action.query,
          StatusCode: action.status,
        },
      };
    case 'fixed-response':
      return {
        Type: 'fixed-response',
        ...order,
        FixedResponseConfig: { StatusCode: action.status, ContentType: action.contentType, MessageBody: action.body },
      };
  }
}
