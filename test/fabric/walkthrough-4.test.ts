/** Walkthrough 4 with real programs: a domain is registered and confirmed by mail, `www` gets a record, and `ssh` finds the instance by its name, from the root. */
import { chownSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rootServer } from '#model/name-servers.ts';
import { textAt } from '#test/cli/aws-command.ts';
import { nodeBinary, root } from '#test/cli/keiro-process.ts';
import { account, awsOf } from './aws.ts';
import { eventually, NOBODY, type Shell, type Site, useSite } from './site.ts';
import { giveAddress, given, launch, makeGroup, makeNetwork, makeSubnet, reach, tcp } from './world.ts';

const contact = {
  ...{ FirstName: 'Hanako', LastName: 'Yamada', ContactType: 'PERSON', AddressLine1: '1-1-1 Marunouchi', City: 'Tokyo' },
  ...{ CountryCode: 'JP', ZipCode: '100-0005', PhoneNumber: '+81.312345678', Email: 'hanako@example.com' },
};

/** An instance on an Elastic IP that lets `ssh` in with a key. */
async function startInstance(site: Site): Promise<{ readonly address: string; readonly keyFile: string }> {
  const ec2 = site.client({ account });
  const network = await makeNetwork(ec2);
  const subnet = await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw });
  const group = await makeGroup(ec2, network, 'ssh', [tcp(22)]);
  const { KeyMaterial } = await ec2.createKeyPair({ KeyName: 'k', KeyType: 'ed25519' });
  const host = await launch(ec2, { subnet: subnet.id, groups: [group], address: '10.0.0.4', more: { KeyName: 'k' } });
  await reach(ec2, 'running', host);
  const keyFile = `${site.server().data}/key.pem`;
  writeFileSync(keyFile, given(KeyMaterial), { mode: 0o600 });
  if (site.owner === 'ordinary-user') chownSync(keyFile, NOBODY, NOBODY);
  return { address: (await giveAddress(ec2, host.eni)).address, keyFile };
}

async function walk(site: Site, domain: string): Promise<void> {
  const { address, keyFile } = await startInstance(site);
  const domains = awsOf(site, 'route53domains');
  const route53 = awsOf(site, 'route53');
  const online: Shell = (script) => site.keiro(['internet', 'run'], '--', 'sh', '-c', script);
  const said = async (script: string): Promise<string> => (await online(script)).stdout.trim();

  // Nobody has it, nobody finds it.
  expect(textAt(await domains(`check-domain-availability --domain-name ${domain}`), 'Availability')).toBe('AVAILABLE');
  expect(await said(`dig www.${domain}`)).toContain('status: NXDOMAIN');

  // Registered: pending until the link of the mail was opened.
  const contacts = ['admin', 'registrant', 'tech'].flatMap((who) => [`--${who}-contact`, JSON.stringify(contact)]);
  const operation = textAt(await domains(`register-domain --domain-name ${domain} --duration-in-years 1`, ...contacts), 'OperationId');
  const status = async () => textAt(await domains(`get-operation-detail --operation-id ${operation}`), 'Status');
  expect(await status()).toBe('IN_PROGRESS');
  expect(textAt(await domains(`check-domain-availability --domain-name ${domain}`), 'Availability')).toMatch(/^UNAVAILABLE/);
  expect(await said(`dig www.${domain}`)).toContain('status: NXDOMAIN');
  const { stdout: mails } = await site.keiro(['mail'], '--to', contact.Email, '--json');
  const [mail] = JSON.parse(mails) as { readonly id: string; readonly subject: string }[];
  expect(mail?.subject).toContain(domain);
  const confirmed = await site.keiro(['mail', 'open'], given(mail?.id), '--confirm');
  expect([confirmed.stderr, confirmed.code]).toEqual(['', 0]);
  expect(await status()).toBe('SUCCESSFUL');

  // Its zone is there; a record is made, and answered by every server.
  const zones = await route53(`list-hosted-zones-by-name --dns-name ${domain}`);
  const zone = textAt(zones, 'HostedZones.0.Id');
  const record = { Name: `www.${domain}`, Type: 'A', TTL: 300, ResourceRecords: [{ Value: address }] };
  const batch = JSON.stringify({ Changes: [{ Action: 'CREATE', ResourceRecordSet: record }] });
  const change = await route53(`change-resource-record-sets --hosted-zone-id ${zone} --change-batch`, batch);
  await route53(`wait resource-record-sets-changed --id ${textAt(change, 'ChangeInfo.Id')}`);
  expect(await said(`dig +short www.${domain}`)).toBe(address);

  // From the root: it refers to the domain's registry, that to the zone's four servers, and each of these answers.
  const ask = async (server: string, name: string) => said(`dig +norecurse +nostats +nocmd @${server} ${name}`);
  const top = given(domain.split('.').at(-1));
  expect(await ask(rootServer.ipv4, `www.${domain}`)).toMatch(new RegExp(String.raw`^${top}\.\s+\d+\s+IN\s+NS\s+\S+`, 'm'));
  const servers = (await said(`dig +short NS ${domain} | sort`)).split('\n');
  expect(servers).toHaveLength(4);
  for (const server of servers) {
    const answer = await ask(server, `www.${domain}`);
    expect(answer).toMatch(/flags: qr aa;/);
    expect(answer).toMatch(new RegExp(String.raw`^www\.${domain}\.\s+300\s+IN\s+A\s+${address}$`, 'm'));
  }
  expect(await said(`dig +trace +nodnssec www.${domain}`)).toMatch(
    new RegExp(String.raw`^www\.${domain}\.\s+300\s+IN\s+A\s+${address}$`, 'm'),
  );

  const proxy = `ProxyCommand=${nodeBinary} ${root}/src/cli/main.ts connect --data ${site.server().data} %h %p`;
  const strict = ['-F', 'none', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'];
  const ssh = () => site.host('ssh', ...strict, '-o', proxy, '-o', 'BatchMode=yes', '-i', keyFile, `ec2-user@www.${domain}`, 'hostname');
  await eventually(ssh, { code: 0, signal: null, stderr: '', stdout: 'ip-10-0-0-4.ec2.internal\n' });
}

const roots = useSite('root');
const users = useSite('ordinary-user');

it.concurrent('as root', async () => walk(roots, 'keiro-walks.com'));
it.concurrent('as an ordinary user', async () => walk(users, 'keiro-walks.jp'));
