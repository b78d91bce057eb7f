/** The port for names on this host's loopback: 53 where it may be had, else 5353, or the one that was asked for. */
import { join } from 'node:path';
import { namesSocket, programPath, socketFolder } from '#dataplane/fabric/public.ts';
import { endHostNames, startHostNames } from '#dataplane/node/public.ts';
import { createDnsAnswers } from '#reconcile/dns-answers.ts';
import { HostNames } from '#reconcile/host-names.ts';
import { NameChanges } from '#reconcile/name-changes.ts';
import type { ObservedInstances } from '#reconcile/observed-instances.ts';
import type { Log } from '#server/log.ts';
import type { ServerOptions } from '#server/options.ts';
import type { Store } from '#store/store.ts';

export interface NamesOnHostOptions {
  readonly store: Store;
  /** Data directory. */
  readonly directory: string;
  readonly log: Log;
  readonly dns: ServerOptions['dns'];
  readonly geo?: string | undefined;
}

const ADDRESS = '127.0.0.1';
/** Where names are asked for, and where people ask when that is not theirs to have. */
const USUAL_PORTS = [53, 5353] as const;

const socketOf = (directory: string): string => join(socketFolder(directory), 'host-names.sock');

/**
 * Opens the port; undefined where none is wanted or none can be had, which the log tells.
 * @param hasFabric whether questions are answered in a fabric, else here: then health checks are made from here too
 */
export async function openNamesOnHost(
  options: NamesOnHostOptions,
  observed: ObservedInstances,
  hasFabric: boolean,
): Promise<HostNames | undefined> {
  const { store, directory, log, dns, geo } = options;
  if (dns === 'off') {
    await endNamesOnHost(directory);
    return undefined;
  }
  const onTrouble = (error: unknown, doing: string): void => log.warn({ err: error }, doing);
  const ports = dns === 'auto' ? USUAL_PORTS : [dns];
  const geoFile = geo === undefined ? {} : { geoFile: geo };
  const settings = {
    hostSocket: socketOf(directory),
    address: ADDRESS,
    ports,
    ...geoFile,
    ...(hasFabric ? { namesSocket: namesSocket(directory) } : {}),
  };
  const names = new HostNames({
    store,
    open: async () => startHostNames(settings, programPath('node')),
    isTold: !hasFabric,
    changes: new NameChanges({ store, unsettled: observed.unsettled, onTrouble }),
    see: ({ statuses }) => observed.checks.see(statuses),
    onTrouble,
  });
  try {
    await names.start();
  } catch (error) {
    log.warn({ err: error }, `names are not answered on this host: no port of ${ports.join(', ')} can be had; choose another with --dns`);
    await names.close();
    return undefined;
  }
  const { place } = names;
  if (place !== undefined) log.info(place, `names are answered at ${place.address}, port ${place.port}`);
  if (!hasFabric) observed.dnsAnswer = createDnsAnswers(store, observed.checks);
  return names;
}

/** Ends the process that an earlier start left, if any. */
export async function endNamesOnHost(directory: string): Promise<void> {
  await endHostNames(socketOf(directory));
}
