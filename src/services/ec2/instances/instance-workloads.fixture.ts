/** Launches for tests of workloads, and looks at what runs. */
import type { Input } from '#aws/operation.ts';
import type { Workload } from '#model/workload.ts';
import { workloadOf } from '#services/ec2/instances/instance-workloads.ts';
import { type Ec2World, home, linuxImage } from '#test/network/ec2-world.ts';

type Launch = Partial<Input<typeof import('@aws-sdk/client-ec2'), 'RunInstances'>>;

export async function launch(world: Ec2World, request: Launch): Promise<string> {
  const { Instances } = await world.call('RunInstances', {
    ImageId: linuxImage,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    ...request,
  });
  return Instances?.[0]?.InstanceId ?? '';
}

export const find = (world: Ec2World, id: string): Workload | undefined => workloadOf(world.store.reader(home), id, home.region);

export function must(world: Ec2World, id: string): Workload {
  const workload = find(world, id);
  if (!workload) throw new Error(`${id} does not run`);
  return workload;
}

/** The tree below a folder. */
export function below(workload: Workload, folder: string): Record<string, string> {
  const leaves = Object.entries(workload.metadata.tree).filter(([path]) => path.startsWith(folder));
  return Object.fromEntries(leaves.map(([path, text]) => [path.slice(folder.length), text]));
}
