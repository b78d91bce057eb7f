/** Service Quotas: the operations of all its nouns. */
import { checkConstraints, type Constraints } from '#aws/constraints.ts';
import { checkedService, defineService } from '#aws/operation.ts';
import { quotaIncreases } from '#services/service-quotas/increases.ts';
import { quotaListings } from '#services/service-quotas/quotas.ts';
import { quotaTags } from '#services/service-quotas/tags.ts';

/** The model's own constraints. */
const constraints: Constraints = {
  ServiceCode: { min: 1, max: 63, pattern: '[a-zA-Z][a-zA-Z0-9-]{1,63}' },
  QuotaCode: { min: 1, max: 128, pattern: '[a-zA-Z][a-zA-Z0-9-]{1,128}' },
  RequestId: { min: 1, max: 128, pattern: '[0-9a-zA-Z][a-zA-Z0-9-]{1,128}' },
  DesiredValue: { min: 0, max: 10_000_000_000 },
  MaxResults: { min: 1, max: 100 },
  NextToken: { max: 2048, pattern: '[a-zA-Z0-9/+]*={0,2}' },
  ResourceARN: { min: 1, max: 1011, pattern: 'arn:aws(-[\\w]+)*:*:.+:[0-9]{12}:.+' },
  Tags: { min: 1, max: 200 },
};

export const serviceQuotas = checkedService(
  defineService('service-quotas', [quotaListings, quotaIncreases, quotaTags]),
  (_context, input) => checkConstraints('ValidationException', constraints, input),
);
