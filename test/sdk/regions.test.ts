import {
  type AccountAttributeName,
  DescribeAccountAttributesCommand,
  DescribeAvailabilityZonesCommand,
  type DescribeAvailabilityZonesCommandInput,
  DescribeRegionsCommand,
  type DescribeRegionsCommandInput,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

describe('Regions', () => {
  test('are those of the partition, with their opt-in status', async () => {
    const ec2 = keiro.client(EC2Client);
    const { Regions } = await ec2.send(new DescribeRegionsCommand({ AllRegions: true }));
    expect(Regions).toContainEqual({
      RegionName: 'eu-west-1',
      Endpoint: 'ec2.eu-west-1.amazonaws.com',
      OptInStatus: 'opt-in-not-required',
    });
    expect(Regions).toContainEqual({ RegionName: 'af-south-1', Endpoint: 'ec2.af-south-1.amazonaws.com', OptInStatus: 'opted-in' });
    expect(Regions?.map((region) => region.RegionName)).not.toContain('cn-north-1');

    const china = await keiro.client(EC2Client, { region: 'cn-north-1' }).send(new DescribeRegionsCommand({}));
    expect(china.Regions?.map((region) => region.Endpoint)).toEqual([
      'ec2.cn-north-1.amazonaws.com.cn',
      'ec2.cn-northwest-1.amazonaws.com.cn',
    ]);
  });

  test('are named and filtered', async () => {
    const ec2 = keiro.client(EC2Client);
    const names = async (input: DescribeRegionsCommandInput) =>
      (await ec2.send(new DescribeRegionsCommand(input))).Regions?.map((region) => region.RegionName);
    expect(await names({ RegionNames: ['us-east-1', 'eu-north-1'] })).toEqual(['us-east-1', 'eu-north-1']);
    expect(await names({ Filters: [{ Name: 'endpoint', Values: ['*us-east*'] }] })).toEqual(['us-east-1', 'us-east-2']);
    expect(await names({ Filters: [{ Name: 'region-name', Values: ['ap-northeast-?'] }] })).toHaveLength(3);
    const optedIn = await names({ Filters: [{ Name: 'opt-in-status', Values: ['opted-in'] }] });
    expect(optedIn).toContain('me-south-1');
    expect(optedIn).not.toContain('us-east-1');
    expect(await refusal(names({ RegionNames: ['eu-west-1', 'moon-1'] }))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Invalid region names: [moon-1]',
    });
  });
});

describe('Availability Zones', () => {
  test('have names of the account and ids of the place', async () => {
    const ec2 = keiro.client(EC2Client, { region: 'ap-northeast-1' });
    const { AvailabilityZones } = await ec2.send(new DescribeAvailabilityZonesCommand({}));
    expect(AvailabilityZones?.map((zone) => [zone.ZoneName, zone.ZoneId])).toEqual([
      ['ap-northeast-1a', 'apne1-az4'],
      ['ap-northeast-1c', 'apne1-az1'],
      ['ap-northeast-1d', 'apne1-az2'],
    ]);
    expect(AvailabilityZones?.[0]).toEqual({
      ZoneName: 'ap-northeast-1a',
      ZoneId: 'apne1-az4',
      ZoneType: 'availability-zone',
      State: 'available',
      OptInStatus: 'opt-in-not-required',
      RegionName: 'ap-northeast-1',
      GroupName: 'ap-northeast-1-zg-1',
      GroupLongName: 'Asia Pacific (Tokyo) 1',
      NetworkBorderGroup: 'ap-northeast-1',
      Messages: [],
    });
  });

  test('are named and filtered', async () => {
    const ec2 = keiro.client(EC2Client);
    const names = async (input: DescribeAvailabilityZonesCommandInput) =>
      (await ec2.send(new DescribeAvailabilityZonesCommand(input))).AvailabilityZones?.map((zone) => zone.ZoneName);
    expect(await names({ ZoneNames: ['eu-west-1b'] })).toEqual(['eu-west-1b']);
    expect(await names({ ZoneIds: ['euw1-az3'] })).toEqual(['eu-west-1c']);
    expect(await names({ Filters: [{ Name: 'state', Values: ['available'] }] })).toHaveLength(3);
    expect(await names({ Filters: [{ Name: 'zone-type', Values: ['local-zone'] }] })).toEqual([]);
    expect(await names({ Filters: [{ Name: 'opt-in-status', Values: ['opt-in-not-required'] }] })).toHaveLength(3);
    expect(await names({ Filters: [{ Name: 'zone-id', Values: ['euw1-az1'] }] })).toEqual(['eu-west-1a']);
    expect(await refusal(names({ ZoneNames: ['eu-west-1z'] }))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Invalid availability zone: [eu-west-1z]',
    });
    expect(await refusal(names({ ZoneIds: ['use1-az1'] }))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Invalid availability zone-id: [use1-az1]',
    });
  });
});

describe('account attributes', () => {
  test('tell the default VPC and quotas', async () => {
    const ec2 = keiro.client(EC2Client);
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
    const { AccountAttributes } = await ec2.send(new DescribeAccountAttributesCommand({}));
    const values = Object.fromEntries(
      (AccountAttributes ?? []).map((one) => [one.AttributeName, one.AttributeValues?.map((value) => value.AttributeValue)]),
    );
    expect(values).toEqual({
      'supported-platforms': ['VPC'],
      'default-vpc': [Vpcs?.[0]?.VpcId],
      'max-instances': ['20'],
      'max-elastic-ips': ['5'],
      'vpc-max-elastic-ips': ['5'],
      'vpc-max-security-groups-per-interface': ['5'],
    });
    const more = ['max-instances'] as unknown as AccountAttributeName[]; // AWS takes more names than the SDK's enumeration has
    const { AccountAttributes: asked } = await ec2.send(new DescribeAccountAttributesCommand({ AttributeNames: more }));
    expect(asked).toEqual([{ AttributeName: 'max-instances', AttributeValues: [{ AttributeValue: '20' }] }]);
    const unknown = ['shoe-size'] as unknown as AccountAttributeName[]; // as above
    expect(await refusal(ec2.send(new DescribeAccountAttributesCommand({ AttributeNames: unknown })))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (shoe-size) for parameter attributeName is invalid. The attribute is not one of those that an account has.',
    });
    const one = await ec2.send(new DescribeAccountAttributesCommand({ AttributeNames: ['supported-platforms'] }));
    expect(one.AccountAttributes).toEqual([{ AttributeName: 'supported-platforms', AttributeValues: [{ AttributeValue: 'VPC' }] }]);
  });
});
