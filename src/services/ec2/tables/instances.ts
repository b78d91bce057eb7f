/** Records of instances, what is counted and set for them, and key pairs. */
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

/** A volume that was made with its instance; it lives and dies with it. */
export interface InstanceVolume {
  /** `vol-…` */
  readonly id: string;
  /** E.g. `/dev/xvda`. */
  readonly deviceName: string;
  readonly sizeGib: number;
  readonly type: 'standard' | 'io1' | 'io2' | 'gp2' | 'gp3' | 'sc1' | 'st1';
  readonly iops?: number;
  /** MiB a second. */
  readonly throughput?: number;
  readonly snapshotId?: string;
  readonly encrypted: boolean;
  readonly deleteOnTermination: boolean;
  readonly attachedMs: number;
  readonly tags: Tagged['tags'];
}

/** An IAM instance profile on an instance. */
export interface ProfileAssociation {
  /** `iip-assoc-…` */
  readonly associationId: string;
  readonly arn: string;
  /** `AIPA…` */
  readonly profileId: string;
  readonly associatedMs: number;
}

export interface InstanceRecord extends StoreRecord, Tagged {
  readonly reservationId: string;
  /** Place among the instances that one call launched. */
  readonly launchIndex: number;
  readonly imageId: string;
  readonly instanceType: string;
  readonly keyName?: string;
  /** Of the key pair at launch, in OpenSSH form: it stays when the key pair is deleted. */
  readonly publicKey?: string;
  readonly clientToken?: string;
  /** Of the primary interface; kept after termination for describes. */
  readonly vpcId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  /** When it was launched or last started. */
  readonly launchMs: number;
  /** When it was first launched. */
  readonly createdMs: number;
  readonly state: Eventual<InstanceState>;
  /** Counts launch, starts and reboots from 1; absent in records of older versions: 1. */
  readonly boot?: number;
  readonly stateReason?: { readonly code: string; readonly message: string };
  /** E.g. `User initiated (2026-01-31 12:00:00 GMT)`; absent while nothing happened to it. */
  readonly transitionReason?: string;
  readonly terminatedMs?: number;
  /** Base64. */
  readonly userData?: string;
  readonly metadataOptions: MetadataOptions;
  /** Until when a change of the metadata options counts as not yet applied. */
  readonly metadataPendingMs?: number;
  readonly shutdownBehavior: 'stop' | 'terminate';
  readonly disableApiTermination: boolean;
  readonly disableApiStop: boolean;
  readonly ebsOptimized: boolean;
  readonly monitoring: boolean;
  readonly tenancy: 'default' | 'dedicated';
  readonly hostnameType: 'ip-name' | 'resource-name';
  readonly resourceNameDnsARecord: boolean;
  readonly resourceNameDnsAaaaRecord: boolean;
  readonly instanceProfile?: ProfileAssociation;
  readonly privateDnsName: string;
  readonly cpuOptions?: { readonly coreCount: number; readonly threadsPerCore: number };
  /** Of burstable types. */
  readonly cpuCredits?: 'standard' | 'unlimited';
  readonly autoRecovery: 'default' | 'disabled';
  /** The root volume first. */
  readonly volumes: readonly InstanceVolume[];
}

export const instanceTable = defineTable<InstanceRecord>()('ec2.instance', {
  vpc: (instance) => instance.vpcId,
  subnet: (instance) => instance.subnetId,
  reservation: (instance) => instance.reservationId,
  keyName: (instance) => instance.keyName,
  volume: (instance) => instance.volumes.map((volume) => volume.id),
  profileAssociation: (instance) => instance.instanceProfile?.associationId,
});

/** The terminated instances in the order of their ends, so that those that AWS would show no more are found at once. */
export interface TerminatedInstanceRecord extends StoreRecord {
  readonly terminatedMs: number;
}

export const terminatedInstanceTable = defineTable<TerminatedInstanceRecord>()('ec2.terminated-instance');

/** How many vCPUs of a quota run; the id is the quota's code. */
export interface VcpuUsageRecord extends StoreRecord {
  readonly vcpus: number;
}

export const vcpuUsageTable = defineTable<VcpuUsageRecord>()('ec2.vcpu-usage');

/** What an account prefers for the metadata options of its instances in a Region; one record. */
export interface MetadataDefaultsRecord extends StoreRecord, Partial<MetadataOptions> {
  readonly httpTokensEnforced?: boolean;
}

export const metadataDefaultsTable = defineTable<MetadataDefaultsRecord>()('ec2.metadata-defaults');

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
