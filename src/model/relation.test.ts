/** Facts of the indexes under a topology. */
import { expect, it } from 'vitest';
import { parseCidr } from '#model/cidr.ts';
import { parseIp } from '#model/ip.ts';
import { BlockRelation, Relation } from '#model/relation.ts';

const [cidr, ip] = [parseCidr('10.0.0.0/24')!, parseIp('10.0.0.9')!]; // valid literals

it('a relation keeps ids in order, and forgets only what it has', () => {
  const relation = new Relation<string>();
  for (const id of ['c', 'a', 'b', 'b']) relation.add('key', id);
  relation.remove('key', 'aa');
  relation.remove('other', 'a');
  expect(relation.all('key')).toEqual(['a', 'b', 'b', 'c']);
  relation.remove('key', 'b');
  expect(relation.all('key')).toEqual(['a', 'b', 'c']);
  expect(relation.first('key')).toBe('a');
  for (const id of ['a', 'b', 'c']) relation.remove('key', id);
  expect([relation.isEmpty, relation.first('key')]).toEqual([true, undefined]);
});

it('a block relation finds the lowest id of the block', () => {
  const relation = new BlockRelation();
  for (const id of ['b', 'a']) relation.add(cidr, id);
  relation.remove(cidr, 'aa');
  expect(relation.first(ip)).toBe('a');
  for (const id of ['a', 'b']) relation.remove(cidr, id);
  expect([relation.isEmpty, relation.first(ip)]).toEqual([true, undefined]);
});
