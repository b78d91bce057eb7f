/** Subnet CIDR reservations: ranges that AWS does not give out by itself (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-cidr-reservation.html). */
import type { SubnetCidrReservation } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { compileFilters, type FilterSpec } from '#aws/filters.ts';
import { newId } from '#aws/ids.ts';
import { paginateByKey, sequenceKey } from '#aws/pagination.ts';
import { tagsFor } from '#aws/tags.ts';
import { canonicalCidr, cidrContains, cidrFamily, cidrsOverlap, formatCidr, parseCidr } from '#model/cidr.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { requireSubnet } from '#services/ec2/subnets/subnets.ts';
import { type SubnetCidrReservationRecord, subnetCidrReservationTable, type SubnetRecord } from '#services/ec2/tables/vpcs.ts';
import { storedCidr } from '#services/ec2/vpcs/vpc-blocks.ts';
import { cidrReservationNotFound, notACidr } from '#services/ec2/vpcs/vpc-errors.ts';

const filters: FilterSpec<SubnetCidrReservationRecord> = {
  reservationType: (reservation) => reservation.type,
  'reservation-type': (reservation) => reservation.type,
  'subnet-id': (reservation) => reservation.subnetId,
};

export const subnetCidrReservations = {
  CreateSubnetCidrReservation(context, input) {
    const subnet = requireSubnet(context, input.SubnetId);
    const reservation: SubnetCidrReservationRecord = {
      id: newId(context, 'scr'),
      subnetId: subnet.id,
      cidr: checkRange(context, subnet, input.Cidr),
      type: input.ReservationType,
      ...(input.Description === undefined ? {} : { description: input.Description }),
      tags: tagsFor(input.TagSpecifications, 'subnet-cidr-reservation'),
    };
    context.tx.put(subnetCidrReservationTable, reservation);
    return { SubnetCidrReservation: view(reservation, context) };
  },

  GetSubnetCidrReservations(context, input) {
    const subnet = requireSubnet(context, input.SubnetId);
    const matches = compileFilters(context, input.Filters, filters) ?? (() => true);
    const found = context.tx.find(subnetCidrReservationTable, 'subnet', subnet.id).filter(matches);
    const keyOf = ({ id }: SubnetCidrReservationRecord) => sequenceKey(context.tx.sequenceOf(subnetCidrReservationTable, id));
    const parameters = ['GetSubnetCidrReservations', subnet.id, input.Filters ?? []];
    const { items, nextToken } = paginateByKey(input, found, keyOf, parameters);
    const ofFamily = (family: 4 | 6) =>
      items.filter(({ cidr }) => cidrFamily(storedCidr(cidr)) === family).map((reservation) => view(reservation, context));
    return { SubnetIpv4CidrReservations: ofFamily(4), SubnetIpv6CidrReservations: ofFamily(6), NextToken: nextToken };
  },

  DeleteSubnetCidrReservation(context, input) {
    const reservation = context.tx.get(subnetCidrReservationTable, input.SubnetCidrReservationId);
    if (!reservation) throw cidrReservationNotFound(input.SubnetCidrReservationId);
    context.tx.delete(subnetCidrReservationTable, reservation.id);
    return { DeletedSubnetCidrReservation: view(reservation, context) };
  },
} satisfies Ec2Operations;

/** The range in canonical text: inside a block of the subnet, apart from its other reservations. Addresses in use may be in it. */
function checkRange(context: OperationContext, subnet: SubnetRecord, text: string): string {
  const parsed = parseCidr(text);
  if (!parsed) throw notACidr(text, 'cidr');
  const range = canonicalCidr(parsed);
  const blocks = [subnet.cidrBlock ?? [], subnet.ipv6CidrAssociations.map(({ ipv6CidrBlock }) => ipv6CidrBlock)].flat();
  const sameFamily = blocks.map(storedCidr).filter((block) => cidrFamily(block) === cidrFamily(range));
  if (!sameFamily.some((block) => cidrContains(block, range))) {
    const words = sameFamily.map(formatCidr).join(', ') || `none of IPv${cidrFamily(range)}`;
    throw invalidParameterValue(`Reservation CIDR should be within subnet CIDR block (${words})`);
  }
  const others = context.tx.find(subnetCidrReservationTable, 'subnet', subnet.id).map(({ cidr }) => storedCidr(cidr));
  if (others.some((other) => cidrsOverlap(other, range))) {
    throw invalidParameterValue(`Reservation CIDR ${formatCidr(range)} has overlap with existing reserved CIDR block`);
  }
  return formatCidr(range);
}

function view(reservation: SubnetCidrReservationRecord, context: OperationContext): SubnetCidrReservation {
  return {
    SubnetCidrReservationId: reservation.id,
    SubnetId: reservation.subnetId,
    Cidr: reservation.cidr,
    ReservationType: reservation.type,
    OwnerId: context.account,
    Description: reservation.description,
    Tags: [...reservation.tags],
  };
}
