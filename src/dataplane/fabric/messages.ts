/** What control and fabric say to each other over their socket: one JSON value a line, each request answered once, by its id. */
import type { Report } from './apply.ts';
import type { KernelState } from './kernel-state.ts';

/** Rises when an old control and a new fabric would misunderstand each other. */
export const PROTOCOL = 1;

export type Request =
  | { readonly id: number; readonly do: 'apply'; readonly state: KernelState }
  | { readonly id: number; readonly do: 'status' }
  /** Ends the fabric, and with it everything in it. */
  | { readonly id: number; readonly do: 'stop' };

export interface Status {
  readonly protocol: number;
  /** The fabric's process, as the host counts. */
  readonly pid: number;
  /** Of the state that is in force. */
  readonly version: number;
  readonly namespaces: number;
  readonly links: number;
}

export type Answer =
  | { readonly id: number; readonly report: Report }
  | { readonly id: number; readonly status: Status }
  | { readonly id: number; readonly error: string };

/** Splits a stream of text into lines, whatever pieces it comes in. */
export function lineReader(onLine: (line: string) => void): (text: string) => void {
  let pieces: string[] = [];
  return (text) => {
    let rest = text;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = pieces.join('') + rest.slice(0, end);
      pieces = [];
      rest = rest.slice(end + 1);
      if (line !== '') onLine(line);
    }
    if (rest !== '') pieces.push(rest);
  };
}
