/** What must hold of every answer to a call: nothing that AWS always gives is missing, nothing is made of broken values. */
import type { Model, Part, Structure } from '#protocol/model.ts';
import type { Values } from '#test/fuzz/api.ts';

/** Members that AWS always gives, beside a structure's own id (`VpcId` of `Vpc`), by the structure's name. */
const alwaysGiven: Readonly<Record<string, readonly string[]>> = {
  Address: ['AllocationId', 'PublicIp', 'Domain', 'NetworkBorderGroup', 'PublicIpv4Pool'],
  AvailabilityZone: ['ZoneName', 'ZoneId', 'RegionName', 'State'],
  EgressOnlyInternetGateway: ['Attachments'],
  Instance: ['ImageId', 'State', 'InstanceType', 'LaunchTime', 'Placement', 'AmiLaunchIndex', 'RootDeviceType'],
  InternetGateway: ['OwnerId'],
  KeyPairInfo: ['KeyPairId', 'KeyName', 'KeyFingerprint', 'KeyType', 'CreateTime'],
  ManagedPrefixList: ['PrefixListId', 'PrefixListName', 'PrefixListArn', 'AddressFamily', 'State', 'OwnerId'],
  NatGateway: ['VpcId', 'State', 'CreateTime', 'ConnectivityType'],
  NetworkAcl: ['VpcId', 'Entries', 'IsDefault', 'OwnerId'],
  NetworkAclAssociation: ['NetworkAclAssociationId', 'NetworkAclId', 'SubnetId'],
  NetworkAclEntry: ['RuleNumber', 'Protocol', 'RuleAction', 'Egress'],
  NetworkInterface: ['VpcId', 'SubnetId', 'AvailabilityZone', 'MacAddress', 'Status', 'OwnerId', 'InterfaceType', 'SourceDestCheck'],
  Region: ['RegionName', 'Endpoint', 'OptInStatus'],
  RouteTable: ['VpcId', 'Routes', 'OwnerId'],
  RouteTableAssociation: ['RouteTableAssociationId', 'RouteTableId', 'Main', 'AssociationState'],
  Route: ['Origin', 'State'],
  SecurityGroup: ['GroupId', 'GroupName', 'Description', 'VpcId', 'OwnerId'],
  SecurityGroupRule: ['GroupId', 'GroupOwnerId', 'IsEgress', 'IpProtocol', 'FromPort', 'ToPort'],
  Subnet: ['VpcId', 'SubnetArn', 'State', 'AvailabilityZone', 'AvailabilityZoneId', 'AvailableIpAddressCount', 'OwnerId'],
  SubnetCidrReservation: ['SubnetId', 'Cidr', 'ReservationType', 'OwnerId'],
  TagDescription: ['Key', 'Value', 'ResourceId', 'ResourceType'],
  Vpc: ['State', 'CidrBlock', 'DhcpOptionsId', 'InstanceTenancy', 'IsDefault', 'OwnerId', 'CidrBlockAssociationSet'],
};

/** Texts that only a mistake makes. */
const broken = /^(?:undefined|null|NaN|Infinity|\[object Object\]|Invalid Date|.*\/undefined|.*:undefined(?::.*)?)$/;

/** Every fault of an answer in words. `echoed` are the values that the caller sent, which may be broken. */
export function faultsOf(model: Model, operation: string, output: Values, echoed: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  const shape = model.operation(operation)?.output;
  if (shape) structureFaults(model, shape, output, operation, echoed, faults);
  return faults;
}

function structureFaults(model: Model, shape: Structure, value: Values, at: string, echoed: ReadonlySet<string>, faults: string[]): void {
  // AWS's root user has neither name nor path, whatever the model says (GetUser of the IAM reference).
  if (shape.name === 'User' && String(value['Arn']).endsWith(':root')) return;
  const own = `${shape.name}Id`;
  for (const member of shape.members) {
    const isWanted = member.required || member.name === own || alwaysGiven[shape.name]?.includes(member.name) === true;
    const given = value[member.name];
    if (given === undefined) {
      if (isWanted) faults.push(`${at}.${member.name} is missing`);
    } else partFaults(model, member, given, `${at}.${member.name}`, echoed, faults);
  }
}

function partFaults(model: Model, part: Part, value: unknown, at: string, echoed: ReadonlySet<string>, faults: string[]): void {
  const shape = model.shape(part.target);
  if (shape.kind === 'structure') structureFaults(model, shape, value as Values, at, echoed, faults); // the SDK reads by the same schema
  else if (shape.kind === 'list') for (const one of value as unknown[]) partFaults(model, shape.element, one, `${at}[]`, echoed, faults); // as above
  else if (typeof value === 'string' && broken.test(value) && !isEchoed(value, echoed)) faults.push(`${at} is ${JSON.stringify(value)}`);
  else if (typeof value === 'number' && Number.isNaN(value)) faults.push(`${at} is no number`);
  else if (value instanceof Date && Number.isNaN(value.getTime())) faults.push(`${at} is no time`);
}

function isEchoed(value: string, echoed: ReadonlySet<string>): boolean {
  return [...echoed].some((sent) => sent !== '' && value.endsWith(sent));
}
