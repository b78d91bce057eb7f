/** EC2: the operations of all its nouns. */
import { defineService } from '#aws/operation.ts';
import { internetGateways } from '#services/ec2/internet-gateways.ts';
import { routeTables } from '#services/ec2/route-tables.ts';
import { routes } from '#services/ec2/routes.ts';

export const ec2 = defineService('ec2', [
  internetGateways, //
  routeTables,
  routes,
]);
