import { DescribeImagesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  DescribeParametersCommand,
  type DescribeParametersCommandInput,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  paginateGetParametersByPath,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();
const amazonLinux = '/aws/service/ami-amazon-linux-latest';

async function imageNamed(
  parameter: string,
  region = 'eu-west-1',
): Promise<{ name: string | undefined; architecture: string | undefined }> {
  const { Parameter } = await keiro.client(SSMClient, { region }).send(new GetParameterCommand({ Name: parameter }));
  const { Images } = await keiro.client(EC2Client, { region }).send(new DescribeImagesCommand({ ImageIds: [Parameter?.Value ?? ''] }));
  return { name: Images?.[0]?.Name, architecture: Images?.[0]?.Architecture };
}

describe('public parameters', () => {
  test.each([
    [`${amazonLinux}/al2023-ami-kernel-default-x86_64`, /^al2023-ami-2023\.[0-9.]+-kernel-6\.1-x86_64$/, 'x86_64'],
    [`${amazonLinux}/al2023-ami-kernel-default-arm64`, /^al2023-ami-2023\.[0-9.]+-kernel-6\.1-arm64$/, 'arm64'],
    [`${amazonLinux}/al2023-ami-kernel-6.1-x86_64`, /-kernel-6\.1-x86_64$/, 'x86_64'],
    [`${amazonLinux}/al2023-ami-kernel-6.12-arm64`, /-kernel-6\.12-arm64$/, 'arm64'],
    [`${amazonLinux}/amzn2-ami-hvm-x86_64-gp2`, /^amzn2-ami-hvm-2\.0\.[0-9.]+-x86_64-gp2$/, 'x86_64'],
    [`${amazonLinux}/amzn2-ami-kernel-5.10-hvm-arm64-gp2`, /^amzn2-ami-kernel-5\.10-hvm-2\.0\.[0-9.]+-arm64-gp2$/, 'arm64'],
    [
      '/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id',
      /^ubuntu\/images\/hvm-ssd\/ubuntu-jammy-22\.04-amd64-server-[0-9]{8}$/,
      'x86_64',
    ],
    [
      '/aws/service/canonical/ubuntu/server/noble/stable/current/arm64/hvm/ebs-gp3/ami-id',
      /^ubuntu\/images\/hvm-ssd-gp3\/ubuntu-noble-24\.04-arm64-server-[0-9]{8}$/,
      'arm64',
    ],
    ['/aws/service/debian/release/12/latest/amd64', /^debian-12-amd64-[0-9]{8}-[0-9]+$/, 'x86_64'],
  ])('%s names an image', async (parameter, name, architecture) => {
    const image = await imageNamed(parameter);
    expect(image.name).toMatch(name);
    expect(image.architecture).toBe(architecture);
  });

  test('name another image in each Region, always the same one', async () => {
    const Name = `${amazonLinux}/al2023-ami-kernel-default-x86_64`;
    const value = async (region: string) =>
      (await keiro.client(SSMClient, { region }).send(new GetParameterCommand({ Name }))).Parameter?.Value;
    const [ireland, tokyo] = [await value('eu-west-1'), await value('ap-northeast-1')];
    expect(ireland).toMatch(/^ami-0[0-9a-f]{16}$/);
    expect(tokyo).not.toBe(ireland);
    expect(await value('eu-west-1')).toBe(ireland);
    expect((await imageNamed(Name, 'us-gov-west-1')).name).toMatch(/^al2023-ami-/);
  });

  test('are got with version, by ARN, several at once', async () => {
    const ssm = keiro.client(SSMClient);
    const name = `${amazonLinux}/al2023-ami-kernel-6.1-x86_64`;
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: `${name}:1` }));
    expect(Parameter).toEqual({
      Name: name,
      Type: 'String',
      Value: expect.stringMatching(/^ami-/),
      Version: 1,
      Selector: ':1',
      LastModifiedDate: expect.any(Date),
      ARN: `arn:aws:ssm:eu-west-1::parameter${name}`,
      DataType: 'text',
    });
    const byArn = await ssm.send(new GetParameterCommand({ Name: Parameter?.ARN }));
    expect(byArn.Parameter?.Value).toBe(Parameter?.Value);
    const several = await ssm.send(
      new GetParametersCommand({ Names: [name, '/mine', '/aws/service/debian/release/12/latest/arm64', `${name}:9`] }),
    );
    expect(several.Parameters?.map((one) => one.Name)).toEqual([name, '/aws/service/debian/release/12/latest/arm64']);
    expect(several.InvalidParameters).toEqual(['/mine', `${name}:9`]);
  });

  test('are listed by path, ten a page', async () => {
    const ssm = keiro.client(SSMClient);
    const names: string[] = [];
    const pages: number[] = [];
    for await (const page of paginateGetParametersByPath({ client: ssm }, { Path: amazonLinux })) {
      pages.push(page.Parameters?.length ?? 0);
      names.push(...(page.Parameters ?? []).map((one) => one.Name ?? ''));
    }
    expect(Math.max(...pages)).toBe(10);
    expect(names).toContain(`${amazonLinux}/al2023-ami-kernel-default-arm64`);
    expect(names).toEqual(names.toSorted());
    expect(new Set(names).size).toBe(names.length);

    const under = async (Path: string, Recursive: boolean) =>
      (await ssm.send(new GetParametersByPathCommand({ Path, Recursive }))).Parameters?.map((one) => one.Name);
    expect(await under('/aws/service/debian', false)).toEqual([]);
    expect(await under('/aws/service/debian', true)).toEqual([
      '/aws/service/debian/release/12/latest/amd64',
      '/aws/service/debian/release/12/latest/arm64',
    ]);
    // What AWS publishes is not among the account's own.
    expect(await under('/', true)).toEqual([]);
  });

  test('tell the Regions', async () => {
    const ssm = keiro.client(SSMClient);
    const regions: string[] = [];
    const path = '/aws/service/global-infrastructure/regions';
    for await (const page of paginateGetParametersByPath({ client: ssm }, { Path: path })) {
      regions.push(...(page.Parameters ?? []).map((one) => one.Value ?? ''));
    }
    expect(regions).toContain('eu-west-1');
    expect(regions).not.toContain('cn-north-1');
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: `${path}/ap-northeast-1/longName` }));
    expect(Parameter?.Value).toBe('Asia Pacific (Tokyo)');
  });

  test('are described by name and path', async () => {
    const ssm = keiro.client(SSMClient);
    const names = async (input: DescribeParametersCommandInput) =>
      (await ssm.send(new DescribeParametersCommand(input))).Parameters?.map((one) => one.Name);
    expect(await names({})).toEqual([]);
    expect(await names({ Filters: [{ Key: 'Name', Values: ['/aws/service/debian/'] }] })).toHaveLength(2);
    expect(
      await names({ ParameterFilters: [{ Key: 'Path', Option: 'Recursive', Values: ['/aws/service/canonical/ubuntu/server/noble'] }] }),
    ).toHaveLength(4);
    expect(
      await names({
        ParameterFilters: [
          { Key: 'Name', Option: 'BeginsWith', Values: [`${amazonLinux}/al2023`] },
          { Key: 'Name', Option: 'Contains', Values: ['default'] },
        ],
      }),
    ).toEqual([`${amazonLinux}/al2023-ami-kernel-default-arm64`, `${amazonLinux}/al2023-ami-kernel-default-x86_64`]);
  });

  test('launch instances', async () => {
    const ec2 = keiro.client(EC2Client);
    const run = (ImageId: string) => ec2.send(new RunInstancesCommand({ ImageId, InstanceType: 't3.nano', MinCount: 1, MaxCount: 1 }));
    const name = `${amazonLinux}/al2023-ami-kernel-default-x86_64`;
    const { Instances } = await run(`resolve:ssm:${name}`);
    const { Parameter } = await keiro.client(SSMClient).send(new GetParameterCommand({ Name: name }));
    expect(Instances?.[0]?.ImageId).toBe(Parameter?.Value);
    expect(await refusal(run('resolve:ssm:/mine'))).toEqual({
      code: 'InvalidParameterValue',
      message: "The Systems Manager parameter '/mine' does not exist or does not hold the ID of an image.",
    });
  });

  test('are refused when there are none, and for malformed requests', async () => {
    const ssm = keiro.client(SSMClient);
    const get = (Name: string) => refusal(ssm.send(new GetParameterCommand({ Name })));
    // AWS answers the code alone; the SDK has a word of its own for a message that is not there.
    expect(await get('/aws/service/nothing')).toEqual({ code: 'ParameterNotFound', message: 'UnknownError' });
    const name = `${amazonLinux}/al2023-ami-kernel-6.1-x86_64`;
    expect(await get(`${name}:7`)).toEqual({
      code: 'ParameterVersionNotFound',
      message: `Systems Manager could not find version 7 of ${name}. Verify the version and try again.`,
    });
    expect(await get(`${name}:newest`)).toEqual({
      code: 'ParameterVersionNotFound',
      message: `Systems Manager could not find label newest for parameter ${name}. Verify the label and try again.`,
    });
    expect((await refusal(ssm.send(new GetParametersByPathCommand({ Path: 'aws' })))).code).toBe('ValidationException');
    expect(await refusal(ssm.send(new GetParametersByPathCommand({ Path: '/aws', MaxResults: 11 })))).toEqual({
      code: 'ValidationException',
      message:
        "1 validation error detected: Value '11' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 10",
    });
    expect(await refusal(ssm.send(new GetParametersByPathCommand({ Path: '/aws', NextToken: 'abc' })))).toEqual({
      code: 'InvalidNextToken',
      message: 'The specified token is not valid.',
    });
    const filtered = (Key: string, Option: string) =>
      refusal(ssm.send(new GetParametersByPathCommand({ Path: '/aws', ParameterFilters: [{ Key, Option, Values: ['x'] }] })));
    expect(await filtered('Name', 'Equals')).toEqual({ code: 'InvalidFilterKey', message: 'The following filter key is not valid: Name.' });
    expect(await filtered('Type', 'Near')).toEqual({
      code: 'InvalidFilterOption',
      message: 'The following filter option is not valid: Near. Filter key: Type.',
    });
    expect(
      await refusal(
        ssm.send(
          new DescribeParametersCommand({ Filters: [{ Key: 'Name', Values: ['a'] }], ParameterFilters: [{ Key: 'Name', Values: ['a'] }] }),
        ),
      ),
    ).toEqual({ code: 'ValidationException', message: 'You can use either Filters or ParameterFilters in a single request.' });
    expect((await refusal(ssm.send(new PutParameterCommand({ Name: '/mine', Value: 'x', Type: 'String' })))).code).toBe('NotImplemented');
  });
});
