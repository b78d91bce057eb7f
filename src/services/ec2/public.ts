/** What others may ask of EC2. */
export { addPartition, addPlatformParts, applyChanges } from '#services/ec2/topology.ts';
