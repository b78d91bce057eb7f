import {
  CreateHealthCheckCommand,
  DeleteHealthCheckCommand,
  GetCheckerIpRangesCommand,
  GetHealthCheckCommand,
  GetHealthCheckCountCommand,
  GetHealthCheckLastFailureReasonCommand,
  GetHealthCheckStatusCommand,
  type HealthCheckConfig,
  ListHealthChecksCommand,
  Route53Client,
  UpdateHealthCheckCommand,
} from '@aws-sdk/client-route-53';
import { describe, expect, test } from 'vitest';
import { healthCheckOf } from '#services/route53/public.ts';
import { reference } from '#test/sdk/route53.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const account = keiro.freshAccount();
const client = keiro.client(Route53Client, { account });

const create = async (HealthCheckConfig: HealthCheckConfig, CallerReference = reference()) =>
  (await client.send(new CreateHealthCheckCommand({ CallerReference, HealthCheckConfig }))).HealthCheck;
const modelOf = (id = '') => healthCheckOf(keiro.store.reader({ account, region: 'global' }), id);
const usual = { RequestInterval: 30, FailureThreshold: 3, MeasureLatency: false, Inverted: false, Disabled: false };

describe('a health check', () => {
  test.each<[HealthCheckConfig, HealthCheckConfig, object]>([
    [
      { Type: 'HTTP', IPAddress: '192.0.2.44' },
      { Type: 'HTTP', IPAddress: '192.0.2.44', Port: 80, EnableSNI: false, ...usual },
      { type: 'HTTP', address: '192.0.2.44', port: 80, path: '/', intervalSeconds: 30, failureThreshold: 3, sendsServerName: false },
    ],
    [
      { Type: 'HTTPS', FullyQualifiedDomainName: 'www.example.com', ResourcePath: 'up?a=b', RequestInterval: 10, FailureThreshold: 1 },
      {
        Type: 'HTTPS',
        FullyQualifiedDomainName: 'www.example.com',
        ResourcePath: 'up?a=b',
        Port: 443,
        EnableSNI: true,
        ...usual,
        RequestInterval: 10,
        FailureThreshold: 1,
      },
      { type: 'HTTPS', hostName: 'www.example.com', path: '/up?a=b', intervalSeconds: 10, failureThreshold: 1, sendsServerName: true },
    ],
    [
      {
        Type: 'HTTP_STR_MATCH',
        IPAddress: '2001:DB8:0::1',
        Port: 8080,
        SearchString: 'ok',
        Inverted: true,
        Regions: ['us-east-1', 'eu-west-1', 'sa-east-1'],
      },
      {
        Type: 'HTTP_STR_MATCH',
        IPAddress: '2001:db8::1',
        Port: 8080,
        SearchString: 'ok',
        EnableSNI: false,
        Regions: ['us-east-1', 'eu-west-1', 'sa-east-1'],
        ...usual,
        Inverted: true,
      },
      { address: '2001:db8::1', searchString: 'ok', isInverted: true, regions: ['us-east-1', 'eu-west-1', 'sa-east-1'] },
    ],
    [
      { Type: 'TCP', IPAddress: '192.0.2.44', Port: 22, Disabled: true, MeasureLatency: true },
      { Type: 'TCP', IPAddress: '192.0.2.44', Port: 22, EnableSNI: false, ...usual, Disabled: true, MeasureLatency: true },
      { type: 'TCP', port: 22, isDisabled: true, healthyChildrenMin: 0, children: [] },
    ],
    [
      { Type: 'CALCULATED', HealthThreshold: 0, ChildHealthChecks: [] },
      { Type: 'CALCULATED', HealthThreshold: 0, ChildHealthChecks: [], Inverted: false, Disabled: false },
      { type: 'CALCULATED', children: [], healthyChildrenMin: 0 },
    ],
  ])('%j is told with what AWS sets', async (given, told, model) => {
    const CallerReference = reference();
    const made = await client.send(new CreateHealthCheckCommand({ CallerReference, HealthCheckConfig: given }));
    const HealthCheckId = made.HealthCheck?.Id ?? '';
    expect(HealthCheckId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(made.Location).toBe(`https://route53.amazonaws.com/2013-04-01/healthcheck/${HealthCheckId}`);
    const check = { Id: HealthCheckId, CallerReference, HealthCheckVersion: 1, HealthCheckConfig: told };
    expect(made.HealthCheck).toEqual(check);
    expect((await client.send(new GetHealthCheckCommand({ HealthCheckId }))).HealthCheck).toEqual(check);
    expect(modelOf(HealthCheckId)).toMatchObject(model);
  });

  test('is made once for a caller reference', async () => {
    const CallerReference = reference();
    const config: HealthCheckConfig = { Type: 'TCP', IPAddress: '192.0.2.44', Port: 22 };
    const check = await create(config, CallerReference);
    expect(await create(config, CallerReference)).toEqual(check);
    const other = client.send(new CreateHealthCheckCommand({ CallerReference, HealthCheckConfig: { ...config, Port: 23 } }));
    const refused = {
      code: 'HealthCheckAlreadyExists',
      message: `The caller reference '${CallerReference}' has already been used for another health check.`,
    };
    expect(await refusal(other)).toEqual(refused);
    const path = client.send(
      new CreateHealthCheckCommand({ CallerReference, HealthCheckConfig: { Type: 'HTTP', IPAddress: '192.0.2.44', Port: 22 } }),
    );
    expect(await refusal(path)).toEqual(refused);
    await client.send(new DeleteHealthCheckCommand({ HealthCheckId: check?.Id }));
    expect(await refusal(create(config, CallerReference))).toEqual(refused);
    expect((await create(config))?.Id).not.toBe(check?.Id);
  });

  test('is changed, by whoever has seen it', async () => {
    const check = await create({
      Type: 'HTTPS',
      IPAddress: '192.0.2.44',
      FullyQualifiedDomainName: 'a.example',
      ResourcePath: '/a',
      Regions: ['us-east-1', 'eu-west-1', 'sa-east-1'],
    });
    const HealthCheckId = check?.Id ?? '';
    const update = async (input: object) => (await client.send(new UpdateHealthCheckCommand({ HealthCheckId, ...input }))).HealthCheck;
    const changed = await update({
      HealthCheckVersion: 1,
      IPAddress: '192.0.2.45',
      Port: 444,
      FailureThreshold: 5,
      Inverted: true,
      EnableSNI: false,
    });
    expect(changed).toMatchObject({
      HealthCheckVersion: 2,
      HealthCheckConfig: {
        IPAddress: '192.0.2.45',
        Port: 444,
        FailureThreshold: 5,
        Inverted: true,
        EnableSNI: false,
        ResourcePath: '/a',
        RequestInterval: 30,
      },
    });
    expect(await refusal(update({ HealthCheckVersion: 1 }))).toEqual({
      code: 'HealthCheckVersionMismatch',
      message: "The value of HealthCheckVersion in the request doesn't match the value of HealthCheckVersion in the health check.",
    });
    const reset = await update({ ResetElements: ['FullyQualifiedDomainName', 'ResourcePath', 'Regions'] });
    expect(reset?.HealthCheckVersion).toBe(3);
    expect(Object.keys(reset?.HealthCheckConfig ?? {}).toSorted()).toEqual([
      'Disabled',
      'EnableSNI',
      'FailureThreshold',
      'IPAddress',
      'Inverted',
      'MeasureLatency',
      'Port',
      'RequestInterval',
      'Type',
    ]);
    const named = await create({ Type: 'HTTP', FullyQualifiedDomainName: 'a.example' });
    const added = client.send(new UpdateHealthCheckCommand({ HealthCheckId: named?.Id, IPAddress: '192.0.2.1' }));
    expect((await refusal(added)).code).toBe('InvalidInput');
    expect(
      (await refusal(client.send(new UpdateHealthCheckCommand({ HealthCheckId: named?.Id, ResetElements: ['FullyQualifiedDomainName'] }))))
        .code,
    ).toBe('InvalidInput');
  });

  test('is gone when it is deleted', async () => {
    const check = await create({ Type: 'TCP', IPAddress: '192.0.2.44', Port: 22 });
    const HealthCheckId = check?.Id ?? '';
    await client.send(new DeleteHealthCheckCommand({ HealthCheckId }));
    const gone = { code: 'NoSuchHealthCheck', message: `A health check with id ${HealthCheckId} does not exist.` };
    expect(await refusal(client.send(new GetHealthCheckCommand({ HealthCheckId })))).toEqual(gone);
    expect(await refusal(client.send(new DeleteHealthCheckCommand({ HealthCheckId })))).toEqual(gone);
    expect(await refusal(client.send(new UpdateHealthCheckCommand({ HealthCheckId })))).toEqual(gone);
    expect(await refusal(client.send(new GetHealthCheckStatusCommand({ HealthCheckId })))).toEqual(gone);
    expect(modelOf(HealthCheckId)).toBeUndefined();
  });

  const tcp: HealthCheckConfig = { Type: 'TCP', IPAddress: '192.0.2.44', Port: 22 };
  const http: HealthCheckConfig = { Type: 'HTTP', IPAddress: '192.0.2.44' };
  test.each<[string, HealthCheckConfig, string]>([
    [
      'neither address nor name',
      { Type: 'HTTP' },
      'Invalid parameter : Basic health checks must have an IP address or a fully qualified domain name specified.',
    ],
    ['a path, and TCP', { ...tcp, ResourcePath: '/' }, 'TCP health checks must not have a resource path specified.'],
    [
      'a name and an address, and TCP',
      { ...tcp, FullyQualifiedDomainName: 'a.example' },
      'TCP health checks that have IP address must not have a fully qualified domain name specified.',
    ],
    ['no port, and TCP', { Type: 'TCP', IPAddress: '192.0.2.44' }, 'TCP health checks must have a port specified.'],
    [
      'an alarm',
      { ...http, AlarmIdentifier: { Name: 'a', Region: 'us-east-1' } },
      'Invalid parameter : Basic health checks must not have an metric region specified.',
    ],
    [
      'a state for lack of data',
      { ...http, InsufficientDataHealthStatus: 'Healthy' },
      'Invalid parameter : Basic health checks must not have an insufficient data health state specified',
    ],
    ['an interval of its own', { ...http, RequestInterval: 20 }, 'Invalid parameter : Request interval must be 10 or 30.'],
    [
      'nothing to search',
      { ...http, Type: 'HTTP_STR_MATCH' },
      'Invalid parameter : String match health checks must have a search string specified.',
    ],
    [
      'something to search',
      { ...http, SearchString: 'x' },
      'Invalid parameter : Health checks that are not string match must not have a search string specified.',
    ],
    [
      'a private address',
      { ...http, IPAddress: '10.0.0.1' },
      'Invalid parameter : The IP address 10.0.0.1 is in a local, private, non-routable, or multicast range.',
    ],
    ['no address', { ...http, IPAddress: '10.0.0' }, 'Invalid parameter : 10.0.0 is not a valid IP address.'],
    [
      'no name',
      { Type: 'HTTP', FullyQualifiedDomainName: 'a..b' },
      "FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'a..b'",
    ],
    [
      'no threshold of children',
      { Type: 'CALCULATED', ChildHealthChecks: [] },
      'Invalid parameter : Calculated health checks must have a health threshold specified.',
    ],
    [
      'a threshold of failures, calculated',
      { Type: 'CALCULATED', HealthThreshold: 1, FailureThreshold: 3 },
      'Invalid parameter : Calculated health checks must not have a failure threshold specified.',
    ],
    [
      'a child that is not there',
      { Type: 'CALCULATED', HealthThreshold: 1, ChildHealthChecks: ['x'] },
      'Invalid parameter : The child health check x does not exist.',
    ],
    [
      'two Regions',
      { ...http, Regions: ['us-east-1', 'eu-west-1'] },
      '1 validation error detected: Value \'["us-east-1","eu-west-1"]\' at \'healthCheckConfig.regions\' failed to satisfy constraint: Member must have length greater than or equal to 3',
    ],
    [
      'too patient a threshold',
      { ...http, FailureThreshold: 11 },
      "1 validation error detected: Value '11' at 'healthCheckConfig.failureThreshold' failed to satisfy constraint: Member must have value less than or equal to 10",
    ],
  ])('with %s is refused', async (_what, config, message) => {
    expect(await refusal(create(config))).toEqual({ code: 'InvalidInput', message });
  });

  test('of a kind that Keiro does not have is refused clearly', async () => {
    const alarm = create({
      Type: 'CLOUDWATCH_METRIC',
      AlarmIdentifier: { Name: 'a', Region: 'us-east-1' },
      InsufficientDataHealthStatus: 'Healthy',
    });
    expect(await refusal(alarm)).toEqual({
      code: 'NotImplemented',
      message: 'Keiro does not implement health checks of CloudWatch alarms yet.',
    });
    expect((await refusal(create({ Type: 'RECOVERY_CONTROL' }))).code).toBe('NotImplemented');
    const long = client.send(new CreateHealthCheckCommand({ CallerReference: 'x'.repeat(65), HealthCheckConfig: http }));
    expect((await refusal(long)).code).toBe('InvalidInput');
  });

  test('is calculated of others that are not', async () => {
    const child = await create(tcp);
    const parent = await create({ Type: 'CALCULATED', HealthThreshold: 1, ChildHealthChecks: [child?.Id ?? ''] });
    expect(modelOf(parent?.Id)).toMatchObject({ children: [child?.Id], healthyChildrenMin: 1 });
    const grandparent = create({ Type: 'CALCULATED', HealthThreshold: 1, ChildHealthChecks: [parent?.Id ?? ''] });
    expect((await refusal(grandparent)).message).toBe(
      `Invalid parameter : The child health check ${parent?.Id} is a calculated health check.`,
    );
    expect((await refusal(client.send(new GetHealthCheckStatusCommand({ HealthCheckId: parent?.Id })))).code).toBe('InvalidInput');
  });
});

test('a list of checks has pages', async () => {
  const own = keiro.client(Route53Client);
  for (let count = 0; count < 3; count += 1) {
    await own.send(
      new CreateHealthCheckCommand({ CallerReference: reference(), HealthCheckConfig: { Type: 'TCP', IPAddress: '192.0.2.1', Port: 1 } }),
    );
  }
  const first = await own.send(new ListHealthChecksCommand({ MaxItems: 2 }));
  expect(first).toMatchObject({ IsTruncated: true, MaxItems: 2 });
  const second = await own.send(new ListHealthChecksCommand({ MaxItems: 2, Marker: first.NextMarker }));
  expect(new Set([...(first.HealthChecks ?? []), ...(second.HealthChecks ?? [])].map(({ Id }) => Id)).size).toBe(3);
  expect((await own.send(new GetHealthCheckCountCommand({}))).HealthCheckCount).toBe(3);
});

test('what checkers see is told when there are any, and where they are', async () => {
  const check = await create({ Type: 'TCP', IPAddress: '192.0.2.44', Port: 22 });
  expect((await client.send(new GetHealthCheckStatusCommand({ HealthCheckId: check?.Id }))).HealthCheckObservations).toEqual([]);
  expect((await client.send(new GetHealthCheckLastFailureReasonCommand({ HealthCheckId: check?.Id }))).HealthCheckObservations).toEqual([]);
  expect((await client.send(new GetCheckerIpRangesCommand({}))).CheckerIpRanges).toEqual(['198.18.0.160/28', '2001:db8::53:100/120']);
});
