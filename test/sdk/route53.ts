/** Zones and records for tests of Route 53. */
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  type CreateHostedZoneCommandInput,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { expect } from 'vitest';
import type { Keiro } from '#test/sdk/keiro.ts';

let references = 0;

/** One that no other call has used. */
export const reference = (): string => `reference-${(references += 1)}`;

/** Makes a zone and gives its id, without `/hostedzone/`. */
export async function zoneCalled(client: Route53Client, Name: string, input: Partial<CreateHostedZoneCommandInput> = {}): Promise<string> {
  const { HostedZone } = await client.send(new CreateHostedZoneCommand({ Name, CallerReference: reference(), ...input }));
  return HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
}

export async function vpcOf(keiro: Keiro, account: string, region: 'eu-west-1' | 'us-east-1' = 'eu-west-1') {
  const { Vpc } = await keiro.client(EC2Client, { account, region }).send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  return { VPCId: Vpc?.VpcId ?? '', VPCRegion: region };
}

export const records = (...values: readonly string[]) => values.map((Value) => ({ Value }));

export const a = (Name: string, ...values: readonly string[]): ResourceRecordSet => ({
  Name,
  Type: 'A',
  TTL: 300,
  ResourceRecords: records(...values),
});

type Action = Change['Action'];

export const change = (Action: Action, ResourceRecordSet: ResourceRecordSet): Change => ({ Action, ResourceRecordSet });

export function batch(client: Route53Client, HostedZoneId: string, ...Changes: readonly Change[]) {
  return client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes: [...Changes] } }));
}

/** What a batch is refused with: every message, which the whole message holds too. */
export async function faultsOf(call: Promise<unknown>): Promise<readonly string[]> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'InvalidChangeBatch', $metadata: { httpStatusCode: 400 } });
  const { messages, message } = error as { messages: string[]; message: string }; // as the expectation above says
  expect(message).toBe(`[${messages.join(', ')}]`);
  return messages;
}

/** Every record set of a zone but its own NS and SOA. */
export async function setsOf(client: Route53Client, HostedZoneId: string): Promise<ResourceRecordSet[]> {
  const { ResourceRecordSets = [] } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
  return ResourceRecordSets.filter(({ Type }) => Type !== 'NS' && Type !== 'SOA');
}
