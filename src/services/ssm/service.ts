/** Systems Manager: the operations of all its nouns. */
import { checkConstraints, type Constraints } from '#aws/constraints.ts';
import { checkedService, defineService } from '#aws/operation.ts';
import { parameters } from '#services/ssm/parameters.ts';

/** The model's own constraints, for the operations that are done. */
const constraints: Constraints = {
  Name: { min: 1, max: 2048 },
  Names: { min: 1, max: 10 },
  Path: { min: 1, max: 2048 },
  MaxResults: { min: 1, max: 50 },
};

export const ssm = checkedService(defineService('ssm', [parameters]), (_context, input) =>
  checkConstraints('ValidationException', constraints, input),
);
