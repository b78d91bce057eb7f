/** Finds what the model says of an error: its wire code, its status, and its further members. */
import type { AwsError } from '#protocol/aws-error.ts';
import type { Model, Structure } from '#protocol/model.ts';

export interface ModelledError {
  /** The code on the wire of the query protocols, e.g. `NoSuchEntity` for the shape `NoSuchEntityException`. */
  readonly code: string;
  readonly shapeName: string;
  /** The HTTP status, where the model names one. */
  readonly status: number | undefined;
  readonly shape: Structure;
}

/** A finder of errors by the name of their shape or by their code in the query protocol; both are in use in AWS's papers. */
export function errorFinder(model: Model): (error: AwsError) => ModelledError | undefined {
  const names = new Map<string, readonly [name: string, code: string, status: number | undefined]>();
  for (const [name, traits] of model.errors) {
    const [code, status] = traits.awsQueryError ?? [name, traits.httpError];
    names.set(name, [name, code, status]);
    if (!names.has(code)) names.set(code, [name, code, status]);
  }
  return (error) => {
    const found = names.get(error.code);
    if (found === undefined) return undefined;
    const [shapeName, code, status] = found;
    const shape = model.shape(shapeName);
    return shape.kind === 'structure' ? { code, shapeName, status, shape } : undefined;
  };
}

/** The name under which a shape has its message; AWS's models use both spellings. */
export function messageMemberOf(shape: Structure | undefined): string {
  return shape?.members.find(({ name }) => name.toLowerCase() === 'message')?.name ?? 'message';
}
