/** Draws inputs that a caller of an account could send: mostly of existing things and sane values, now and then wild ones. */
import { type Model, type Part, SIMPLE, type Structure } from '#protocol/model.ts';
import type { Values } from '#test/fuzz/api.ts';
import { plausibleNumber, plausibleText, type Setting, wildNumber, wildText } from '#test/fuzz/plausible-values.ts';
import { recipes, seldomGiven } from '#test/fuzz/recipes.ts';
import type { Choices } from '#test/wire/schema-values.ts';

/** How often a caller is wrong. */
export interface Manner {
  /** One value in so many is wild; 0 for none. */
  readonly wildOnceIn: number;
}

export const sane: Manner = { wildOnceIn: 0 };
export const careless: Manner = { wildOnceIn: 6 };

export interface Drawing extends Setting {
  readonly model: Model;
  readonly manner: Manner;
}

const deepest = 5;

/** An input of the operation. */
export function drawInput(request: Omit<Drawing, 'drawn' | 'accounts'> & { readonly accounts?: readonly string[] }): Values {
  const drawing: Drawing = { accounts: ['123456789012', '210987654321'], ...request, drawn: [] };
  const shape = drawing.model.operation(drawing.operation)?.input;
  return shape ? drawStructure(drawing, shape, drawing.operation, 0) : {};
}

function drawStructure(drawing: Drawing, shape: Structure, recipeName: string, depth: number): Values {
  const value: Values = {};
  if (depth > deepest) return value;
  const given = chosenMembers(drawing, shape, recipeName);
  for (const member of shape.members) {
    if (given.has(member.name)) value[member.name] = drawPart(drawing, member, member.name, depth + 1);
  }
  return value;
}

function chosenMembers({ choices, manner }: Drawing, shape: Structure, recipeName: string): ReadonlySet<string> {
  const required = shape.members.filter((member) => member.required).map((member) => member.name);
  const optional = shape.members.map((member) => member.name).filter((name) => !required.includes(name));
  if (shape.union) return new Set([choices.of(optional)]);
  const recipe = recipes[recipeName];
  if (recipe && !choices.once(8)) return new Set([...required, ...choices.of(recipe)]);
  const sensible =
    manner.wildOnceIn === 0 ? optional.filter((name) => !seldomGiven.has(name)) : optional.filter((name) => name !== 'DryRun');
  const chosen = new Set(required);
  const most = choices.integer(0, 3);
  for (let count = 0; count < most && sensible.length > 0; count++) chosen.add(choices.of(sensible));
  return chosen;
}

function drawPart(drawing: Drawing, part: Part, name: string, depth: number): unknown {
  const { choices, model } = drawing;
  const shape = model.shape(part.target);
  const enums = part.enum === undefined ? {} : { enum: part.enum };
  switch (shape.kind) {
    case 'structure':
      return drawStructure(drawing, shape, shape.name, depth);
    case 'list': {
      const length =
        drawing.manner.wildOnceIn > 0 && choices.once(20) ? choices.of([0, 30]) : choices.integer(1, name === 'TagSpecifications' ? 1 : 2);
      return Array.from({ length }, () => drawPart(drawing, { ...shape.element, ...enums }, name, depth + 1));
    }
    case 'map':
      return {
        [drawText(drawing, { target: 0, traits: {} }, `${name}Key`)]: drawPart(drawing, { ...shape.value, ...enums }, name, depth + 1),
      };
    case 'simple':
      return drawSimple(drawing, shape.type, part, name);
  }
}

function drawSimple(drawing: Drawing, type: number, part: Part, name: string): unknown {
  const { choices, manner } = drawing;
  if (type === SIMPLE.boolean) return name === 'AmazonProvidedIpv6CidrBlock' || choices.once(2);
  if (type === SIMPLE.number) return isWild(drawing) ? wildNumber(choices) : plausibleNumber(drawing, name);
  if (type >= SIMPLE.timestamp && type <= SIMPLE.timestampEpochSeconds) {
    return new Date(choices.integer(0, manner.wildOnceIn > 0 ? 4_102_444_799 : 1_900_000_000) * 1000);
  }
  if (type === SIMPLE.blob || type === SIMPLE.streamingBlob) {
    return name === 'PublicKeyMaterial'
      ? Buffer.from(publicKey)
      : Uint8Array.from({ length: choices.integer(0, 9) }, () => choices.integer(0, 255));
  }
  return drawText(drawing, part, name);
}

/** A valid key, as `ssh-keygen -t ed25519` makes them. */
const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS fuzz';

function drawText(drawing: Drawing, part: Part, name: string): string {
  const { choices, known, operation } = drawing;
  if (isWild(drawing)) return wildText(choices, known);
  if (part.enum !== undefined && !/^InstanceTypes?$/.test(name)) return enumValue(choices, part.enum, operation, name);
  return plausibleText(drawing, name);
}

function isWild({ choices, manner }: Drawing): boolean {
  return manner.wildOnceIn > 0 && choices.once(manner.wildOnceIn);
}

/** The type of what a call makes, where its tags ask for one. */
function enumValue(choices: Choices, values: readonly string[], operation: string, name: string): string {
  if (name !== 'ResourceType') return choices.of(values);
  const words = operation
    .replace(/^(?:Create|Allocate|Import|Authorize|Run|Copy)(?:Managed|Default)?/, '')
    .replace(/(?:In|E)gress$/, '-rule');
  const type = words.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return resourceTypes[operation] ?? (values.includes(type) ? type : choices.of(values));
}

const resourceTypes: Readonly<Record<string, string>> = {
  AllocateAddress: 'elastic-ip',
  AuthorizeSecurityGroupIngress: 'security-group-rule',
  AuthorizeSecurityGroupEgress: 'security-group-rule',
  CreateNatGateway: 'natgateway',
  RunInstances: 'instance',
};
