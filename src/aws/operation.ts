/** What an operation is: one typed function per AWS operation, checked against the SDK's own types. */
import type { OperationContext } from '#aws/context.ts';
import type { AwsError } from '#protocol/aws-error.ts';
import type { Reader } from '#store/store.ts';

/** The operations that an SDK package knows: `CreateVpc` for its class `CreateVpcCommand`. */
export type OperationName<Sdk> = keyof Sdk extends infer K ? (K extends `${infer N}Command` ? N : never) : never;

type CommandClass<Sdk, N extends string> = `${N}Command` extends keyof Sdk ? Sdk[`${N}Command`] : never;
type Constructed<C> = C extends new (...args: infer A) => unknown ? (A extends readonly [infer I] ? I : never) : never;
type Answered<C> = C extends abstract new (...args: never) => infer Command
  ? Command extends {
      resolveMiddleware(stack: never, configuration: never, options: never): (input: never) => Promise<{ output: infer O }>;
    }
    ? O
    : never
  : never;

/** Members that the API requires lose `undefined`: the protocol has refused requests without them. */
type Received<T> = { [K in keyof T]: object extends Pick<T, K> ? T[K] : Exclude<T[K], undefined> };

export type Input<Sdk, N extends string> = Received<Constructed<CommandClass<Sdk, N>>>;
export type Output<Sdk, N extends string> = Omit<Answered<CommandClass<Sdk, N>>, '$metadata'>;

/**
 * An operation: synchronous and pure over the transaction and the context, so that it can run again when a commit
 * conflicts. It throws AwsError for what AWS refuses, and nothing of it has happened; it returns one where what it wrote is to stay,
 * such as the count of wrong passwords.
 */
export type Operation<I, O> = (context: OperationContext, input: I) => O | AwsError;

/** Some operations of an SDK package, each checked against its own input and output. */
export type Operations<Sdk> = { readonly [N in OperationName<Sdk>]?: Operation<Input<Sdk, N>, Output<Sdk, N>> };

/** Operations after their types have done their work: what the server calls. */
export type AnyOperation = Operation<Record<string, unknown>, Record<string, unknown>>;

/** One AWS API as the server mounts it. */
export interface Service {
  /** The name of its generated model and of its folder, e.g. `ec2`. */
  readonly name: string;
  readonly operations: Readonly<Record<string, AnyOperation>>;
  /** Runs in the transaction before every operation: what AWS has made for an account before its first call, e.g. the default VPC. */
  readonly prepare?: (context: OperationContext) => void;
  /** Global services keep their records in one partition of the account. */
  readonly global?: boolean;
  /**
   * Operations that tell of what a data plane settles (instances, changes of records): they wait a moment for what is between
   * two states, because AWS's waiters look at once and then sleep for 15 s or more.
   */
  readonly tellsOfUnsettled?: ReadonlySet<string>;
  /** Operations of the model that anybody calls without a signature: they look for what they are about in all partitions. */
  readonly unsigned?: ReadonlySet<string>;
  /** Whether all is there that an operation needs and a reconciler makes, such as the keys of a user pool. A call waits for it, for seconds at most. */
  readonly isReady?: (reader: Reader, operation: string, input: Readonly<Record<string, unknown>>) => boolean;
}

/** Declares a service from the operations of its nouns. */
export function defineService<Sdk>(
  name: string,
  nouns: readonly Operations<Sdk>[],
  traits: Pick<Service, 'prepare' | 'global' | 'tellsOfUnsettled' | 'unsigned' | 'isReady'> = {},
): Service {
  const operations: Record<string, AnyOperation> = {};
  for (const noun of nouns) {
    for (const [operation, run] of Object.entries(noun)) {
      if (operations[operation]) throw new Error(`${name}: ${operation} is declared twice`);
      operations[operation] = run as AnyOperation; // the protocol decodes and encodes by the schema that these types come from
    }
  }
  return { name, operations, ...traits };
}

/** The service with `check` run before each of its operations: what its model asks of members everywhere. */
export function checkedService(
  service: Service,
  check: (context: OperationContext, input: Readonly<Record<string, unknown>>) => void,
): Service {
  const operations = Object.entries(service.operations).map(([name, run]): [string, AnyOperation] => [
    name,
    (context, input) => {
      check(context, input);
      return run(context, input);
    },
  ]);
  return { ...service, operations: Object.fromEntries(operations) };
}
