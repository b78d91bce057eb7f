/** EC2: the operations of all its nouns. */
import { defineService } from '#aws/operation.ts';
import { internetGateways } from '#services/ec2/internet-gateways.ts';

export const ec2 = defineService('ec2', [internetGateways]);
