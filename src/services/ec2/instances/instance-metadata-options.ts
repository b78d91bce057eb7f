/** The options of the instance metadata service: at launch, of an instance, and the account's defaults. */
import type { InstanceMetadataOptionsRequest, InstanceMetadataOptionsResponse } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { transitionMs } from '#aws/eventual.ts';
import { AwsError } from '#protocol/aws-error.ts';
import type { PublicImage } from '#services/ec2/instances/image-catalog.ts';
import { incorrectInstanceState } from '#services/ec2/instances/instance-errors.ts';
import { instanceState, requireInstance } from '#services/ec2/instances/instance-lookup.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import {
  type InstanceRecord,
  instanceTable,
  type MetadataDefaultsRecord,
  metadataDefaultsTable,
  type MetadataOptions,
} from '#services/ec2/tables/instances.ts';

const defaultsId = 'account';
const hopLimit = { min: 1, max: 64 };

export const instanceMetadataOptions = {
  ModifyInstanceMetadataOptions(context, input) {
    const instance = requireInstance(context, input.InstanceId);
    const state = instanceState(instance, context);
    if (state !== 'running' && state !== 'stopped') {
      throw incorrectInstanceState(`The instance '${instance.id}' is not in the 'running' or 'stopped' state.`);
    }
    const metadataOptions = { ...instance.metadataOptions, ...optionsIn(input) };
    const changed: InstanceRecord = { ...instance, metadataOptions, metadataPendingMs: context.nowMs + transitionMs };
    context.tx.put(instanceTable, changed);
    return { InstanceId: instance.id, InstanceMetadataOptions: metadataOptionsView(changed, context) };
  },

  GetInstanceMetadataDefaults(context) {
    const defaults = accountDefaults(context);
    return {
      AccountLevel: {
        HttpTokens: defaults.httpTokens,
        HttpPutResponseHopLimit: defaults.httpPutResponseHopLimit,
        HttpEndpoint: defaults.httpEndpoint,
        InstanceMetadataTags: defaults.instanceMetadataTags,
        ManagedBy: 'account',
        HttpTokensEnforced: defaults.httpTokensEnforced === undefined ? undefined : defaults.httpTokensEnforced ? 'enabled' : 'disabled',
      },
    };
  },

  ModifyInstanceMetadataDefaults(context, input) {
    const { HttpTokens, HttpPutResponseHopLimit, HttpEndpoint, InstanceMetadataTags, HttpTokensEnforced } = input;
    if (HttpPutResponseHopLimit !== undefined && HttpPutResponseHopLimit !== -1) checkHopLimit(HttpPutResponseHopLimit);
    const before = accountDefaults(context);
    const merged = {
      httpTokens: preferred(before.httpTokens, HttpTokens, 'no-preference'),
      httpPutResponseHopLimit: preferred(before.httpPutResponseHopLimit, HttpPutResponseHopLimit, -1),
      httpEndpoint: preferred(before.httpEndpoint, HttpEndpoint, 'no-preference'),
      instanceMetadataTags: preferred(before.instanceMetadataTags, InstanceMetadataTags, 'no-preference'),
      httpTokensEnforced:
        HttpTokensEnforced === undefined
          ? before.httpTokensEnforced
          : HttpTokensEnforced === 'no-preference'
            ? undefined
            : HttpTokensEnforced === 'enabled',
    };
    const set = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
    context.tx.put(metadataDefaultsTable, { id: defaultsId, ...set });
    return { Return: true };
  },
} satisfies Ec2Operations;

/**
 * The options of a new instance: the call's, else the account's, else the image's, else AWS's
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-options-order-of-precedence.html).
 * @throws AwsError InvalidParameterValue for a hop limit outside 1 to 64; UnsupportedOperation when the account enforces session tokens
 */
export function metadataOptionsAtLaunch(
  context: OperationContext,
  image: PublicImage,
  request: InstanceMetadataOptionsRequest | undefined,
): MetadataOptions {
  const defaults = accountDefaults(context);
  const wantsTokens = image.imdsSupport === 'v2.0';
  const options: MetadataOptions = {
    httpTokens: defaults.httpTokens ?? (wantsTokens ? 'required' : 'optional'),
    httpPutResponseHopLimit: defaults.httpPutResponseHopLimit ?? (wantsTokens ? 2 : 1),
    httpEndpoint: defaults.httpEndpoint ?? 'enabled',
    httpProtocolIpv6: 'disabled',
    instanceMetadataTags: defaults.instanceMetadataTags ?? 'disabled',
    ...optionsIn(request ?? {}),
  };
  if (defaults.httpTokensEnforced && options.httpTokens !== 'required') {
    throw new AwsError(
      'UnsupportedOperation',
      "You can't launch instances with IMDSv1 because httpTokensEnforced is enabled for this account. Either launch the instance with httpTokens=required or contact your account owner to disable httpTokensEnforced using the ModifyInstanceMetadataDefaults API or the account settings in the EC2 console.",
    );
  }
  return options;
}

export function metadataOptionsView(instance: InstanceRecord, context: OperationContext): InstanceMetadataOptionsResponse {
  const { metadataOptions: options, metadataPendingMs } = instance;
  return {
    State: metadataState(metadataPendingMs, instance, context),
    HttpTokens: options.httpTokens,
    HttpPutResponseHopLimit: options.httpPutResponseHopLimit,
    HttpEndpoint: options.httpEndpoint,
    HttpProtocolIpv6: options.httpProtocolIpv6,
    InstanceMetadataTags: options.instanceMetadataTags,
  };
}

/** `pending` until the instance has taken the options over. */
function metadataState(pendingMs: number | undefined, instance: InstanceRecord, context: OperationContext): 'pending' | 'applied' {
  return instanceState(instance, context) === 'pending' || (pendingMs !== undefined && context.nowMs < pendingMs) ? 'pending' : 'applied';
}

function accountDefaults(context: OperationContext): MetadataDefaultsRecord {
  return context.tx.get(metadataDefaultsTable, defaultsId) ?? { id: defaultsId };
}

/** The value after a change, of which `none` takes the preference back. */
function preferred<T, None extends string | number>(
  before: T | undefined,
  given: NoInfer<T | None> | undefined,
  none: None,
): T | undefined {
  if (given === undefined) return before;
  return given === none ? undefined : (given as T); // what is not the mark is a value
}

function optionsIn(request: InstanceMetadataOptionsRequest): Partial<MetadataOptions> {
  if (request.HttpPutResponseHopLimit !== undefined) checkHopLimit(request.HttpPutResponseHopLimit);
  return {
    ...(request.HttpTokens === undefined ? {} : { httpTokens: request.HttpTokens }),
    ...(request.HttpPutResponseHopLimit === undefined ? {} : { httpPutResponseHopLimit: request.HttpPutResponseHopLimit }),
    ...(request.HttpEndpoint === undefined ? {} : { httpEndpoint: request.HttpEndpoint }),
    ...(request.HttpProtocolIpv6 === undefined ? {} : { httpProtocolIpv6: request.HttpProtocolIpv6 }),
    ...(request.InstanceMetadataTags === undefined ? {} : { instanceMetadataTags: request.InstanceMetadataTags }),
  };
}

function checkHopLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= hopLimit.min && limit <= hopLimit.max) return;
  throw invalidParameterValue(
    `Value (${limit}) for parameter httpPutResponseHopLimit is invalid. The value must be between ${hopLimit.min} and ${hopLimit.max}.`,
  );
}
