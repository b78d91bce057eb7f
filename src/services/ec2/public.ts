/** What others may ask of EC2. */
export { addPartition, addPlatformParts, addPublicPools, applyChanges, type OnFailure, type PartName } from '#services/ec2/topology.ts';
export { touchedInstances, workloadOf } from '#services/ec2/instances/instance-workloads.ts';
export { instanceIds, instanceReports, isInstance, settledBy } from '#services/ec2/instances/instance-reports.ts';
export { nameServiceIds, nameServiceOf, touchedNameServices } from '#services/ec2/vpcs/name-services.ts';
export { chooseAddresses, resolveDestination, resolveSource } from '#services/ec2/network-insights/trace-ends.ts';
export { traceView, type TraceView } from '#services/ec2/network-insights/trace-words.ts';
export { type PublicImage, publicImages } from '#services/ec2/instances/image-catalog.ts';
export { regionNames } from '#services/ec2/regions/region-names.ts';
export {
  createNodeInterface,
  defaultGroupOf,
  deleteNodeInterface,
  findInstance,
  findInterface,
  findSubnet,
  type InstanceFacts,
  isAddressTaken,
  isGroupUsableIn,
  isNodeAddress,
  isVpc,
  setNodeGroups,
  setNodeIpv6,
  setNodePublic,
  type SubnetFacts,
  subnetsOf,
  touchedEndpoints,
  vpcHasInternetGateway,
} from '#services/ec2/interfaces/managed-interfaces.ts';
