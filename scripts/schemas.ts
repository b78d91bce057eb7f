/** Writes the compact models that `src/protocol` reads, one per AWS service, from the SDK clients' own schemas. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMemberEnums } from './schema-enums.ts';
import { schemaLines } from './schema-writer.ts';

/** Our name of a service → the npm package with its client. Adding a service is one line here. */
export const SERVICES: Readonly<Record<string, string>> = {
  acm: '@aws-sdk/client-acm',
  'cognito-idp': '@aws-sdk/client-cognito-identity-provider',
  ec2: '@aws-sdk/client-ec2',
  elbv2: '@aws-sdk/client-elastic-load-balancing-v2',
  iam: '@aws-sdk/client-iam',
  route53: '@aws-sdk/client-route-53',
  route53domains: '@aws-sdk/client-route-53-domains',
  'service-quotas': '@aws-sdk/client-service-quotas',
  ssm: '@aws-sdk/client-ssm',
  sts: '@aws-sdk/client-sts',
};

/** The protocol of a client, by the name of the SDK's class for it. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  AwsEc2QueryProtocol: 'ec2',
  AwsQueryProtocol: 'query',
  AwsJson1_0Protocol: 'json-1.0',
  AwsJson1_1Protocol: 'json-1.1',
  AwsRestJsonProtocol: 'rest-json',
  AwsRestXmlProtocol: 'rest-xml',
};

const require = createRequire(import.meta.url);

/** The model of a service as text: a header line, then one line a shape, in the form `src/protocol/model.ts` describes. */
export function modelText(service: string, packageName: string): string {
  const client = require(packageName) as Record<string, unknown>; // a CJS module of exports
  const root = dirname(require.resolve(`${packageName}/package.json`));
  const schemas = Object.entries(client).flatMap(([name, schema]) => (name.endsWith('$') ? [schema] : []));
  return schemaLines({ service, ...serviceHeader(client) }, schemas, readMemberEnums(join(root, 'dist-types', 'models')));
}

/** Writes every service's model to `outDir` as `<service>.jsonl`. Returns the paths. */
export function buildSchemas(outDir: string): string[] {
  mkdirSync(outDir, { recursive: true });
  return Object.entries(SERVICES).map(([service, packageName]) => {
    const path = join(outDir, `${service}.jsonl`);
    const text = modelText(service, packageName);
    // Moved into place, so that a server which reads it meanwhile never sees half of it.
    writeFileSync(`${path}.${process.pid}`, text);
    renameSync(`${path}.${process.pid}`, path);
    return path;
  });
}

/** What the client's configuration says of the service as a whole. */
function serviceHeader(client: Record<string, unknown>): Record<string, unknown> {
  const ctor = Object.entries(client).find(([name]) => /^(?!__).*Client$/.test(name))?.[1] as new (config: object) => {
    config: { protocol: { constructor: { name: string } }; protocolSettings: Record<string, unknown>; serviceId: string };
  }; // every client package exports exactly one such class
  const { config } = new ctor({ region: 'us-east-1', credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });
  const protocol = PROTOCOLS[config.protocol.constructor.name];
  if (protocol === undefined) throw new Error(`unknown protocol class ${config.protocol.constructor.name}`);
  const { defaultNamespace, xmlNamespace, version, serviceTarget } = config.protocolSettings;
  return { protocol, serviceId: config.serviceId, namespace: defaultNamespace, version, target: serviceTarget, xmlNamespace };
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const path of buildSchemas(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'schemas')))
    console.log(path);
}
