/** Values as they stand in headers, in queries and in paths (Smithy, "HTTP binding traits"), both ways. */
import type { Faults } from '#protocol/faults.ts';
import { type Model, type Part, SIMPLE } from '#protocol/model.ts';
import { formatBase64, formatTimestamp, isTimestamp, type TimestampFormat, timestampFormat } from '#protocol/scalars.ts';
import { textReader } from '#protocol/xml-input.ts';

export type ReadText = (text: string, at: string, faults: Faults) => unknown;
export type WriteText = (value: unknown) => string;

/** The reader of a simple member or of a list's elements. */
export function simpleReader(model: Model, part: Part): ReadText {
  const shape = model.shape(part.target);
  if (shape.kind === 'list') return simpleReader(model, { ...shape.element, ...(part.enum === undefined ? {} : { enum: part.enum }) });
  if (shape.kind !== 'simple') throw new Error(`a ${shape.kind} cannot stand in a header, query or path`);
  return textReader(shape.type, part);
}

/** The reader of a header: lists are separated by commas, JSON in it is base64. */
export function headerReader(model: Model, part: Part): ReadText {
  const shape = model.shape(part.target);
  const read = simpleReader(model, part);
  if (shape.kind === 'list') {
    const element = model.shape(shape.element.target);
    const dates = element.kind === 'simple' && isTimestamp(element.type) && timestampFormat(element.type, 'http-date') === 'http-date';
    return (text, at, faults) => splitHeader(text, dates).map((item, i) => read(item, `${at}.${i + 1}.member`, faults));
  }
  if (part.traits.mediaType !== undefined) return (text) => Buffer.from(text, 'base64').toString('utf8');
  return (text, at, faults) => read(text.trim(), at, faults);
}

/** The items of a list in a header; an HTTP date has a comma of its own. */
export function splitHeader(text: string, dates: boolean): string[] {
  if (text.trim() === '') return [];
  if (dates) return (text.match(/[^,]+,[^,]+/g) ?? [text]).map((item) => item.trim());
  const items: string[] = [];
  for (let at = 0; at <= text.length;) {
    while (text[at] === ' ' || text[at] === '\t') at++;
    if (text[at] === '"') {
      let item = '';
      for (at++; at < text.length && text[at] !== '"'; at++) {
        if (text[at] === '\\' && at + 1 < text.length) at++;
        item += text[at];
      }
      items.push(item);
      const comma = text.indexOf(',', at);
      at = comma === -1 ? text.length + 1 : comma + 1;
    } else {
      const comma = text.indexOf(',', at);
      const end = comma === -1 ? text.length : comma;
      items.push(text.slice(at, end).trim());
      at = end + 1;
    }
  }
  return items;
}

/** The writer of a header. */
export function headerWriter(model: Model, part: Part): WriteText {
  const shape = model.shape(part.target);
  if (shape.kind === 'list') {
    const element = model.shape(shape.element.target);
    const write = headerWriter(model, shape.element);
    const quotes = element.kind === 'simple' && element.type === SIMPLE.string;
    // Handlers' outputs are typed by the SDK.
    return (value) => (value as readonly unknown[]).map((item) => (quotes ? quoteItem(write(item)) : write(item))).join(', ');
  }
  if (shape.kind !== 'simple') throw new Error(`a ${shape.kind} cannot stand in a header`);
  const write = simpleWriter(shape.type, 'http-date');
  if (part.traits.mediaType !== undefined) return (value) => formatBase64(write(value));
  return (value) => headerText(write(value));
}

/** Text as a header can hold it: without line ends and other control characters, and in Latin-1. */
export function headerText(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, ' ').replace(/[^\u0000-\u00ff]/g, '?');
}

function quoteItem(item: string): string {
  return /[",]/.test(item) ? `"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : item;
}

function simpleWriter(type: number, timestamps: TimestampFormat): WriteText {
  if (isTimestamp(type)) {
    const format = timestampFormat(type, timestamps);
    return (value) => (value instanceof Date ? formatTimestamp(value, format) : String(value));
  }
  if (type === SIMPLE.blob) return (value) => formatBase64(value as Uint8Array); // typed by the SDK
  return String;
}
