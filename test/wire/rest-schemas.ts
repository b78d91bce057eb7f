/** A small REST service in the SDK's schema format, with every http binding; no client package that Keiro has yet speaks REST. */

const NS = 'com.example.things';
const timestamp = 4;

const node: unknown[] = [3, NS, 'Node', 0, ['Label', 'Next', 'Weight'], [0, () => node, 1]];
const item = [
  3,
  NS,
  'Item',
  0,
  ['Name', 'Size', 'When', 'Bytes'],
  [[0, { xmlName: 'ItemName', jsonName: 'itemName' }], 1, timestamp, 21],
  1,
];
const itemList = [1, NS, 'ItemList', 0, [() => item, { xmlName: 'Item' }]];
const nameList = [1, NS, 'NameList', 0, 0];
const dateList = [1, NS, 'DateList', 0, timestamp];
const itemMap = [2, NS, 'ItemMap', 0, [0, { xmlName: 'K' }], [() => item, { xmlName: 'V' }]];
const listMap = [2, NS, 'ListMap', 0, 0, () => nameList];
const choice = [4, NS, 'Choice', 0, ['Text', 'Item'], [0, () => item]];
const document = [3, NS, 'Document', { xmlName: 'Doc' }, ['Id', 'Body'], [[0, { xmlAttribute: 1, xmlName: 'id' }], 0]];

const putThingRequest = [
  3,
  NS,
  'PutThingRequest',
  0,
  [
    'ThingId',
    'PartPath',
    'Tags',
    'Flag',
    'Since',
    'ETag',
    'Modified',
    'Names',
    'Dates',
    'Meta',
    'Token',
    'Title',
    'Items',
    'Flat',
    'ByName',
    'FlatMap',
    'Bytes',
    'Node',
    'Choice',
    'At',
  ],
  [
    [0, 1],
    [0, 1],
    [64, { httpQuery: 'tag' }],
    [2, { httpQuery: 'flag' }],
    [timestamp, { httpQuery: 'since' }],
    [0, { httpHeader: 'ETag' }],
    [timestamp, { httpHeader: 'Last-Modified' }],
    [() => nameList, { httpHeader: 'X-Names' }],
    [() => dateList, { httpHeader: 'X-Dates' }],
    [128, { httpPrefixHeaders: 'X-Meta-' }],
    [0, { httpHeader: 'X-Token', idempotencyToken: 1 }],
    0,
    () => itemList,
    [() => nameList, { xmlFlattened: 1 }],
    () => itemMap,
    [128, { xmlFlattened: 1 }],
    21,
    () => node,
    () => choice,
    [5, 0],
  ],
  2,
];
const putThingResponse = [
  3,
  NS,
  'PutThingResponse',
  0,
  ['ETag', 'Modified', 'Count', 'Names', 'Meta', 'Status', 'Title', 'Items', 'Flat', 'ByName', 'FlatMap', 'Bytes', 'Node', 'Choice', 'At'],
  [
    [0, { httpHeader: 'ETag' }],
    [timestamp, { httpHeader: 'Last-Modified' }],
    [1, { httpHeader: 'X-Count' }],
    [() => nameList, { httpHeader: 'X-Names' }],
    [128, { httpPrefixHeaders: 'X-Meta-' }],
    [1, 32],
    0,
    () => itemList,
    [() => nameList, { xmlFlattened: 1 }],
    () => itemMap,
    [128, { xmlFlattened: 1 }],
    21,
    () => node,
    () => choice,
    [5, 0],
  ],
];

const operations = [
  [
    9,
    NS,
    'PutThing',
    { http: ['PUT', '/v1/things/{ThingId}/parts/{PartPath+}?kind=big', 201] },
    () => putThingRequest,
    () => putThingResponse,
  ],
  [
    9,
    NS,
    'GetThing',
    { http: ['GET', '/v1/things/{ThingId}', 200] },
    [3, NS, 'GetThingRequest', 0, ['ThingId'], [[0, 1]], 1],
    [3, NS, 'GetThingResponse', 0, ['Document'], [[() => document, { httpPayload: 1 }]]],
  ],
  [
    9,
    NS,
    'ListThings',
    { http: ['GET', '/v1/things', 200] },
    [
      3,
      NS,
      'ListThingsRequest',
      0,
      ['Max', 'All'],
      [
        [1, { httpQuery: 'max' }],
        [() => listMap, { httpQueryParams: 1 }],
      ],
    ],
    [3, NS, 'ListThingsResponse', 0, ['Items'], [() => itemList]],
  ],
  [9, NS, 'ListSpecial', { http: ['GET', '/v1/things/special', 200] }, 'unit', 'unit'],
  [
    9,
    NS,
    'DeleteThing',
    { http: ['DELETE', '/v1/things/{ThingId}', 204] },
    [3, NS, 'DeleteThingRequest', 0, ['ThingId'], [[0, 1]], 1],
    'unit',
  ],
  [
    9,
    NS,
    'PutDocument',
    { http: ['PUT', '/v1/documents', 200] },
    [3, NS, 'PutDocumentRequest', 0, ['Document'], [[() => document, { httpPayload: 1 }]], 1],
    'unit',
  ],
  [
    9,
    NS,
    'PutText',
    { http: ['PUT', '/v1/text', 200] },
    [3, NS, 'PutTextRequest', 0, ['Text'], [[0, 16]], 1],
    [3, NS, 'PutTextResponse', 0, ['Text'], [[0, 16]]],
  ],
  [
    9,
    NS,
    'PutBytes',
    { http: ['PUT', '/v1/bytes', 200] },
    [3, NS, 'PutBytesRequest', 0, ['Bytes'], [[21, 16]], 1],
    [
      3,
      NS,
      'PutBytesResponse',
      0,
      ['Bytes', 'Kind'],
      [
        [21, 16],
        [0, { httpHeader: 'X-Kind' }],
      ],
    ],
  ],
];

export const noSuchThing = [
  -3,
  NS,
  'NoSuchThing',
  { error: 'client', httpError: 404 },
  ['message', 'ThingId', 'Wait'],
  [0, 0, [1, { httpHeader: 'Retry-After' }]],
] as const;

export const restSchemas: readonly unknown[] = [...operations, noSuchThing];
export const REST_NAMESPACE = NS;
export const REST_XMLNS = 'https://things.example.com/doc/';
