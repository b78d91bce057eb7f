import { expect, test } from 'vitest';
import { sampleModel } from '#protocol/model.fixture.ts';
import { loadModel } from '#protocol/model.ts';

test('shapes, members, traits and enumerations', () => {
  const model = sampleModel('ec2');
  const input = model.operation('CreateThing')?.input;
  expect(input?.members.slice(0, 3)).toEqual([
    { name: 'Name', target: 0, required: true, traits: { xmlName: 'name', ec2QueryName: 'ThingName' } },
    { name: 'Tenancy', target: 0, required: false, traits: {}, enum: ['default', 'dedicated'] },
    { name: 'Size', target: 1, required: false, traits: {} },
  ]);
  expect(model.shape('TagList')).toEqual({
    kind: 'list',
    name: 'TagList',
    traits: {},
    element: { target: 'Tag', traits: { xmlName: 'item' } },
  });
  expect(model.shape(64 + 4)).toMatchObject({ kind: 'list', element: { target: 4 } });
  expect(model.shape(128)).toMatchObject({ kind: 'map', key: { target: 0 }, value: { target: 0 } });
  expect(model.operation('DeleteThing')?.output).toBeUndefined();
});

test('an operation that is not there', () => {
  expect(sampleModel('ec2').operation('MakeCoffee')).toBeUndefined();
  expect(sampleModel('ec2').operation('Tag')).toBeUndefined();
  expect(sampleModel('ec2').operation('constructor')).toBeUndefined();
});

test('a model that is not built says what to do', () => {
  expect(() => loadModel('things', '/nonexistent')).toThrow(
    'the model of things is missing (/nonexistent/things.jsonl): run "npm run build"',
  );
});
