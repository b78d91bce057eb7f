import {
  ChangeTagsForResourceCommand,
  CreateHealthCheckCommand,
  ListTagsForResourceCommand,
  ListTagsForResourcesCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { describe, expect, test } from 'vitest';
import { reference, zoneCalled } from '#test/sdk/route53.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const client = keiro.client(Route53Client);

const makers = {
  hostedzone: () => zoneCalled(client, 'tags.example'),
  healthcheck: async () => {
    const HealthCheckConfig = { Type: 'TCP' as const, IPAddress: '192.0.2.1', Port: 1 };
    const { HealthCheck } = await client.send(new CreateHealthCheckCommand({ CallerReference: reference(), HealthCheckConfig }));
    return HealthCheck?.Id ?? '';
  },
};

describe.each(['hostedzone', 'healthcheck'] as const)('tags of a %s', (ResourceType) => {
  test('come and go', async () => {
    const ResourceId = await makers[ResourceType]();
    const tag = (input: object) => client.send(new ChangeTagsForResourceCommand({ ResourceType, ResourceId, ...input }));
    const tags = async () => (await client.send(new ListTagsForResourceCommand({ ResourceType, ResourceId }))).ResourceTagSet;
    expect(await tags()).toEqual({ ResourceType, ResourceId, Tags: [] });
    await tag({ AddTags: [{ Key: 'Name', Value: 'one' }, { Key: 'empty' }] });
    await tag({ AddTags: [{ Key: 'Name', Value: 'two' }], RemoveTagKeys: ['empty', 'none'] });
    expect(await tags()).toEqual({ ResourceType, ResourceId, Tags: [{ Key: 'Name', Value: 'two' }] });
    const other = await makers[ResourceType]();
    const sets = await client.send(new ListTagsForResourcesCommand({ ResourceType, ResourceIds: [ResourceId, other] }));
    expect(sets.ResourceTagSets?.map((set) => [set.ResourceId, set.Tags?.length])).toEqual([
      [ResourceId, 1],
      [other, 0],
    ]);
    for (const input of [
      {},
      { AddTags: [{ Key: '' }] },
      { AddTags: [{ Key: 'aws:x' }] },
      { AddTags: [{ Key: 'x' }], RemoveTagKeys: ['x'] },
      { AddTags: [{ Key: 'k'.repeat(129) }] },
      { AddTags: Array.from({ length: 10 }, (_, at) => ({ Key: `k${at}` })) },
    ])
      expect((await refusal(tag(input))).code).toBe('InvalidInput');
    expect((await tags())?.Tags).toEqual([{ Key: 'Name', Value: 'two' }]);
  });

  test('are of nothing that is not there', async () => {
    const code = ResourceType === 'hostedzone' ? 'NoSuchHostedZone' : 'NoSuchHealthCheck';
    const change = new ChangeTagsForResourceCommand({ ResourceType, ResourceId: 'none', AddTags: [{ Key: 'x' }] });
    expect((await refusal(client.send(change))).code).toBe(code);
    expect((await refusal(client.send(new ListTagsForResourceCommand({ ResourceType, ResourceId: 'none' })))).code).toBe(code);
    expect((await refusal(client.send(new ListTagsForResourcesCommand({ ResourceType, ResourceIds: ['none'] })))).code).toBe(code);
  });
});
