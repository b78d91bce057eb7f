/** The instance types that Keiro has, with AWS's figures (what DescribeInstanceTypes answered in April 2026). */

export type Architecture = 'i386' | 'x86_64' | 'arm64';

/** What the types of a family have in common. */
export interface InstanceFamily {
  readonly name: string;
  readonly manufacturer: 'Intel' | 'AMD' | 'AWS';
  readonly clockGhz?: number;
  readonly architectures: readonly Architecture[];
  readonly hypervisor: 'nitro' | 'xen';
  readonly threadsPerCore: 1 | 2;
  readonly currentGeneration: boolean;
  readonly networkPerformance: string;
  readonly peakGbps: number;
  readonly dedicatedHosts: boolean;
  readonly hibernation: boolean;
  readonly encryptionInTransit: boolean;
  readonly flexibleQueues: boolean;
  readonly precisionClock: boolean;
  readonly burstable: boolean;
  /** The fewest vCPUs of a type with Nitro Enclaves. */
  readonly enclavesFromVcpus?: number;
  readonly maximumVolumes: number;
  readonly volumeLimit: 'shared' | 'dedicated';
}

export interface InstanceType {
  /** E.g. `t3.micro`. */
  readonly name: string;
  readonly family: InstanceFamily;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly maximumInterfaces: number;
  readonly ipv4PerInterface: number;
  readonly ipv6PerInterface: number;
  readonly baselineGbps: number;
  readonly ebs?: EbsBandwidth;
  /** Numbers of cores that CpuOptions may ask for. */
  readonly validCores?: readonly number[];
  readonly architectures: readonly Architecture[];
  readonly clockGhz?: number;
  readonly freeTier: boolean;
  readonly peakGbps: number;
  readonly spot: boolean;
}

export interface EbsBandwidth {
  readonly baselineMbps: number;
  readonly baselineIops: number;
  readonly maximumMbps: number;
  readonly maximumIops: number;
}

const nitro: Omit<InstanceFamily, 'name' | 'networkPerformance' | 'peakGbps'> = {
  manufacturer: 'Intel',
  architectures: ['x86_64'],
  hypervisor: 'nitro',
  threadsPerCore: 2,
  currentGeneration: true,
  dedicatedHosts: true,
  hibernation: true,
  encryptionInTransit: false,
  flexibleQueues: false,
  precisionClock: false,
  burstable: false,
  enclavesFromVcpus: 4,
  maximumVolumes: 27,
  volumeLimit: 'shared',
};
const { enclavesFromVcpus: _large, ...nitroWithoutEnclaves } = nitro;
const graviton = { ...nitro, manufacturer: 'AWS', architectures: ['arm64'], threadsPerCore: 1, enclavesFromVcpus: 2 } as const;
const burstable = { ...nitroWithoutEnclaves, burstable: true, networkPerformance: 'Up to 5 Gigabit', peakGbps: 5 };
const xen = { ...nitroWithoutEnclaves, hypervisor: 'xen', threadsPerCore: 1, dedicatedHosts: false } as const;
const tenGigabit = { networkPerformance: 'Up to 10 Gigabit', peakGbps: 10 };
const twelveGigabit = { networkPerformance: 'Up to 12.5 Gigabit', peakGbps: 12.5 };
const iceLake = { ...nitro, ...twelveGigabit, clockGhz: 3.5, encryptionInTransit: true, flexibleQueues: true, currentGeneration: false };

type Ebs = readonly [baselineMbps: number, baselineIops: number, maximumMbps: number, maximumIops: number];
type Row = readonly [
  size: string,
  vcpus: number,
  memoryMib: number,
  maximumInterfaces: number,
  addressesPerInterface: number,
  baselineGbps: number,
  ebs?: Ebs | undefined,
  validCores?: readonly number[] | undefined,
  /** Where a type differs from its family. */
  differs?: Partial<InstanceType>,
];

const t3Medium: Ebs = [347, 2000, 2085, 11_800];
const t3Large: Ebs = [695, 4000, 2780, 15_700];
const free = { freeTier: true };

const catalogue: readonly (readonly [InstanceFamily, readonly Row[]])[] = [
  [
    // What RunInstances launches when the call names no type.
    {
      ...xen,
      name: 'm1',
      architectures: ['i386', 'x86_64'],
      currentGeneration: false,
      hibernation: false,
      networkPerformance: 'Low',
      peakGbps: 1.2,
      maximumVolumes: 39,
    },
    [['small', 1, 1740, 2, 4, 0.3, undefined, undefined, { ipv6PerInterface: 0 }]],
  ],
  [
    { ...xen, name: 't2', burstable: true, clockGhz: 2.3, networkPerformance: 'Low to Moderate', peakGbps: 1.024, maximumVolumes: 40 },
    [
      [
        'nano',
        1,
        512,
        2,
        2,
        0.032,
        undefined,
        undefined,
        { architectures: ['i386', 'x86_64'], clockGhz: 2.4, peakGbps: 0.512, spot: false },
      ],
      ['micro', 1, 1024, 2, 2, 0.064, undefined, undefined, { architectures: ['i386', 'x86_64'], clockGhz: 2.5 }],
      ['small', 1, 2048, 3, 4, 0.128, undefined, undefined, { architectures: ['i386', 'x86_64'], clockGhz: 2.5 }],
      ['medium', 2, 4096, 3, 6, 0.256, undefined, undefined, { architectures: ['i386', 'x86_64'] }],
      ['large', 2, 8192, 3, 12, 0.512],
    ],
  ],
  [
    { ...burstable, name: 't3', clockGhz: 2.5 },
    [
      ['nano', 2, 512, 2, 2, 0.032, [43, 250, 2085, 11_800], [1]],
      ['micro', 2, 1024, 2, 2, 0.064, [87, 500, 2085, 11_800], [1], free],
      ['small', 2, 2048, 3, 4, 0.128, [174, 1000, 2085, 11_800], [1], free],
      ['medium', 2, 4096, 3, 6, 0.256, t3Medium, [1]],
      ['large', 2, 8192, 3, 12, 0.512, t3Large, [1]],
      ['xlarge', 4, 16_384, 4, 15, 1.024, t3Large, [2]],
      ['2xlarge', 8, 32_768, 4, 15, 2.048, t3Large, [2, 4]],
    ],
  ],
  [
    { ...burstable, name: 't3a', manufacturer: 'AMD', clockGhz: 2.2, dedicatedHosts: false },
    [
      ['nano', 2, 512, 2, 2, 0.032, [45, 250, 2085, 11_800], [1]],
      ['micro', 2, 1024, 2, 2, 0.064, [90, 500, 2085, 11_800], [1]],
      ['small', 2, 2048, 2, 4, 0.128, [175, 1000, 2085, 11_800], [1]],
      ['medium', 2, 4096, 3, 6, 0.256, [350, 2000, 2085, 11_800], [1]],
      ['large', 2, 8192, 3, 12, 0.512, t3Large, [1]],
    ],
  ],
  [
    { ...burstable, name: 't4g', manufacturer: 'AWS', architectures: ['arm64'], threadsPerCore: 1, clockGhz: 2.5, dedicatedHosts: false },
    [
      ['nano', 2, 512, 2, 2, 0.032, [43, 250, 2085, 11_800], [1, 2]],
      ['micro', 2, 1024, 2, 2, 0.064, [87, 500, 2085, 11_800], [1, 2], free],
      ['small', 2, 2048, 3, 4, 0.128, [174, 1000, 2085, 11_800], [1, 2], free],
      ['medium', 2, 4096, 3, 6, 0.256, t3Medium, [1, 2]],
      ['large', 2, 8192, 3, 12, 0.512, t3Large, [1, 2]],
      ['xlarge', 4, 16_384, 4, 15, 1.024, t3Large, [1, 2, 3, 4]],
    ],
  ],
  [
    { ...nitro, ...tenGigabit, name: 'm5', clockGhz: 3.1, currentGeneration: false },
    [
      ['large', 2, 8192, 3, 10, 0.75, [650, 3600, 4750, 18_750], [1]],
      ['xlarge', 4, 16_384, 4, 15, 1.25, [1150, 6000, 4750, 18_750], [2]],
      ['2xlarge', 8, 32_768, 4, 15, 2.5, [2300, 12_000, 4750, 18_750], [2, 4]],
      ['4xlarge', 16, 65_536, 8, 30, 5, [4750, 18_750, 4750, 18_750], [2, 4, 6, 8]],
    ],
  ],
  [
    { ...iceLake, name: 'm6i' },
    [
      ['large', 2, 8192, 3, 10, 0.781, [650, 3600, 10_000, 40_000], [1]],
      ['xlarge', 4, 16_384, 4, 15, 1.562, [1250, 6000, 10_000, 40_000], [1, 2]],
      ['2xlarge', 8, 32_768, 4, 15, 3.125, [2500, 12_000, 10_000, 40_000], [2, 4]],
    ],
  ],
  [
    {
      ...nitro,
      ...twelveGigabit,
      name: 'm7i',
      clockGhz: 3.2,
      encryptionInTransit: true,
      precisionClock: true,
      maximumVolumes: 32,
      volumeLimit: 'dedicated',
    },
    [
      ['large', 2, 8192, 3, 10, 0.781, [650, 3600, 10_000, 40_000], [1]],
      ['xlarge', 4, 16_384, 4, 15, 1.562, [1250, 6000, 10_000, 40_000], [1, 2]],
    ],
  ],
  [
    { ...graviton, ...tenGigabit, name: 'm6g', clockGhz: 2.5 },
    [
      ['medium', 1, 4096, 2, 4, 0.5, [315, 2500, 4750, 20_000]],
      ['large', 2, 8192, 3, 10, 0.75, [630, 3600, 4750, 20_000], [1, 2]],
      ['xlarge', 4, 16_384, 4, 15, 1.25, [1188, 6000, 4750, 20_000], [1, 2, 3, 4]],
    ],
  ],
  [
    { ...graviton, ...twelveGigabit, name: 'm7g', clockGhz: 2.6, encryptionInTransit: true, precisionClock: true },
    [
      ['medium', 1, 4096, 2, 4, 0.52, [315, 2500, 10_000, 40_000]],
      ['large', 2, 8192, 3, 10, 0.937, [630, 3600, 10_000, 40_000], [1, 2]],
      ['xlarge', 4, 16_384, 4, 15, 1.876, [1250, 6000, 10_000, 40_000], [1, 2, 3, 4]],
    ],
  ],
  [
    { ...nitro, ...tenGigabit, name: 'c5', clockGhz: 3.4, currentGeneration: false },
    [
      ['large', 2, 4096, 3, 10, 0.75, [650, 4000, 4750, 20_000], [1]],
      ['xlarge', 4, 8192, 4, 15, 1.25, [1150, 6000, 4750, 20_000], [2]],
      ['2xlarge', 8, 16_384, 4, 15, 2.5, [2300, 10_000, 4750, 20_000], [2, 4]],
    ],
  ],
  [
    {
      ...nitro,
      name: 'c5n',
      clockGhz: 3.4,
      hibernation: false,
      encryptionInTransit: true,
      networkPerformance: 'Up to 25 Gigabit',
      peakGbps: 25,
    },
    [
      ['large', 2, 5376, 3, 10, 3, [650, 4000, 4750, 20_000], [1]],
      ['xlarge', 4, 10_752, 4, 15, 5, [1150, 6000, 4750, 20_000], [2]],
    ],
  ],
  [
    { ...iceLake, name: 'c6i', currentGeneration: true },
    [
      ['large', 2, 4096, 3, 10, 0.781, [650, 3600, 10_000, 40_000], [1]],
      ['xlarge', 4, 8192, 4, 15, 1.562, [1250, 6000, 10_000, 40_000], [1, 2]],
    ],
  ],
  [
    { ...graviton, ...tenGigabit, name: 'c6g', clockGhz: 2.5 },
    [
      ['medium', 1, 2048, 2, 4, 0.5, [315, 2500, 4750, 20_000]],
      ['large', 2, 4096, 3, 10, 0.75, [630, 3600, 4750, 20_000], [1, 2]],
      ['xlarge', 4, 8192, 4, 15, 1.25, [1188, 6000, 4750, 20_000], [1, 2, 3, 4]],
    ],
  ],
  [
    { ...graviton, ...twelveGigabit, name: 'c7g', clockGhz: 2.6, encryptionInTransit: true },
    [
      ['medium', 1, 2048, 2, 4, 0.52, [315, 2500, 10_000, 40_000]],
      ['large', 2, 4096, 3, 10, 0.937, [630, 3600, 10_000, 40_000], [1, 2]],
      ['xlarge', 4, 8192, 4, 15, 1.876, [1250, 6000, 10_000, 40_000], [1, 2, 3, 4]],
    ],
  ],
  [
    { ...nitro, ...tenGigabit, name: 'r5', clockGhz: 3.1, currentGeneration: false },
    [
      ['large', 2, 16_384, 3, 10, 0.75, [650, 3600, 4750, 18_750], [1]],
      ['xlarge', 4, 32_768, 4, 15, 1.25, [1150, 6000, 4750, 18_750], [2]],
      ['2xlarge', 8, 65_536, 4, 15, 2.5, [2300, 12_000, 4750, 18_750], [2, 4]],
    ],
  ],
  [
    { ...iceLake, name: 'r6i', hibernation: false },
    [
      ['large', 2, 16_384, 3, 10, 0.781, [650, 3600, 10_000, 40_000], [1]],
      ['xlarge', 4, 32_768, 4, 15, 1.562, [1250, 6000, 10_000, 40_000], [1, 2]],
    ],
  ],
  [
    { ...graviton, ...tenGigabit, name: 'r6g', clockGhz: 2.5 },
    [
      ['medium', 1, 8192, 2, 4, 0.5, [315, 2500, 4750, 20_000]],
      ['large', 2, 16_384, 3, 10, 0.75, [630, 3600, 4750, 20_000], [1, 2]],
    ],
  ],
];

export const instanceTypes: ReadonlyMap<string, InstanceType> = new Map(
  catalogue.flatMap(([family, rows]) => rows.map((row) => typeOf(family, row))).map((type) => [type.name, type]),
);

/** Cores are what vCPUs are threads of. */
export function coresOf(type: InstanceType): number {
  return type.vcpus / type.family.threadsPerCore;
}

function typeOf(family: InstanceFamily, row: Row): InstanceType {
  const [size, vcpus, memoryMib, maximumInterfaces, addresses, baselineGbps, ebs, validCores, differs] = row;
  return {
    name: `${family.name}.${size}`,
    family,
    vcpus,
    memoryMib,
    maximumInterfaces,
    ipv4PerInterface: addresses,
    ipv6PerInterface: addresses,
    baselineGbps,
    ...(ebs ? { ebs: { baselineMbps: ebs[0], baselineIops: ebs[1], maximumMbps: ebs[2], maximumIops: ebs[3] } } : {}),
    ...(validCores ? { validCores } : {}),
    ...(family.clockGhz === undefined ? {} : { clockGhz: family.clockGhz }),
    architectures: family.architectures,
    freeTier: false,
    peakGbps: family.peakGbps,
    spot: true,
    ...differs,
  };
}
