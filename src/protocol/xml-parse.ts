/** A small strict XML reader for request bodies: no document types, no entities but the five and character references, with limits. */
import { isUtf8 } from 'node:buffer';
import { LIMITS } from '#protocol/limits.ts';

export interface XmlElement {
  /** The name without its prefix. */
  readonly name: string;
  /** Attributes by their name without its prefix; namespace declarations are left out. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly inside, in one piece. */
  readonly text: string;
}

/** Not well-formed, or beyond a limit. */
export class XmlFault extends Error {}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const NAME = /[A-Za-z_\u0080-\uffff][\w.\-\u0080-\uffff]*(?::[A-Za-z_\u0080-\uffff][\w.\-\u0080-\uffff]*)?/y;
const SPACE = /[ \t\r\n]*/y;
/** What XML 1.0 allows nowhere, not even as a reference. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** The root element of a document. @throws XmlFault */
export function parseXml(body: Buffer): XmlElement {
  if (!isUtf8(body)) throw new XmlFault('it is not UTF-8');
  const text = body.toString('utf8').replace(/^\ufeff/, '');
  if (FORBIDDEN.test(text)) throw new XmlFault('it holds a character that XML does not allow');
  return new XmlReader(text).document();
}

interface OpenElement {
  readonly qualifiedName: string;
  readonly element: { name: string; attributes: Map<string, string>; children: XmlElement[]; text: string };
}

/** Reads one document; iterative, so that depth costs no stack. */
class XmlReader {
  readonly #text: string;
  #at = 0;
  #elements = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): XmlElement {
    if (this.#text.startsWith('<?xml') && /[ \t\r\n]/.test(this.#text.charAt(5))) this.#skipPast('?>');
    this.#misc();
    if (this.#text[this.#at] !== '<') throw new XmlFault('it has no root element');
    const root = this.#elementTree();
    this.#misc();
    if (this.#at < this.#text.length) throw new XmlFault('content follows the root element');
    return root;
  }

  #elementTree(): XmlElement {
    const open: OpenElement[] = [];
    for (;;) {
      const top = open.at(-1);
      if (this.#at >= this.#text.length) throw new XmlFault('it ends inside an element');
      if (top !== undefined && this.#text[this.#at] !== '<') {
        top.element.text += this.#characterData();
        continue;
      }
      if (top !== undefined && this.#text.startsWith('</', this.#at)) {
        this.#closeTag(top.qualifiedName);
        open.pop();
        if (open.length === 0) return top.element;
      } else if (top !== undefined && this.#text.startsWith('<![CDATA[', this.#at)) {
        const from = this.#at + 9;
        this.#skipPast(']]>');
        top.element.text += this.#text.slice(from, this.#at - 3);
      } else if (!this.#skipComment()) {
        const [started, isEmpty] = this.#openTag();
        top?.element.children.push(started.element);
        if (isEmpty) {
          if (top === undefined) return started.element;
        } else if (open.push(started) > LIMITS.nesting) throw new XmlFault(`its nesting is deeper than ${LIMITS.nesting}`);
      }
    }
  }

  #openTag(): [OpenElement, isEmpty: boolean] {
    if (++this.#elements > LIMITS.xmlElements) throw new XmlFault(`it has more than ${LIMITS.xmlElements} elements`);
    this.#at++;
    const qualifiedName = this.#name();
    const attributes = new Map<string, string>();
    const seen = new Set<string>();
    for (;;) {
      const hadSpace = this.#skipSpace();
      if (this.#take('/>'))
        return [{ qualifiedName, element: { name: localName(qualifiedName), attributes, children: [], text: '' } }, true];
      if (this.#take('>'))
        return [{ qualifiedName, element: { name: localName(qualifiedName), attributes, children: [], text: '' } }, false];
      if (!hadSpace) throw new XmlFault('a tag is malformed');
      const name = this.#name();
      if (seen.has(name)) throw new XmlFault(`the attribute ${name} comes twice`);
      seen.add(name);
      this.#skipSpace();
      if (!this.#take('=')) throw new XmlFault(`the attribute ${name} has no value`);
      this.#skipSpace();
      const value = this.#attributeValue();
      if (name !== 'xmlns' && !name.startsWith('xmlns:')) attributes.set(localName(name), value);
    }
  }

  #attributeValue(): string {
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") throw new XmlFault('an attribute is not quoted');
    const end = this.#text.indexOf(quote, this.#at + 1);
    if (end === -1) throw new XmlFault('an attribute does not end');
    const raw = this.#text.slice(this.#at + 1, end);
    if (raw.includes('<')) throw new XmlFault('an attribute holds "<"');
    this.#at = end + 1;
    return decodeEntities(raw.replace(/\r\n|[\t\r\n]/g, ' '));
  }

  #closeTag(qualifiedName: string): void {
    this.#at += 2;
    if (this.#name() !== qualifiedName) throw new XmlFault(`the element ${qualifiedName} is closed by another tag`);
    this.#skipSpace();
    if (!this.#take('>')) throw new XmlFault('a tag is malformed');
  }

  #characterData(): string {
    let end = this.#text.indexOf('<', this.#at);
    if (end === -1) end = this.#text.length;
    const raw = this.#text.slice(this.#at, end);
    if (raw.includes(']]>')) throw new XmlFault('"]]>" stands outside a CDATA section');
    this.#at = end;
    return decodeEntities(raw.replace(/\r\n?/g, '\n'));
  }

  /** Space, comments and processing instructions outside the root. */
  #misc(): void {
    do this.#skipSpace();
    while (this.#skipComment());
  }

  /** Passes over one comment or processing instruction. */
  #skipComment(): boolean {
    if (this.#text.startsWith('<!--', this.#at)) {
      const from = this.#at + 4;
      this.#at = from;
      this.#skipPast('-->');
      return true;
    }
    if (this.#text.startsWith('<?', this.#at)) {
      if (/^xml[ \t\r\n?]/i.test(this.#text.slice(this.#at + 2, this.#at + 6))) throw new XmlFault('an XML declaration is out of place');
      this.#skipPast('?>');
      return true;
    }
    if (this.#text.startsWith('<!', this.#at)) throw new XmlFault('document types are not accepted');
    return false;
  }

  #skipPast(end: string): void {
    const found = this.#text.indexOf(end, this.#at);
    if (found === -1) throw new XmlFault(`"${end}" is missing`);
    this.#at = found + end.length;
  }

  #skipSpace(): boolean {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    const moved = SPACE.lastIndex > this.#at;
    this.#at = SPACE.lastIndex;
    return moved;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #name(): string {
    NAME.lastIndex = this.#at;
    if (!NAME.test(this.#text)) throw new XmlFault('a name is malformed');
    const name = this.#text.slice(this.#at, NAME.lastIndex);
    this.#at = NAME.lastIndex;
    return name;
  }
}

function localName(qualifiedName: string): string {
  return qualifiedName.slice(qualifiedName.indexOf(':') + 1);
}

function decodeEntities(raw: string): string {
  if (!raw.includes('&')) return raw;
  return raw.replace(/&([^&;]{0,12};?)/g, (_all, reference: string) => {
    if (!reference.endsWith(';')) throw new XmlFault('"&" begins no reference');
    const name = reference.slice(0, -1);
    if (Object.hasOwn(ENTITIES, name)) return ENTITIES[name] ?? '';
    const code = /^#x[0-9A-Fa-f]+$/.test(name)
      ? Number.parseInt(name.slice(2), 16)
      : /^#\d+$/.test(name)
        ? Number(name.slice(1))
        : Number.NaN;
    if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) throw new XmlFault(`the reference &${reference} is not known`);
    const character = String.fromCodePoint(code);
    if (FORBIDDEN.test(character)) throw new XmlFault('it holds a character that XML does not allow');
    return character;
  });
}
