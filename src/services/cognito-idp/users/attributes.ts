/** Values of users' attributes, held against the schema of their pool. */
import type { AttributeType } from '@aws-sdk/client-cognito-identity-provider';
import { invalidParameter } from '#services/cognito-idp/errors.ts';
import { VALUE_LENGTH } from '#services/cognito-idp/pools/schema.ts';
import type { SchemaAttribute, UserPoolRecord } from '#services/cognito-idp/tables.ts';
import type { Attributes, UserRecord } from '#services/cognito-idp/users/tables.ts';

const EMAIL = /^[^\s@,;<>()[\]\\"]+@[^\s@.,;<>()[\]\\"]+(?:\.[^\s@.,;<>()[\]\\"]+)+$/;
/** E.164: "A phone number must start with a plus sign, followed immediately by the country code." */
const PHONE = /^\+[1-9]\d{1,14}$/;

export const isEmail = (text: string): boolean => text.length <= VALUE_LENGTH && EMAIL.test(text);
export const isPhone = (text: string): boolean => PHONE.test(text);

/** The attributes of an input by name; of one that is given twice, the last counts. */
export function attributesOf(given: readonly AttributeType[] = []): Attributes {
  const values = new Map<string, string>();
  for (const { Name = '', Value = '' } of given) values.set(Name, Value);
  return Object.fromEntries(values);
}

/** A user's attributes as AWS lists them. @param shows leaves out those that it is false for */
export function listOf(user: Pick<UserRecord, 'sub' | 'attributes'>, shows: (name: string) => boolean = () => true): AttributeType[] {
  return Object.entries({ ...user.attributes, sub: user.sub })
    .filter(([name]) => shows(name))
    .map(([Name, Value]) => ({ Name, Value }));
}

/**
 * Checks values that are to be set.
 * @throws AwsError InvalidParameterException, all faults in one message
 */
export function checkValues({ schema }: UserPoolRecord, values: Attributes): void {
  const faults = Object.entries(values).flatMap(([name, value]) => faultOf(attributeOf(schema, name), name, value) ?? []);
  if (faults.length > 0) throw doesNotConform(faults);
  const { email, phone_number: phone } = values;
  if (email && !isEmail(email)) throw invalidParameter('Invalid email address format.');
  if (phone && !isPhone(phone)) throw invalidParameter('Invalid phone number format.');
}

/** Names that are required and not there. */
export function missingOf({ schema }: UserPoolRecord, attributes: Attributes): readonly string[] {
  return schema.filter(({ Name, Required }) => Required && Name !== 'sub' && !attributes[Name]).map(({ Name }) => Name);
}

/** @throws AwsError InvalidParameterException */
export function checkRequired(pool: UserPoolRecord, attributes: Attributes): void {
  const missing = missingOf(pool, attributes);
  // AWS names this one by its place in the directory behind it.
  if (missing.length > 0)
    throw doesNotConform(missing.map((name) => `${name === 'name' ? 'name.formatted' : name}: The attribute is required`));
}

/**
 * A user's attributes with others set, or taken away where a value is empty.
 * @throws AwsError InvalidParameterException also for those that may not change
 */
export function changedAttributes(pool: UserPoolRecord, before: Attributes, values: Attributes): Attributes {
  checkValues(pool, values);
  const fixed = Object.keys(values).filter((name) => attributeOf(pool.schema, name)?.Mutable === false && before[name] !== values[name]);
  if (fixed.length > 0) throw invalidAttributes(fixed.map((name) => `user.${name}: Attribute cannot be updated.`));
  const after = { ...before, ...values };
  const empty = new Set(Object.keys(values).filter((name) => values[name] === ''));
  const required = pool.schema.find(({ Name, Required }) => Required && empty.has(Name));
  if (required) throw invalidAttributes([`user.${required.Name}: Required attribute cannot be deleted.`]);
  return Object.fromEntries(Object.entries(after).filter(([name]) => !empty.has(name)));
}

/** A user's attributes without some. @throws AwsError InvalidParameterException */
export function withoutAttributes(pool: UserPoolRecord, before: Attributes, names: readonly string[]): Attributes {
  const faults = names.flatMap((name) => {
    const attribute = attributeOf(pool.schema, name);
    if (attribute === undefined) return [`user.${name}: Attribute does not exist in the schema.`];
    if (attribute.Required) return [`user.${name}: Required attribute cannot be deleted.`];
    return attribute.Mutable ? [] : [`user.${name}: Attribute cannot be updated.`];
  });
  if (faults.length > 0) throw invalidAttributes(faults);
  // What is verified goes with what it is about.
  const gone = new Set(names.flatMap((name) => [name, `${name}_verified`]));
  return Object.fromEntries(Object.entries(before).filter(([name]) => !gone.has(name)));
}

const doesNotConform = (faults: readonly string[]) =>
  invalidParameter(`Attributes did not conform to the schema: ${faults.map((fault) => `${fault}\n`).join('')}`);

const invalidAttributes = (faults: readonly string[]) =>
  invalidParameter(`Invalid user attributes: ${faults.map((fault) => `${fault}\n`).join('')}`);

const attributeOf = (schema: readonly SchemaAttribute[], name: string): SchemaAttribute | undefined =>
  schema.find(({ Name }) => Name === name);

function faultOf(attribute: SchemaAttribute | undefined, name: string, value: string): string | undefined {
  if (attribute === undefined) return `${name}: Attribute does not exist in the schema.`;
  if (name === 'sub') return `${name}: Attribute cannot be updated.`;
  if (value === '') return undefined;
  switch (attribute.AttributeDataType) {
    case 'String':
      return lengthFault(attribute, name, value);
    case 'Number':
      return numberFault(attribute, name, value);
    case 'Boolean':
      return /^(?:true|false)$/i.test(value) ? undefined : `${name}: Value is not a boolean`;
    case 'DateTime':
      return Number.isNaN(Date.parse(value)) && !/^\d{1,15}$/.test(value) ? `${name}: Value is not a date and time` : undefined;
  }
}

function lengthFault({ StringAttributeConstraints: range }: SchemaAttribute, name: string, value: string): string | undefined {
  if (value.length < Number(range?.MinLength ?? 0)) return `${name}: String must be at least ${range?.MinLength} characters long`;
  const most = range?.MaxLength ?? VALUE_LENGTH;
  return value.length > Number(most) ? `${name}: String must be no longer than ${most} characters` : undefined;
}

function numberFault({ NumberAttributeConstraints: range }: SchemaAttribute, name: string, value: string): string | undefined {
  if (!/^-?\d{1,309}(?:\.\d{1,100})?$/.test(value)) return `${name}: Value is not a number`;
  if (range?.MinValue !== undefined && Number(value) < Number(range.MinValue))
    return `${name}: Number must be no less than ${range.MinValue}`;
  if (range?.MaxValue !== undefined && Number(value) > Number(range.MaxValue))
    return `${name}: Number must be no more than ${range.MaxValue}`;
  return undefined;
}
