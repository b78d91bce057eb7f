/** `keiro trace --json`: each refusal by its name, with the component and the rule that decide, and the hop at which the packet is lost. */
import {
  CreateNetworkAclEntryCommand,
  CreateRouteCommand,
  DeleteNetworkAclEntryCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { useTraces } from '#test/cli/trace-network.ts';

const { world, trace } = useTraces();

interface Refused {
  readonly outcome: string;
  readonly component: string;
  readonly type: string;
  readonly rule?: string;
  readonly isOnAnswer?: boolean;
}

it('by a route, a gateway, an ACL, an interface', async () => {
  const { ec2, network } = await world();
  const { web, app, igw, acl: NetworkAclId, privateTable } = network;
  async function refused(from: string, to: string, { outcome, component, type, rule, isOnAnswer }: Refused): Promise<void> {
    const { view } = await trace(from, to, '--port', '443');
    const decision = { component, type, rule, text: view.decidedBy.text };
    expect({ outcome: view.outcome, decidedBy: view.decidedBy }).toMatchObject({
      outcome,
      decidedBy: rule === undefined ? { component, type } : decision,
    });
    expect(view.decidedBy.rule).toBe(rule);
    const lost = isOnAnswer ? view.return : view.forward;
    expect(lost.at(-1)).toMatchObject({ component, type, action: 'drop' });
    expect(lost.slice(0, -1).every(({ action }) => action !== 'drop')).toBe(true);
    expect([view.forward[0]?.component, view.return.length > 0]).toEqual([from === web.id ? web.eni : app.eni, isOnAnswer === true]);
    if (isOnAnswer) expect(view.forward.at(-1)).toMatchObject({ component: app.eni, action: 'receive' });
  }
  const type = 'network-acl';
  const entry = { NetworkAclId, RuleAction: 'deny', Protocol: '6', PortRange: { From: 443, To: 443 }, CidrBlock: '10.0.0.0/16' } as const;
  const acl = { component: NetworkAclId, type };

  await refused(app.id, 'internet', { outcome: 'noRoute', component: privateTable, type: 'route-table' });
  await refused(web.id, 'internet', { outcome: 'noPublicAddress', component: igw, type: 'internet-gateway' });

  await ec2.send(new CreateNetworkAclEntryCommand({ ...entry, Egress: true, RuleNumber: 90 }));
  await refused(web.id, app.id, { outcome: 'aclDeniedOut', ...acl, rule: '90' });
  await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, Egress: true, RuleNumber: 90 }));
  await ec2.send(new CreateNetworkAclEntryCommand({ ...entry, Egress: false, RuleNumber: 80 }));
  await refused(web.id, app.id, { outcome: 'aclDeniedIn', ...acl, rule: '80' });
  await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, Egress: false, RuleNumber: 80 }));
  // The answer goes to an ephemeral port.
  await ec2.send(new CreateNetworkAclEntryCommand({ ...entry, Egress: true, RuleNumber: 70, PortRange: { From: 1024, To: 65_535 } }));
  await refused(web.id, app.id, { outcome: 'returnAclDeniedOut', ...acl, rule: '70', isOnAnswer: true });
  await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, Egress: true, RuleNumber: 70 }));

  const toWeb = { RouteTableId: privateTable, DestinationCidrBlock: '0.0.0.0/0', NetworkInterfaceId: web.eni };
  await ec2.send(new CreateRouteCommand(toWeb));
  await refused(app.id, 'internet', { outcome: 'sourceDestinationCheck', component: web.eni, type: 'network-interface' });
  await ec2.send(new StopInstancesCommand({ InstanceIds: [web.id] }));
  await refused(app.id, 'internet', { outcome: 'blackhole', component: privateTable, type: 'route-table', rule: '0.0.0.0/0' });
});

it('by a group, inward and outward', async () => {
  const { ec2, network } = await world();
  const { web, app, group } = network;
  const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] }];
  await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: group, IpPermissions }));
  const inward = (await trace(web.id, app.id, '--port', '443')).view;
  expect(inward).toMatchObject({
    outcome: 'groupDeniedIn',
    decidedBy: { component: group, type: 'security-group', direction: 'inbound', candidates: [group] },
  });
  expect(inward.forward.at(-1)).toMatchObject({ component: group, action: 'drop' });
  await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: group, IpPermissions }));
  const outward = (await trace(web.id, app.id, '--port', '443')).view;
  expect(outward).toMatchObject({
    outcome: 'groupDeniedOut',
    decidedBy: { component: group, type: 'security-group', direction: 'outbound' },
    return: [],
  });
  expect(outward.forward.map(({ component }) => component)).toEqual([web.eni, group]);
});
