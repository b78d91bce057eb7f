/** Ranges of TCP and UDP ports. */

/** Both ends belong to the range; 0 to 65535, `from` not above `to`. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** The highest port number. */
export const PORT_MAX = 65_535;
export const ALL_PORTS: PortRange = { from: 0, to: PORT_MAX };

/** The range from one port to another, or of one port; undefined when an end is no port or they are the wrong way round. */
export function portRange(from: number, to: number = from): PortRange | undefined {
  return isPort(from) && isPort(to) && from <= to ? { from, to } : undefined;
}

export function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= PORT_MAX;
}

export function portInRange(range: PortRange, port: number): boolean {
  return port >= range.from && port <= range.to;
}

export function portRangesOverlap(a: PortRange, b: PortRange): boolean {
  return a.from <= b.to && b.from <= a.to;
}

/** `443`, or `1024-65535`. */
export function formatPortRange(range: PortRange): string {
  return range.from === range.to ? `${range.from}` : `${range.from}-${range.to}`;
}
