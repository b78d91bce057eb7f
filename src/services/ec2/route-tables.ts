/** Route tables. */
export { addLocalRoute, createMainRouteTable, deleteMainRouteTable, disassociateSubnet, removeLocalRoute } from '#services/ec2/vpc-routing.ts';
