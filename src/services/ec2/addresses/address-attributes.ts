/** The reverse DNS name of an Elastic IP (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Elastic_Addressing_Reverse_DNS.html). */
import type { AddressAttribute } from '@aws-sdk/client-ec2';
import { describe } from '#aws/describe.ts';
import { invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { requireAddress } from '#services/ec2/addresses/address-associations.ts';
import { allocationNotFound } from '#services/ec2/addresses/address-errors.ts';
import { publicDnsName } from '#services/ec2/addresses/address-names.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type AddressRecord, addressTable } from '#services/ec2/tables/interfaces.ts';

export const addressAttributes = {
  DescribeAddressesAttribute(context, input) {
    const { items, nextToken } = describe(context, input, {
      table: addressTable,
      ids: input.AllocationIds,
      filters: {},
      missing: allocationNotFound,
      view,
      limits: { min: 1, max: 1000 },
    });
    return { Addresses: items, NextToken: nextToken };
  },

  ModifyAddressAttribute(context, input) {
    const address = requireAddress(context, input.AllocationId);
    if (input.DomainName === undefined) throw missingParameter('domainName');
    const domainName = fullyQualified(input.DomainName);
    const changed = { ...address, domainName };
    context.tx.put(addressTable, changed);
    return { Address: { ...view(address), PtrRecordUpdate: { Value: domainName, Status: 'PENDING' } } };
  },

  ResetAddressAttribute(context, input) {
    const address = requireAddress(context, input.AllocationId);
    const { domainName: _before, ...rest } = address;
    context.tx.put(addressTable, rest);
    const name = `${publicDnsName(context.region, address.publicIp)}.`;
    return { Address: { ...view(address), PtrRecordUpdate: { Value: name, Status: 'PENDING' } } };
  },
} satisfies Ec2Operations;

/** The name in lower case with its final dot, as AWS writes it. */
function fullyQualified(name: string): string {
  const text = name.toLowerCase().replace(/\.$/, '');
  const isName = text.length <= 253 && /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}$/.test(text);
  if (!isName) throw invalidParameterValue(`The domain name '${name}' is invalid.`);
  return `${text}.`;
}

function view(address: AddressRecord): AddressAttribute {
  return { PublicIp: address.publicIp, AllocationId: address.id, PtrRecord: address.domainName };
}
