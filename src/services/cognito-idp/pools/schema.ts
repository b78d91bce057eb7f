/** The schema of a pool: AWS's standard attributes, and those that the pool adds or changes. */
import type { SchemaAttributeType } from '@aws-sdk/client-cognito-identity-provider';
import { invalidParameter } from '#services/cognito-idp/errors.ts';
import type { SchemaAttribute } from '#services/cognito-idp/tables.ts';

/** Characters of a value: "Characters per attribute". */
export const VALUE_LENGTH = 2048;
/** "Custom attributes per user pool." */
const CUSTOM_ATTRIBUTES = 50;

const text = (Name: string, min = 0, max = VALUE_LENGTH): SchemaAttribute => ({
  Name,
  AttributeDataType: 'String',
  DeveloperOnlyAttribute: false,
  Mutable: true,
  Required: false,
  StringAttributeConstraints: { MinLength: String(min), MaxLength: String(max) },
});
const flag = (Name: string): SchemaAttribute => ({
  Name,
  AttributeDataType: 'Boolean',
  DeveloperOnlyAttribute: false,
  Mutable: true,
  Required: false,
});

/** "Standard attributes" of the developer guide, in the order in which AWS describes them. */
const standard: readonly SchemaAttribute[] = [
  { ...text('sub', 1), Mutable: false, Required: true },
  ...['name', 'given_name', 'family_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture', 'website', 'email'].map(
    (name) => text(name),
  ),
  flag('email_verified'),
  text('gender'),
  text('birthdate', 10, 10),
  text('zoneinfo'),
  text('locale'),
  text('phone_number'),
  flag('phone_number_verified'),
  text('address'),
  {
    Name: 'updated_at',
    AttributeDataType: 'Number',
    DeveloperOnlyAttribute: false,
    Mutable: true,
    Required: false,
    NumberAttributeConstraints: { MinValue: '0' },
  },
];

export const isCustom = (name: string): boolean => name.startsWith('custom:') || name.startsWith('dev:');

/** The schema of a new pool. @throws AwsError InvalidParameterException */
export function newSchema(given: readonly SchemaAttributeType[] = []): readonly SchemaAttribute[] {
  const byName = new Map(standard.map((attribute) => [attribute.Name, attribute]));
  const names = new Set<string>();
  const custom: SchemaAttributeType[] = [];
  for (const attribute of given) {
    const { Name = '' } = attribute;
    if (names.has(Name)) throw invalidParameter(`Duplicate attribute in schema: ${Name}.`);
    names.add(Name);
    const known = byName.get(Name);
    if (known === undefined) custom.push(attribute);
    else byName.set(Name, changed(known, attribute));
  }
  return withCustom([...byName.values()], custom);
}

/** The schema with attributes added to it. @throws AwsError InvalidParameterException */
export function withCustom(schema: readonly SchemaAttribute[], given: readonly SchemaAttributeType[]): readonly SchemaAttribute[] {
  const all = [...schema];
  for (const attribute of given) {
    const made = customOf(attribute);
    if (all.some(({ Name }) => Name === made.Name))
      throw invalidParameter(`${made.Name}: Existing attribute already has name ${made.Name}.`);
    all.push(made);
  }
  if (all.filter(({ Name }) => isCustom(Name)).length > CUSTOM_ATTRIBUTES)
    throw invalidParameter(`Maximum number of custom attributes (${CUSTOM_ATTRIBUTES}) exceeded.`);
  return all;
}

/** A standard attribute as a pool changes it. */
function changed(known: SchemaAttribute, given: SchemaAttributeType): SchemaAttribute {
  const { Name } = known;
  const isOther = given.AttributeDataType !== undefined && given.AttributeDataType !== known.AttributeDataType;
  if (isOther || given.DeveloperOnlyAttribute === true)
    throw invalidParameter(`You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute ${Name}`);
  if (Name === 'sub') throw invalidParameter(`You can not change the standard schema attribute ${Name}`);
  const constraints = constraintsOf(Name, known.AttributeDataType, given);
  return {
    ...known,
    Mutable: given.Mutable ?? known.Mutable,
    Required: given.Required ?? known.Required,
    ...(constraints === undefined ? {} : constraints),
  };
}

function customOf(given: SchemaAttributeType): SchemaAttribute {
  const { Name = '', AttributeDataType = 'String', DeveloperOnlyAttribute = false, Mutable = true, Required = false } = given;
  if (Name === '') throw invalidParameter('The name of a schema attribute is missing.');
  if (Required) throw invalidParameter('Required custom attributes are not supported currently.');
  const name = `${DeveloperOnlyAttribute ? 'dev:' : ''}custom:${Name}`;
  const none = AttributeDataType === 'String' ? { StringAttributeConstraints: {} } : AttributeDataType === 'Number' ? { NumberAttributeConstraints: {} } : {}; // prettier-ignore
  return {
    Name: name,
    AttributeDataType,
    DeveloperOnlyAttribute,
    Mutable,
    Required: false,
    ...(constraintsOf(Name, AttributeDataType, given) ?? none),
  };
}

type Constraints = Pick<SchemaAttribute, 'StringAttributeConstraints' | 'NumberAttributeConstraints'>;

function constraintsOf(name: string, type: SchemaAttribute['AttributeDataType'], given: SchemaAttributeType): Constraints | undefined {
  if (type === 'String' && given.StringAttributeConstraints !== undefined) {
    const { MinLength, MaxLength } = given.StringAttributeConstraints;
    const [min, max] = [lengthOf(name, MinLength), lengthOf(name, MaxLength)];
    if (Math.max(min ?? 0, max ?? 0) > VALUE_LENGTH)
      throw invalidParameter(`user.${name}: String attributes cannot have a length of more than ${VALUE_LENGTH}`);
    if (min !== undefined && max !== undefined && min > max)
      throw invalidParameter(`user.${name}: Max length cannot be less than min length.`);
    return { StringAttributeConstraints: { ...(MinLength && { MinLength }), ...(MaxLength && { MaxLength }) } };
  }
  if (type === 'Number' && given.NumberAttributeConstraints !== undefined) {
    const { MinValue, MaxValue } = given.NumberAttributeConstraints;
    const [min, max] = [numberOf(name, MinValue), numberOf(name, MaxValue)];
    if (min !== undefined && max !== undefined && min > max)
      throw invalidParameter(`user.${name}: Max value cannot be less than min value.`);
    return { NumberAttributeConstraints: { ...(MinValue && { MinValue }), ...(MaxValue && { MaxValue }) } };
  }
  return undefined;
}

function lengthOf(name: string, given: string | undefined): number | undefined {
  if (given === undefined || given === '') return undefined;
  if (!/^\d{1,9}$/.test(given)) throw invalidParameter(`Invalid StringAttributeConstraints for schema attribute ${name}`);
  return Number(given);
}

function numberOf(name: string, given: string | undefined): number | undefined {
  if (given === undefined || given === '') return undefined;
  if (!/^-?\d{1,309}$/.test(given)) throw invalidParameter(`Invalid NumberAttributeConstraints for schema attribute ${name}`);
  return Number(given);
}
