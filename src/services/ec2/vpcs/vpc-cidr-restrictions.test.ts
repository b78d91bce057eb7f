import { describe, expect, test } from 'vitest';
import type { Cidr } from '#model/cidr.ts';
import { storedCidr } from '#services/ec2/vpcs/vpc-blocks.ts';
import { isRestricted } from '#services/ec2/vpcs/vpc-cidr-restrictions.ts';

/** The rows of AWS's table: the VPC's blocks (the primary first), the added block, whether AWS refuses it. */
const facts: readonly (readonly [present: string, added: string, refused: boolean])[] = [
  ['10.5.0.0/16', '10.6.0.0/16', false],
  ['10.5.0.0/16', '10.0.0.0/24', false],
  ['10.0.0.0/24', '10.0.1.0/24', true],
  ['10.1.0.0/16', '10.0.0.0/16', true],
  ['10.0.0.0/16', '10.1.0.0/16', false],
  ['10.5.0.0/16 10.1.0.0/16', '10.0.3.0/24', true],
  ['10.5.0.0/16', '172.16.0.0/16', true],
  ['10.5.0.0/16', '192.168.0.0/16', true],
  ['10.5.0.0/16', '198.19.0.0/24', true],
  ['10.5.0.0/16', '198.18.0.0/24', false],
  ['10.5.0.0/16', '100.64.0.0/16', false],
  ['10.5.0.0/16', '52.0.0.0/16', false],
  ['10.5.0.0/16 100.64.0.0/16', '10.6.0.0/16', false],
  ['172.16.0.0/16', '172.17.0.0/16', false],
  ['172.16.0.0/16', '172.31.0.0/20', true],
  ['172.31.0.0/16', '172.30.0.0/16', false],
  ['172.16.0.0/16', '10.0.0.0/16', true],
  ['172.16.0.0/16', '192.168.1.0/24', true],
  ['172.16.0.0/16', '172.32.0.0/16', false],
  ['192.168.0.0/24', '192.168.1.0/24', false],
  ['192.168.0.0/24', '10.0.0.0/16', true],
  ['192.168.0.0/24', '172.16.0.0/16', true],
  ['192.168.0.0/24', '198.19.0.0/16', true],
  ['192.168.0.0/24', '100.127.0.0/16', false],
  ['198.19.0.0/24', '10.0.0.0/16', true],
  ['198.19.0.0/24', '100.64.0.0/16', false],
  ['100.64.0.0/16', '100.65.0.0/16', false],
  ['100.64.0.0/16', '10.0.0.0/16', true],
  ['100.64.0.0/16', '198.19.0.0/24', true],
  ['52.0.0.0/16', '172.16.0.0/16', true],
  ['52.0.0.0/16', '53.0.0.0/16', false],
];

describe('restrictions on secondary blocks', () => {
  test.each(facts)('%s and %s: refused %s', (present, added, refused) => {
    const [primary, ...others] = present.split(' ').map(storedCidr);
    expect(isRestricted([primary as Cidr, ...others], storedCidr(added))).toBe(refused); // split gives one at least
  });
});
