/** Reachability Analyzer through the SDK: paths and analyses as resources, with what AWS refuses. */
import {
  CreateInternetGatewayCommand,
  CreateNetworkInsightsPathCommand,
  type CreateNetworkInsightsPathCommandInput,
  CreateTagsCommand,
  DeleteNetworkInsightsAnalysisCommand,
  DeleteNetworkInsightsPathCommand,
  DescribeNetworkInsightsAnalysesCommand,
  type DescribeNetworkInsightsAnalysesCommandInput,
  DescribeNetworkInsightsPathsCommand,
  DescribeTagsCommand,
  EC2Client,
  type NetworkInsightsAnalysis,
  paginateDescribeNetworkInsightsPaths,
  StartNetworkInsightsAnalysisCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { networkInsightsAnalysisTable, networkInsightsPathTable } from '#services/ec2/tables/insights.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { createEni, createSubnet, createVpc } from '#test/sdk/vpc-world.ts';

const keiro = await useKeiro();

interface Ends {
  readonly ec2: EC2Client;
  readonly account: string;
  readonly from: string;
  readonly to: string;
}

/** Two interfaces of one subnet, in an account of their own. */
async function ends(): Promise<Ends> {
  const account = keiro.freshAccount();
  const ec2 = keiro.client(EC2Client, { account });
  const subnetId = await createSubnet(ec2, await createVpc(ec2));
  const [from, to] = [await createEni(ec2, subnetId), await createEni(ec2, subnetId)];
  return { ec2, account, from: from.NetworkInterfaceId, to: to.NetworkInterfaceId };
}

const createPath = async (ec2: EC2Client, input: Partial<CreateNetworkInsightsPathCommandInput>) =>
  (await ec2.send(new CreateNetworkInsightsPathCommand({ Source: undefined, Protocol: 'tcp', ...input }))).NetworkInsightsPath ?? {};

async function analyse(ec2: EC2Client, pathId: string | undefined): Promise<NetworkInsightsAnalysis> {
  const { NetworkInsightsAnalysis } = await ec2.send(new StartNetworkInsightsAnalysisCommand({ NetworkInsightsPathId: pathId }));
  return NetworkInsightsAnalysis ?? {};
}

const missing = 'nip-0123456789abcdef0';
const missingAnalysis = 'nia-0123456789abcdef0';

describe('paths', () => {
  test('are made, described, tagged and deleted', async () => {
    const { ec2, account, from, to } = await ends();
    const TagSpecifications = [{ ResourceType: 'network-insights-path' as const, Tags: [{ Key: 'Name', Value: 'ssh' }] }];
    const path = await createPath(ec2, { Source: from, Destination: to, DestinationPort: 22, TagSpecifications });
    const id = path.NetworkInsightsPathId ?? '';
    expect(path).toMatchObject({
      NetworkInsightsPathId: expect.stringMatching(/^nip-[0-9a-f]{17}$/),
      NetworkInsightsPathArn: `arn:aws:ec2:eu-west-1:${account}:network-insights-path/${id}`,
      CreatedDate: expect.any(Date),
      Source: from,
      SourceArn: `arn:aws:ec2:eu-west-1:${account}:network-interface/${from}`,
      Destination: to,
      DestinationArn: `arn:aws:ec2:eu-west-1:${account}:network-interface/${to}`,
      Protocol: 'tcp',
      DestinationPort: 22,
      Tags: [{ Key: 'Name', Value: 'ssh' }],
    });
    await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'team', Value: 'web' }] }));
    const { NetworkInsightsPaths } = await ec2.send(new DescribeNetworkInsightsPathsCommand({ NetworkInsightsPathIds: [id] }));
    expect(NetworkInsightsPaths?.[0]?.Tags).toContainEqual({ Key: 'team', Value: 'web' });
    const byType = [{ Name: 'resource-type', Values: ['network-insights-path'] }];
    expect((await ec2.send(new DescribeTagsCommand({ Filters: byType }))).Tags).toHaveLength(2);
    expect(await ec2.send(new DeleteNetworkInsightsPathCommand({ NetworkInsightsPathId: id }))).toMatchObject({
      NetworkInsightsPathId: id,
    });
    expect(await refusal(ec2.send(new DeleteNetworkInsightsPathCommand({ NetworkInsightsPathId: id })))).toEqual({
      code: 'InvalidNetworkInsightsPathId.NotFound',
      message: `The network insights path ID '${id}' does not exist`,
    });
  });

  test('name their ends by ARN, and an address by a filter', async () => {
    const { ec2, account, from } = await ends();
    const arn = `arn:aws:ec2:eu-west-1:${account}:network-interface/${from}`;
    const FilterAtSource = { DestinationAddress: '203.0.113.9', DestinationPortRange: { FromPort: 80, ToPort: 443 } };
    const path = await createPath(ec2, { Source: arn, Protocol: 'udp', FilterAtSource });
    expect(path).toMatchObject({ Source: from, SourceArn: arn, FilterAtSource, Protocol: 'udp' });
    expect([path.Destination, path.DestinationArn]).toEqual([undefined, undefined]);
  });

  test('are filtered and paged', async () => {
    const { ec2, from, to } = await ends();
    const ports = { FromPort: 80, ToPort: 443 };
    const first = await createPath(ec2, { Source: from, Destination: to });
    const FilterAtSource = { SourceAddress: '10.0.1.9', DestinationPortRange: ports, SourcePortRange: { FromPort: 9 } };
    const FilterAtDestination = { SourceAddress: '10.0.1.8', DestinationAddress: '10.0.1.7', DestinationPortRange: ports };
    const second = await createPath(ec2, { Source: to, Destination: from, Protocol: 'udp', FilterAtSource, FilterAtDestination });
    const third = await createPath(ec2, { Source: from, FilterAtSource: { DestinationAddress: '192.0.2.1' } });
    const found = async (Name: string, ...Values: string[]) =>
      (await ec2.send(new DescribeNetworkInsightsPathsCommand({ Filters: [{ Name, Values }] }))).NetworkInsightsPaths?.map(
        ({ NetworkInsightsPathId }) => NetworkInsightsPathId,
      );
    const [one, two, three] = [first, second, third].map(({ NetworkInsightsPathId }) => NetworkInsightsPathId);
    expect(await found('source', from)).toEqual([one, three]);
    expect(await found('destination', from)).toEqual([two]);
    expect(await found('protocol', 'udp')).toEqual([two]);
    expect(await found('filter-at-source.source-address', '10.0.1.9')).toEqual([two]);
    expect(await found('filter-at-source.source-port-range', '9')).toEqual([two]);
    expect(await found('filter-at-source.destination-address', '192.0.2.*')).toEqual([three]);
    expect(await found('filter-at-source.destination-port-range', '80-443')).toEqual([two]);
    expect(await found('filter-at-destination.source-address', '10.0.1.8')).toEqual([two]);
    expect(await found('filter-at-destination.source-port-range', '9')).toEqual([]);
    expect(await found('filter-at-destination.destination-address', '10.0.1.7')).toEqual([two]);
    expect(await found('filter-at-destination.destination-port-range', '80-443')).toEqual([two]);
    const pages: (string | undefined)[][] = [];
    for await (const { NetworkInsightsPaths } of paginateDescribeNetworkInsightsPaths({ client: ec2, pageSize: 2 }, {}))
      pages.push((NetworkInsightsPaths ?? []).map(({ NetworkInsightsPathId }) => NetworkInsightsPathId));
    expect(pages).toEqual([[one, two], [three]]);
    expect(await refusal(ec2.send(new DescribeNetworkInsightsPathsCommand({ MaxResults: 101 })))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value ( 101 ) for parameter MaxResults is invalid. Expecting a value smaller than or equal to 100.',
    });
  });

  test('are made once for a client token, and not for a dry run', async () => {
    const { ec2, from, to } = await ends();
    const input = { Source: from, Destination: to, ClientToken: 'once' };
    const [first, again] = [await createPath(ec2, input), await createPath(ec2, input)];
    expect(again.NetworkInsightsPathId).toBe(first.NetworkInsightsPathId);
    expect((await refusal(createPath(ec2, { ...input, DestinationPort: 1 }))).code).toBe('IdempotentParameterMismatch');
    expect((await refusal(createPath(ec2, { Source: from, Destination: to, DryRun: true }))).code).toBe('DryRunOperation');
    expect((await ec2.send(new DescribeNetworkInsightsPathsCommand({}))).NetworkInsightsPaths).toHaveLength(1);
  });

  test('refuse what they cannot be', async () => {
    const { ec2, account, from, to } = await ends();
    const other = await ends();
    const path = { Source: from, Destination: to };
    const refused = async (input: Partial<CreateNetworkInsightsPathCommandInput>): Promise<string> => {
      const { code, message } = await refusal(createPath(ec2, { ...path, ...input }));
      return `${code}: ${message}`;
    };
    const unsupported = 'It must be the ID or ARN of a supported resource.';
    const arn = (region: string, owner: string, resource: string) => `arn:aws:ec2:${region}:${owner}:${resource}`;
    for (const [input, expected] of [
      [{ Source: 'i-0123456789abcdef0' }, "NetworkInsightsSource.NotFound: The source ID 'i-0123456789abcdef0' does not exist"],
      [{ Destination: 'igw-01234567' }, "NetworkInsightsDestination.NotFound: The destination ID 'igw-01234567' does not exist"],
      ...['pcx', 'tgw', 'tgw-attach', 'vgw', 'vpce', 'vpce-svc'].map((kind) => [
        { Destination: `${kind}-0123456789abcdef0` },
        `NetworkInsightsDestination.NotFound: The destination ID '${kind}-0123456789abcdef0' does not exist`,
      ]),
      [{ Source: other.from }, `NetworkInsightsSource.NotFound: The source ID '${other.from}' does not exist`],
      [
        { Source: arn('eu-west-1', other.account, `network-interface/${other.from}`) },
        `NetworkInsightsSource.NotFound: The source ID '${other.from}' does not exist`,
      ],
      [{ Source: 'nonsense' }, `InvalidParameterValue: Value (nonsense) for parameter Source is invalid. ${unsupported}`],
      [
        { Source: 'vpc-0123456789abcdef0' },
        `InvalidParameterValue: Value (vpc-0123456789abcdef0) for parameter Source is invalid. ${unsupported}`,
      ],
      [
        { Source: arn('eu-west-1', account, `instance/${from}`) },
        `InvalidParameterValue: Value (arn:aws:ec2:eu-west-1:${account}:instance/${from}) for parameter Source is invalid. ${unsupported}`,
      ],
      [
        { Source: arn('us-east-1', account, `network-interface/${from}`) },
        `InvalidParameterValue: The source arn:aws:ec2:us-east-1:${account}:network-interface/${from} must be in the Region eu-west-1.`,
      ],
      [{ Destination: from }, 'InvalidParameterValue: The source and the destination must not be the same resource.'],
      [
        { Destination: undefined },
        'MissingParameter: The request must include either the Destination parameter or the FilterAtSource.DestinationAddress parameter. Add the required parameter and retry the request.',
      ],
      [
        { SourceIp: '10.0.0.1', FilterAtSource: { SourceAddress: '10.0.0.1' } },
        'InvalidParameterCombination: The parameter SourceIp cannot be used with the parameter FilterAtSource',
      ],
      [
        { DestinationPort: 1, FilterAtSource: { SourceAddress: '10.0.0.1' } },
        'InvalidParameterCombination: The parameter DestinationPort cannot be used with the parameter FilterAtSource',
      ],
      [
        { DestinationIp: '10.0.0.1', FilterAtDestination: { SourceAddress: '10.0.0.1' } },
        'InvalidParameterCombination: The parameter DestinationIp cannot be used with the parameter FilterAtDestination',
      ],
      [
        { SourceIp: '10.0.0.256' },
        'InvalidParameterValue: Value (10.0.0.256) for parameter SourceIp is invalid. It must be an IPv4 address.',
      ],
      [
        { FilterAtDestination: { SourceAddress: '2001:db8::1' } },
        'InvalidParameterValue: Value (2001:db8::1) for parameter FilterAtDestination.SourceAddress is invalid. It must be an IPv4 address.',
      ],
      [
        { DestinationPort: 70_000 },
        'InvalidParameterValue: Value (70000) for parameter DestinationPort is invalid. It must be a port from 0 to 65535.',
      ],
      [
        { FilterAtSource: { DestinationPortRange: { FromPort: 9, ToPort: 8 } } },
        'InvalidParameterValue: Value (9-8) for parameter FilterAtSource.DestinationPortRange is invalid. FromPort must not be above ToPort.',
      ],
      [
        { TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'a', Value: 'b' }] }] },
        "InvalidParameterValue: 'vpc' is not a valid taggable resource type for this operation.",
      ],
    ] as readonly (readonly [Partial<CreateNetworkInsightsPathCommandInput>, string])[])
      // as listed
      expect(await refused(input)).toBe(expected);
  });

  test('are a thousand in a Region', async () => {
    const { ec2, account, from, to } = await ends();
    await keiro.store.transact({ account, region: 'eu-west-1' }, (tx) => {
      for (let count = 0; count < 999; count++) {
        const id = `nip-${String(count).padStart(17, '0')}`;
        const [source, destination] = [from, to].map((end) => ({ id: end, account }));
        if (source && destination) tx.put(networkInsightsPathTable, { id, source, destination, protocol: 'tcp', createdMs: 0, tags: [] });
      }
    });
    await createPath(ec2, { Source: from, Destination: to });
    expect(await refusal(createPath(ec2, { Source: from, Destination: to }))).toEqual({
      code: 'NetworkInsightsPath.LimitExceeded',
      message: 'The maximum number of network insights paths has been reached.',
    });
  });

  test('of the management account may be in any account', async () => {
    const { account, from, to } = await ends();
    const manager = keiro.client(EC2Client, { account: '123456789012' });
    const arn = (id: string) => `arn:aws:ec2:eu-west-1:${account}:network-interface/${id}`;
    const path = await createPath(manager, { Source: arn(from), Destination: arn(to) });
    expect(path.SourceArn).toBe(arn(from));
    const { NetworkInsightsAnalysisId: id = '' } = await analyse(manager, path.NetworkInsightsPathId);
    const { NetworkInsightsAnalyses } = await manager.send(
      new DescribeNetworkInsightsAnalysesCommand({ NetworkInsightsAnalysisIds: [id] }),
    );
    expect(NetworkInsightsAnalyses?.[0]?.Explanations?.[0]).toMatchObject({
      ExplanationCode: 'BAD_STATE',
      Component: { Id: from, Arn: arn(from) },
    });
    expect((await refusal(createPath(manager, { Source: from, Destination: to }))).code).toBe('NetworkInsightsSource.NotFound');
  });
});

describe('analyses', () => {
  test('run, succeed, are found by path, status and time, and deleted before their path', async () => {
    const { ec2, account, from, to } = await ends();
    const path = (await createPath(ec2, { Source: from, Destination: to })).NetworkInsightsPathId;
    const otherPath = (await createPath(ec2, { Source: to, Destination: from })).NetworkInsightsPathId;
    const TagSpecifications = [{ ResourceType: 'network-insights-analysis' as const, Tags: [{ Key: 'Name', Value: 'first' }] }];
    const { NetworkInsightsAnalysis: started } = await ec2.send(
      new StartNetworkInsightsAnalysisCommand({ NetworkInsightsPathId: path, TagSpecifications, AdditionalAccounts: ['111122223333'] }),
    );
    const id = started?.NetworkInsightsAnalysisId ?? '';
    expect(started).toEqual({
      NetworkInsightsAnalysisId: expect.stringMatching(/^nia-[0-9a-f]{17}$/),
      NetworkInsightsAnalysisArn: `arn:aws:ec2:eu-west-1:${account}:network-insights-analysis/${id}`,
      NetworkInsightsPathId: path,
      AdditionalAccounts: ['111122223333'],
      StartDate: expect.any(Date),
      Status: 'running',
      Tags: [{ Key: 'Name', Value: 'first' }],
    });
    const other = (await analyse(ec2, otherPath)).NetworkInsightsAnalysisId;
    const find = async (input: DescribeNetworkInsightsAnalysesCommandInput) =>
      (await ec2.send(new DescribeNetworkInsightsAnalysesCommand(input))).NetworkInsightsAnalyses?.map(
        (one) => one.NetworkInsightsAnalysisId,
      );
    await expect.poll(() => find({ Filters: [{ Name: 'status', Values: ['succeeded'] }] })).toEqual([id, other]);
    expect(await find({ NetworkInsightsPathId: path })).toEqual([id]);
    expect(await find({ NetworkInsightsAnalysisIds: [id] })).toEqual([id]);
    expect(await find({ Filters: [{ Name: 'path-found', Values: ['false'] }] })).toEqual([id, other]);
    expect(await find({ Filters: [{ Name: 'path-found', Values: ['true'] }] })).toEqual([]);
    expect(await find({ Filters: [{ Name: 'tag:Name', Values: ['first'] }] })).toEqual([id]);
    expect(await find({ AnalysisStartTime: new Date(Date.now() + 60_000) })).toEqual([]);
    expect(await find({ AnalysisStartTime: started?.StartDate, AnalysisEndTime: new Date(Date.now() + 60_000) })).toEqual([id, other]);
    expect(await find({ AnalysisEndTime: new Date(1) })).toEqual([]);
    expect(await find({ MaxResults: 1 })).toEqual([id]);

    expect(await refusal(ec2.send(new DeleteNetworkInsightsPathCommand({ NetworkInsightsPathId: path })))).toEqual({
      code: 'AnalysisExistsForNetworkInsightsPath',
      message: `The network insights path '${path}' has analyses. Delete its analyses before you delete the path.`,
    });
    expect(await ec2.send(new DeleteNetworkInsightsAnalysisCommand({ NetworkInsightsAnalysisId: id }))).toMatchObject({
      NetworkInsightsAnalysisId: id,
    });
    await ec2.send(new DeleteNetworkInsightsPathCommand({ NetworkInsightsPathId: path }));
    expect(await refusal(find({ NetworkInsightsAnalysisIds: [id] }))).toEqual({
      code: 'InvalidNetworkInsightsAnalysisId.NotFound',
      message: `The network insights analysis ID '${id}' does not exist`,
    });
  });

  test('refuse what is not there', async () => {
    const { ec2, from, to } = await ends();
    const NetworkInsightsPathId = (await createPath(ec2, { Source: from, Destination: to })).NetworkInsightsPathId;
    const noPath = { code: 'InvalidNetworkInsightsPathId.NotFound', message: `The network insights path ID '${missing}' does not exist` };
    const noAnalysis = {
      code: 'InvalidNetworkInsightsAnalysisId.NotFound',
      message: `The network insights analysis ID '${missingAnalysis}' does not exist`,
    };
    expect(await refusal(analyse(ec2, missing))).toEqual(noPath);
    expect(await refusal(ec2.send(new DescribeNetworkInsightsPathsCommand({ NetworkInsightsPathIds: [missing] })))).toEqual(noPath);
    expect(await refusal(ec2.send(new DescribeNetworkInsightsAnalysesCommand({ NetworkInsightsPathId: missing })))).toEqual(noPath);
    const ids = { NetworkInsightsAnalysisIds: [missingAnalysis] };
    expect(await refusal(ec2.send(new DescribeNetworkInsightsAnalysesCommand(ids)))).toEqual(noAnalysis);
    const gone = { NetworkInsightsAnalysisId: missingAnalysis };
    expect(await refusal(ec2.send(new DeleteNetworkInsightsAnalysisCommand(gone)))).toEqual(noAnalysis);
    expect(await refusal(ec2.send(new StartNetworkInsightsAnalysisCommand({ NetworkInsightsPathId, FilterInArns: ['x'] })))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (x) for parameter FilterInArns is invalid. It must be an ARN.',
    });
    expect(await refusal(ec2.send(new StartNetworkInsightsAnalysisCommand({ NetworkInsightsPathId, AdditionalAccounts: ['me'] })))).toEqual(
      {
        code: 'InvalidParameterValue',
        message: 'Value (me) for parameter AdditionalAccounts is invalid.',
      },
    );
    expect((await refusal(ec2.send(new StartNetworkInsightsAnalysisCommand({ NetworkInsightsPathId, DryRun: true })))).code).toBe(
      'DryRunOperation',
    );
  });

  test('are started once for a client token', async () => {
    const { ec2, from, to } = await ends();
    const NetworkInsightsPathId = (await createPath(ec2, { Source: from, Destination: to })).NetworkInsightsPathId;
    const start = () => ec2.send(new StartNetworkInsightsAnalysisCommand({ NetworkInsightsPathId, ClientToken: 'once' }));
    const [one, two] = [await start(), await start()];
    expect(two.NetworkInsightsAnalysis?.NetworkInsightsAnalysisId).toBe(one.NetworkInsightsAnalysis?.NetworkInsightsAnalysisId);
    expect((await ec2.send(new DescribeNetworkInsightsAnalysesCommand({}))).NetworkInsightsAnalyses).toHaveLength(1);
  });

  test('are ten thousand in a Region, and go after 120 days', async () => {
    const { ec2, account, from, to } = await ends();
    const { NetworkInsightsPathId: pathId = '' } = await createPath(ec2, { Source: from, Destination: to });
    const put = (count: number, startedMs: number) =>
      keiro.store.transact({ account, region: 'eu-west-1' }, (tx) => {
        for (let number = 0; number < count; number++) {
          tx.put(networkInsightsAnalysisTable, {
            id: `nia-${String(number).padStart(17, '0')}`,
            ...{ pathId, startedMs, additionalAccounts: [], filterInArns: [], filterOutArns: [], tags: [] },
            state: { now: 'succeeded' },
          });
        }
      });
    await put(10_000, Date.now());
    expect(await refusal(analyse(ec2, pathId))).toEqual({
      code: 'NetworkInsightsAnalysis.LimitExceeded',
      message: 'The maximum number of network insights analyses has been reached.',
    });
    await put(10_000, Date.now() - 121 * 24 * 3_600_000);
    const old = { NetworkInsightsAnalysisId: 'nia-00000000000000000' };
    expect((await refusal(ec2.send(new DeleteNetworkInsightsAnalysisCommand(old)))).code).toBe('InvalidNetworkInsightsAnalysisId.NotFound');
    const { NetworkInsightsAnalysisId: id } = await analyse(ec2, pathId);
    const { NetworkInsightsAnalyses } = await ec2.send(new DescribeNetworkInsightsAnalysesCommand({ NetworkInsightsPathId: pathId }));
    expect(NetworkInsightsAnalyses?.map(({ NetworkInsightsAnalysisId }) => NetworkInsightsAnalysisId)).toEqual([id]);
  });

  test('tell of ends that are not connected', async () => {
    const { ec2, from } = await ends();
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
    const path = await createPath(ec2, { Source: InternetGateway?.InternetGatewayId, Destination: from });
    const { NetworkInsightsAnalysisId: id = '' } = await analyse(ec2, path.NetworkInsightsPathId);
    const { NetworkInsightsAnalyses } = await ec2.send(new DescribeNetworkInsightsAnalysesCommand({ NetworkInsightsAnalysisIds: [id] }));
    expect(NetworkInsightsAnalyses?.[0]).toMatchObject({
      Status: 'succeeded',
      NetworkPathFound: false,
      Explanations: [{ ExplanationCode: 'UNASSOCIATED_COMPONENT', Component: { Id: InternetGateway?.InternetGatewayId } }],
    });
  });
});
