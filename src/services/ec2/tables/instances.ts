/** Records of instances and key pairs. */
import type { Eventual } from '#aws/eventual.ts';
import type { Tagged } from '#aws/tags.ts';
import { defineTable, type StoreRecord } from '#store/table.ts';

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

export interface MetadataOptions {
  readonly httpTokens: 'optional' | 'required';
  readonly httpPutResponseHopLimit: number;
  readonly httpEndpoint: 'enabled' | 'disabled';
  readonly httpProtocolIpv6: 'enabled' | 'disabled';
  readonly instanceMetadataTags: 'enabled' | 'disabled';
}

export interface InstanceRecord extends StoreRecord, Tagged {
  readonly reservationId: string;
  /** Place among the instances that one call launched. */
  readonly launchIndex: number;
  readonly imageId: string;
  readonly instanceType: string;
  readonly keyName?: string;
  readonly clientToken?: string;
  /** Of the primary interface; kept after termination for describes. */
  readonly vpcId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly launchMs: number;
  readonly state: Eventual<InstanceState>;
  readonly stateReason?: { readonly code: string; readonly message: string };
  readonly terminatedMs?: number;
  /** Base64. */
  readonly userData?: string;
  readonly metadataOptions: MetadataOptions;
  readonly shutdownBehavior: 'stop' | 'terminate';
  readonly disableApiTermination: boolean;
  readonly disableApiStop: boolean;
  readonly ebsOptimized: boolean;
  readonly monitoring: boolean;
  readonly tenancy: 'default' | 'dedicated' | 'host';
  readonly hostnameType: 'ip-name' | 'resource-name';
  readonly resourceNameDnsARecord: boolean;
  readonly resourceNameDnsAaaaRecord: boolean;
  readonly instanceProfileArn?: string;
  readonly privateDnsName: string;
  readonly rootVolumeId: string;
}

export const instanceTable = defineTable<InstanceRecord>()('ec2.instance', {
  vpc: (instance) => instance.vpcId,
  subnet: (instance) => instance.subnetId,
  reservation: (instance) => instance.reservationId,
  keyName: (instance) => instance.keyName,
});

export interface KeyPairRecord extends StoreRecord, Tagged {
  readonly name: string;
  readonly type: 'rsa' | 'ed25519';
  readonly fingerprint: string;
  /** OpenSSH form: `ssh-rsa AAAA… name`. The private key is given once and never kept. */
  readonly publicKey: string;
  readonly createdMs: number;
}

export const keyPairTable = defineTable<KeyPairRecord>()('ec2.key-pair', {
  name: (pair) => pair.name,
});
