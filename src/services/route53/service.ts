/** Route 53: the operations of all its nouns. */
import { checkedService, defineService } from '#aws/operation.ts';
import { accountLimits } from '#services/route53/account-limits.ts';
import { changes } from '#services/route53/changes.ts';
import { checkInput } from '#services/route53/constraints.ts';
import { delegationSets } from '#services/route53/delegation-sets.ts';
import { dnsAnswers } from '#services/route53/dns-answers.ts';
import { geoLocations } from '#services/route53/geo-locations.ts';
import { healthCheckStatus } from '#services/route53/health-check-status.ts';
import { healthChecks } from '#services/route53/health-checks.ts';
import { hostedZones } from '#services/route53/hosted-zones.ts';
import { recordSets } from '#services/route53/record-sets.ts';
import { tags } from '#services/route53/tags.ts';
import { vpcAssociations } from '#services/route53/vpc-associations.ts';
import { zoneListing } from '#services/route53/zone-listing.ts';

const nouns = [
  hostedZones,
  zoneListing,
  vpcAssociations,
  recordSets,
  changes,
  delegationSets,
  healthChecks,
  healthCheckStatus,
  accountLimits,
  tags,
  geoLocations,
  dnsAnswers,
];

export const route53 = checkedService(
  defineService('route53', nouns, { global: true, tellsOfUnsettled: new Set(['GetChange']) }),
  (_context, input) => checkInput(input),
);
