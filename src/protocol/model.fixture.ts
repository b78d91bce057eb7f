/** A small service for the protocols' tests, in the lines that scripts/schemas.ts writes. */
import { type Model, parseModel, type ProtocolName } from '#protocol/model.ts';

const SHAPES: readonly unknown[] = [
  ['CreateThing', 9, 'CreateThingRequest', 'CreateThingResult'],
  ['DeleteThing', 9, 'DeleteThingRequest', ''],
  ['ListThings', 9, '', 'ListThingsResult'],
  [
    'CreateThingRequest',
    3,
    0,
    1,
    ['Name', 0, { xmlName: 'name', ec2QueryName: 'ThingName' }],
    ['Tenancy', 0, 0, 'Tenancy'],
    ['Size', 1],
    ['Weight', 1, { fractional: 1 }],
    ['DryRun', 2, { xmlName: 'dryRun' }],
    ['Since', 4],
    ['Key', 21],
    ['Tags', 'TagList', { xmlName: 'Tag' }],
    ['Ids', 64, { xmlName: 'Id' }],
    ['Kinds', 64, 0, 'Tenancy'],
    ['Attributes', 128],
    ['Next', 'Node'],
    ['ClientToken', 0, { idempotencyToken: 1 }],
    ['InstanceType', 0, 0, 'Tenancy'],
  ],
  ['DeleteThingRequest', 3, 0, 1, ['ThingId', 0]],
  ['CreateThingResult', 3, 0, 0, ['Thing', 'Thing', { xmlName: 'thing' }]],
  ['ListThingsResult', 3, 0, 0, ['Things', 'ThingList', { xmlName: 'thingSet' }], ['NextToken', 0, { xmlName: 'nextToken' }]],
  [
    'Thing',
    3,
    0,
    0,
    ['ThingId', 0, { xmlName: 'thingId' }],
    ['CreateTime', 4, { xmlName: 'createTime' }],
    ['IsDefault', 2, { xmlName: 'isDefault' }],
    ['Count', 1, { xmlName: 'count' }],
    ['Key', 21, { xmlName: 'key' }],
    ['Tags', 'TagList', { xmlName: 'tagSet' }],
    ['Attributes', 128, { xmlName: 'attributes' }],
  ],
  ['ThingList', 1, 0, 'Thing', { xmlName: 'item' }],
  ['TagList', 1, 0, 'Tag', { xmlName: 'item' }],
  ['Tag', 3, 0, 1, ['Key', 0, { xmlName: 'key' }], ['Value', 0, { xmlName: 'value' }]],
  ['Node', 3, 0, 0, ['Label', 0], ['Next', 'Node']],
  ['NoSuchThingException', -3, { awsQueryError: ['NoSuchThing', 404], error: 'client', httpError: 404 }, 0, ['message', 0], ['ThingId', 0]],
  ['enum Tenancy', 'default', 'dedicated'],
];

export function sampleModel(protocol: ProtocolName): Model {
  const header = {
    service: 'things',
    serviceId: 'Things',
    protocol,
    namespace: 'com.example.things',
    version: '2026-01-01',
    target: 'ThingService',
    xmlNamespace: 'http://things.example.com/doc/2026-01-01',
    operations: ['CreateThing', 'DeleteThing', 'ListThings'],
    errors: [['NoSuchThingException', { awsQueryError: ['NoSuchThing', 404], error: 'client', httpError: 404 }]],
  };
  return parseModel(`${[header, ...SHAPES].map((line) => JSON.stringify(line)).join('\n')}\n`);
}
