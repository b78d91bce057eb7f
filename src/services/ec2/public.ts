/** What others may ask of EC2. */
export { addPartition, addPlatformParts, addPublicPools, applyChanges, type OnFailure } from '#services/ec2/topology.ts';
