/** Permissions for other accounts to use a network interface. */
import type { NetworkInterfacePermission } from '@aws-sdk/client-ec2';
import { describe } from '#aws/describe.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '#aws/errors.ts';
import type { FilterSpec } from '#aws/filters.ts';
import { newId } from '#aws/ids.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { permissionNotFound } from '#services/ec2/interfaces/interface-errors.ts';
import { requireOwnInterface } from '#services/ec2/interfaces/interface-lookup.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type NetworkInterfacePermissionRecord, networkInterfacePermissionTable } from '#services/ec2/tables/interfaces.ts';

const filters: FilterSpec<NetworkInterfacePermissionRecord> = {
  'network-interface-permission.network-interface-permission-id': (permission) => permission.id,
  'network-interface-permission.network-interface-id': (permission) => permission.networkInterfaceId,
  'network-interface-permission.aws-account-id': (permission) => permission.account,
  'network-interface-permission.aws-service': (permission) => permission.service,
  'network-interface-permission.permission': (permission) => permission.permission,
};

export const networkInterfacePermissions = {
  CreateNetworkInterfacePermission(context, input) {
    const { AwsAccountId: account, AwsService: service, Permission: permission } = input;
    const eni = requireOwnInterface(context, input.NetworkInterfaceId);
    if (account !== undefined && service !== undefined) {
      throw invalidParameterCombination("The parameters 'AwsAccountId' and 'AwsService' cannot be used together.");
    }
    if (service !== undefined) throw invalidParameterValue(`The AWS service '${service}' is not supported.`);
    if (account === undefined) throw missingParameter('awsAccountId');
    if (!/^[0-9]{12}$/.test(account)) throw invalidParameterValue(`Value (${account}) for parameter awsAccountId is invalid.`);
    const others = context.tx.find(networkInterfacePermissionTable, 'networkInterface', eni.id);
    if (others.some((one) => one.account === account && one.permission === permission)) {
      throw new AwsError('InvalidPermission.Duplicate', `The permission ${permission} already exists for network interface ${eni.id}.`);
    }
    const record: NetworkInterfacePermissionRecord = { id: newId(context, 'eni-perm'), networkInterfaceId: eni.id, account, permission };
    context.tx.put(networkInterfacePermissionTable, record);
    return { InterfacePermission: view(record) };
  },

  DescribeNetworkInterfacePermissions(context, input) {
    const { items, nextToken } = describe(context, input, {
      table: networkInterfacePermissionTable,
      ids: input.NetworkInterfacePermissionIds,
      filters,
      indexed: {
        'network-interface-permission.network-interface-permission-id': 'id',
        'network-interface-permission.network-interface-id': 'networkInterface',
      },
      missing: permissionNotFound,
      view,
      limits: { min: 5, max: 255 },
    });
    return { NetworkInterfacePermissions: items, NextToken: nextToken };
  },

  DeleteNetworkInterfacePermission(context, input) {
    const permission = context.tx.get(networkInterfacePermissionTable, input.NetworkInterfacePermissionId);
    if (!permission) throw permissionNotFound(input.NetworkInterfacePermissionId);
    context.tx.delete(networkInterfacePermissionTable, permission.id);
    return { Return: true };
  },
} satisfies Ec2Operations;

function view(permission: NetworkInterfacePermissionRecord): NetworkInterfacePermission {
  return {
    NetworkInterfacePermissionId: permission.id,
    NetworkInterfaceId: permission.networkInterfaceId,
    AwsAccountId: permission.account,
    AwsService: permission.service,
    Permission: permission.permission,
    PermissionState: { State: 'granted' },
  };
}
