/** Network ACLs: made, described, put on subnets, deleted. */
export {
  allowIpv6ByDefault,
  associateDefaultAcl,
  createDefaultNetworkAcl,
  deleteDefaultNetworkAcl,
  disassociateAcl,
} from '#services/ec2/network-acl-defaults.ts';
