/** What a source file imports, read from its syntax tree, so that comments, strings and odd spellings mislead nobody. */
import { parseSync } from 'rolldown/utils';

export interface Import {
  /** The text between the quotes; `?` when it is computed and so cannot be checked. */
  readonly target: string;
  /** True when nothing is left of it at run time. */
  readonly typeOnly: boolean;
  /** From 1. */
  readonly line: number;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [member: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'; // looked at before it is believed

/** Every node of the tree of a TypeScript or JavaScript file. Throws when the file does not parse. */
export function* syntaxOf(name: string, source: string): Generator<Node> {
  const { program, errors } = parseSync(name, source);
  if (errors.length > 0) throw new Error(`${name} does not parse: ${errors[0]?.message}`);
  const open: unknown[] = [program];
  while (open.length > 0) {
    const next = open.pop();
    if (Array.isArray(next)) open.push(...next);
    else if (isNode(next)) {
      yield next;
      for (const member of Object.values(next)) if (typeof member === 'object') open.push(member);
    }
  }
}

const textOf = (value: unknown): string => (isNode(value) && typeof value['value'] === 'string' ? value['value'] : '?');

/** True for `import type …`, and for `import { type A, type B }`, of which nothing is left at run time either. */
function isTypeOnly(node: Node, kind: 'importKind' | 'exportKind'): boolean {
  if (node[kind] === 'type') return true;
  const specifiers = node['specifiers'];
  return Array.isArray(specifiers) && specifiers.length > 0 && specifiers.every((specifier: Node) => specifier[kind] === 'type');
}

function importOf(node: Node): { target: string; typeOnly: boolean } | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return { target: textOf(node['source']), typeOnly: isTypeOnly(node, 'importKind') };
    case 'ExportAllDeclaration':
      return { target: textOf(node['source']), typeOnly: node['exportKind'] === 'type' };
    case 'ExportNamedDeclaration':
      return node['source'] ? { target: textOf(node['source']), typeOnly: isTypeOnly(node, 'exportKind') } : undefined;
    case 'ImportExpression':
      return { target: textOf(node['source']), typeOnly: false };
    case 'TSImportType':
      return { target: textOf(node['source'] ?? node['argument']), typeOnly: true };
    case 'TSExternalModuleReference':
      return { target: textOf(node['expression']), typeOnly: false };
    case 'CallExpression': {
      const callee = node['callee'];
      const isRequire = isNode(callee) && callee.type === 'Identifier' && callee['name'] === 'require';
      return isRequire ? { target: textOf((node['arguments'] as unknown[])[0]), typeOnly: false } : undefined; // a call has them, be it none
    }
    default:
      return undefined;
  }
}

/** The imports of a file in the order of their lines: static, dynamic, re-exports, type imports, `require`. */
export function importsOf(name: string, source: string): Import[] {
  const found: Import[] = [];
  for (const node of syntaxOf(name, source)) {
    const one = importOf(node);
    if (one) found.push({ ...one, line: source.slice(0, node.start).split('\n').length });
  }
  return found.sort((a, b) => a.line - b.line);
}
