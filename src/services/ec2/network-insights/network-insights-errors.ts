/** Reachability Analyzer's errors: codes as AWS's own CloudFormation handlers of paths and analyses know them; few of its words are published. */
import { AwsError } from '#protocol/aws-error.ts';

export type PathRole = 'Source' | 'Destination';

export function networkInsightsPathNotFound(ids: string | readonly string[]): AwsError {
  return new AwsError('InvalidNetworkInsightsPathId.NotFound', `The network insights path ${notThere(ids)}`);
}

export function networkInsightsAnalysisNotFound(ids: string | readonly string[]): AwsError {
  return new AwsError('InvalidNetworkInsightsAnalysisId.NotFound', `The network insights analysis ${notThere(ids)}`);
}

/** An end that is not there, or is of a kind of which there can be none. */
export function pathEndNotFound(role: PathRole, id: string): AwsError {
  return new AwsError(`NetworkInsights${role}.NotFound`, `The ${role.toLowerCase()} ID '${id}' does not exist`);
}

export function analysisExists(pathId: string): AwsError {
  return new AwsError(
    'AnalysisExistsForNetworkInsightsPath',
    `The network insights path '${pathId}' has analyses. Delete its analyses before you delete the path.`,
  );
}

/** AWS's own words (hashicorp/terraform-provider-aws issue 38132). */
export function destinationMissing(): AwsError {
  return new AwsError(
    'MissingParameter',
    'The request must include either the Destination parameter or the FilterAtSource.DestinationAddress parameter. Add the required parameter and retry the request.',
  );
}

export function pathLimitExceeded(): AwsError {
  return new AwsError('NetworkInsightsPath.LimitExceeded', 'The maximum number of network insights paths has been reached.');
}

export function analysisLimitExceeded(): AwsError {
  return new AwsError('NetworkInsightsAnalysis.LimitExceeded', 'The maximum number of network insights analyses has been reached.');
}

function notThere(ids: string | readonly string[]): string {
  const list = typeof ids === 'string' ? [ids] : ids;
  return list.length === 1 ? `ID '${list[0]}' does not exist` : `IDs '${list.join(', ')}' do not exist`;
}
