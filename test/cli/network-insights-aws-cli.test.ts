/** Reachability Analyzer with the real `aws` command, as the guide's "Getting started using the AWS CLI" goes. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { beforeAll, expect, it } from 'vitest';
import { awsIn, textAt } from '#test/cli/aws-command.ts';
import { type KeiroProcess, startKeiro } from '#test/cli/keiro-process.ts';
import { givePublicAddress, traceNetwork } from '#test/cli/trace-network.ts';

const region = 'eu-west-1';
const account = '100000000003';

let server: KeiroProcess;
beforeAll(async () => {
  server = await startKeiro();
});

it('asks, closes the group, asks again', async () => {
  const credentials = { accessKeyId: account, secretAccessKey: 'secret' };
  const ec2 = new EC2Client({ endpoint: server.endpoint, region, credentials, maxAttempts: 1 });
  const { web, igw, group } = await traceNetwork(ec2);
  await givePublicAddress(ec2, web.eni);
  const aws = awsIn(server, account, region);

  const filter = '{"DestinationPortRange":{"FromPort":22,"ToPort":22}}';
  const made = await aws(
    `create-network-insights-path --source ${igw} --destination ${web.id} --protocol tcp --filter-at-source ${filter}`,
  );
  const path = textAt(made, 'NetworkInsightsPath.NetworkInsightsPathId');
  /** There is no waiter: the analysis is looked at until it has ended. */
  const analyse = async (): Promise<unknown> => {
    const started = await aws(`start-network-insights-analysis --network-insights-path-id ${path}`);
    expect(textAt(started, 'NetworkInsightsAnalysis.Status')).toBe('running');
    const id = textAt(started, 'NetworkInsightsAnalysis.NetworkInsightsAnalysisId');
    for (;;) {
      const looked = await aws(`describe-network-insights-analyses --network-insights-analysis-ids ${id}`);
      if (textAt(looked, 'NetworkInsightsAnalyses.0.Status') !== 'running') return looked;
    }
  };

  const open = await analyse();
  expect(open).toMatchObject({ NetworkInsightsAnalyses: [{ Status: 'succeeded', NetworkPathFound: true, Explanations: [] }] });
  expect(textAt(open, 'NetworkInsightsAnalyses.0.ForwardPathComponents.0.Component.Id')).toBe(igw);

  await aws(`revoke-security-group-ingress --group-id ${group} --protocol -1 --cidr 0.0.0.0/0`);
  const closed = await analyse();
  expect(closed).toMatchObject({
    NetworkInsightsAnalyses: [
      {
        Status: 'succeeded',
        NetworkPathFound: false,
        Explanations: [
          {
            ExplanationCode: 'ENI_SG_RULES_MISMATCH',
            Direction: 'ingress',
            NetworkInterface: { Id: web.eni },
            SecurityGroups: [{ Id: group }],
          },
        ],
      },
    ],
  });

  for (const answer of [open, closed]) {
    await aws(
      `delete-network-insights-analysis --network-insights-analysis-id ${textAt(answer, 'NetworkInsightsAnalyses.0.NetworkInsightsAnalysisId')}`,
    );
  }
  await aws(`delete-network-insights-path --network-insights-path-id ${path}`);
  expect(await aws('describe-network-insights-paths')).toEqual({ NetworkInsightsPaths: [] });
});
