/** Security groups: made, described, deleted. */
export {
  allowIpv6EgressByDefault,
  createDefaultSecurityGroup,
  defaultSecurityGroup,
  deleteDefaultSecurityGroup,
} from '#services/ec2/security-group-defaults.ts';
export { groupsForInterface, groupUsableIn, requireGroupByName, requireSecurityGroup } from '#services/ec2/security-group-lookup.ts';
