import { expect, test } from 'vitest';
import { LIMITS } from '#protocol/limits.ts';
import { parseXml, XmlFault } from '#protocol/xml-parse.ts';

const parse = (text: string) => parseXml(Buffer.from(text));

test('elements, attributes, text, entities, CDATA, comments', () => {
  const root = parse(
    '\ufeff<?xml version="1.0"?>\n<!-- c --><x:a xmlns:x="u" k="1&amp;2" x:l=\'m\'>t&#x41;&#66;<b/><![CDATA[<&]]><!-- c --><?p i?><b>\r\n</b></x:a>\n',
  );
  expect(root.name).toBe('a');
  expect([...root.attributes]).toEqual([
    ['k', '1&2'],
    ['l', 'm'],
  ]);
  expect(root.text).toBe('tAB<&');
  expect(root.children.map(({ name, text }) => [name, text])).toEqual([
    ['b', ''],
    ['b', '\n'],
  ]);
});

test.each([
  ['', 'it has no root element'],
  ['text', 'it has no root element'],
  ['<a>', 'it ends inside an element'],
  ['<a></b>', 'the element a is closed by another tag'],
  ['<a/><b/>', 'content follows the root element'],
  ['<a/>x', 'content follows the root element'],
  ['<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', 'document types are not accepted'],
  ['<a>&e;</a>', 'the reference &e; is not known'],
  ['<a>&toString;</a>', 'the reference &toString; is not known'],
  ['<a>&#0;</a>', 'it holds a character that XML does not allow'],
  ['<a>&#xD800;</a>', 'the reference &#xD800; is not known'],
  ['<a>&#1114112;</a>', 'the reference &#1114112; is not known'],
  ['<a>& b</a>', '"&" begins no reference'],
  ['<a>]]></a>', '"]]>" stands outside a CDATA section'],
  ['<a b="1" b="2"/>', 'the attribute b comes twice'],
  ['<a b=1/>', 'an attribute is not quoted'],
  ['<a b="<"/>', 'an attribute holds "<"'],
  ['<a b/>', 'the attribute b has no value'],
  ['<a b="1"c="2"/>', 'a tag is malformed'],
  ['<1/>', 'a name is malformed'],
  ['<a>\u0001</a>', 'it holds a character that XML does not allow'],
  ['<a><?xml version="1.0"?></a>', 'an XML declaration is out of place'],
  ['<a><!-- </a>', '"-->" is missing'],
  ['<a>'.repeat(100_000), `its nesting is deeper than ${LIMITS.nesting}`],
  [`<a>${'<b/>'.repeat(LIMITS.xmlElements)}</a>`, `it has more than ${LIMITS.xmlElements} elements`],
])('%.40s is refused', (text, message) => {
  expect(() => parse(text)).toThrow(new XmlFault(message));
});

test('bytes that are no UTF-8 are refused', () => {
  expect(() => parseXml(Buffer.from([0x3c, 0x61, 0xff, 0x3e]))).toThrow(new XmlFault('it is not UTF-8'));
});
