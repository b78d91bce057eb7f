/** Every AWS API that Keiro has, called through the SDK's own clients. */
import { SERVICES } from '../../scripts/schemas.ts';
import { loadModel, type Model } from '#protocol/model.ts';
import { services } from '#server/services.ts';
import type { Keiro } from '#test/sdk/keiro.ts';

export type Values = Record<string, unknown>;

export interface Api {
  readonly service: string;
  readonly model: Model;
  /** The operations that are there, in the order of their names. */
  readonly operations: readonly string[];
  /** What an account calls. */
  connect(keiro: Keiro, account: string, region?: string): Connection;
}

/** Sends calls as an account. */
export interface Connection {
  readonly call: Call;
  /** Ends its connections: a server has room for so many. */
  close(): void;
}

export type Call = (operation: string, input: Values) => Promise<Outcome>;

export type Outcome =
  | { readonly output: Values; readonly code: undefined; readonly message: undefined; readonly status: number }
  | { readonly output: undefined; readonly code: string; readonly message: string; readonly status: number };

interface SdkClient {
  send(command: unknown): Promise<Values>;
  destroy(): void;
}

/** All services of the server's table, with the operations that they implement. */
export async function implementedApis(): Promise<readonly Api[]> {
  return Promise.all(
    services.map(async (entry) => {
      const [service, sdk] = await Promise.all([entry.load(), import(SERVICES[entry.name] ?? entry.name) as Promise<Values>]);
      const clientName = Object.keys(sdk).find((name) => /^(?!__).*Client$/.test(name)) ?? '';
      const commandOf = (operation: string) => sdk[`${operation}Command`] as new (input: Values) => unknown; // the SDK's naming
      return {
        service: entry.name,
        model: loadModel(entry.name),
        operations: Object.keys(service.operations).sort(),
        connect(keiro: Keiro, account: string, region = 'eu-west-1'): Connection {
          const client = keiro.client(sdk[clientName] as Parameters<Keiro['client']>[0], { account, region }) as SdkClient; // every package has one client class
          return {
            call: (operation, input) => outcomeOf(client.send(new (commandOf(operation))(input))),
            close: () => client.destroy(),
          };
        },
      };
    }),
  );
}

/** @throws what is neither an answer nor a refusal, e.g. an answer that the SDK cannot read. */
async function outcomeOf(call: Promise<Values>): Promise<Outcome> {
  try {
    const { $metadata, ...output } = await call;
    return { output, code: undefined, message: undefined, status: statusOf($metadata) };
  } catch (error) {
    if (!(error instanceof Error) || !('$metadata' in error) || statusOf(error.$metadata) === 0) throw error;
    return { output: undefined, code: error.name, message: error.message, status: statusOf(error.$metadata) };
  }
}

function statusOf(metadata: unknown): number {
  return (metadata as { readonly httpStatusCode?: number } | undefined)?.httpStatusCode ?? 0; // the SDK's metadata
}
