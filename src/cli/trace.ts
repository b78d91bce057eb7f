/** `keiro trace`: whether a packet would arrive, and which rule decides. */
import { Complaint } from '#cli/complaint.ts';
import type { LocateOptions } from '#cli/locate.ts';

export function trace(_from: string, _to: string, _options: LocateOptions): Promise<void> {
  throw new Complaint('tracing is not built in yet');
}
