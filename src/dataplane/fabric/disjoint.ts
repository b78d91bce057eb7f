/** Overlapping ranges and blocks made disjoint, as the kernel's interval sets must have them. */
import { cidrContains, compareCidrs, formatCidr, type Cidr } from '#model/cidr.ts';
import type { PortRange } from '#model/port-range.ts';

/** The blocks without those that others hold, in order. */
export function outermost(cidrs: Iterable<Cidr>): Cidr[] {
  const kept: Cidr[] = [];
  for (const cidr of [...cidrs].sort(compareCidrs)) {
    const last = kept.at(-1); // in order, whatever could hold it comes right before it
    if (last === undefined || !cidrContains(last, cidr)) kept.push(cidr);
  }
  return kept;
}

/** The ranges joined where they touch, in order. */
export function joined(ranges: Iterable<PortRange>): PortRange[] {
  const kept: PortRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = kept.at(-1);
    if (last !== undefined && range.from <= last.to + 1) kept[kept.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    else kept.push(range);
  }
  return kept;
}

export interface Rectangle {
  readonly ports: PortRange;
  readonly cidr: Cidr;
}

/**
 * The same pairs of port and address, none in two rectangles: ports cut wherever a range begins or ends, each piece with
 * its outermost blocks, neighbours with the same blocks in one.
 */
export function disjoint(rectangles: readonly Rectangle[]): Rectangle[] {
  const starts = [...new Set(rectangles.flatMap(({ ports }) => [ports.from, ports.to + 1]))].sort((a, b) => a - b);
  const pieces: { ports: PortRange; cidrs: readonly Cidr[]; key: string }[] = [];
  for (const [at, from] of starts.entries()) {
    const next = starts[at + 1];
    if (next === undefined) break;
    const covering = rectangles.filter(({ ports }) => ports.from <= from && from <= ports.to);
    if (covering.length === 0) continue;
    const cidrs = outermost(covering.map(({ cidr }) => cidr));
    const key = cidrs.map(formatCidr).join();
    const last = pieces.at(-1);
    if (last?.key === key && last.ports.to === from - 1)
      pieces[pieces.length - 1] = { ...last, ports: { from: last.ports.from, to: next - 1 } };
    else pieces.push({ ports: { from, to: next - 1 }, cidrs, key });
  }
  return pieces.flatMap(({ ports, cidrs }) => cidrs.map((cidr) => ({ ports, cidr })));
}
