/** `keiro mail`, and with it the registration of a domain from the command line. */
import { beforeAll, describe, expect, it } from 'vitest';
import { endpointArguments } from '#test/cli/aws-command.ts';
import { awsEnvironment, keiro, type KeiroProcess, run, startKeiro, temporaryDirectory } from '#test/cli/keiro-process.ts';

let server: KeiroProcess;
beforeAll(async () => {
  server = await startKeiro();
});

async function said(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await keiro(['mail', ...args, '--data', server.data]);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

async function complaint(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await keiro(['mail', ...args]);
  expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: '' });
  return stderr;
}

async function aws(...args: readonly string[]): Promise<Record<string, unknown>> {
  const env = awsEnvironment(server, '123456789012', 'us-east-1');
  const { code, stdout, stderr } = await run('aws', [...endpointArguments(server.endpoint), 'route53domains', ...args], { env });
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>; // what the command prints
}

const contact = {
  FirstName: 'Ada',
  LastName: 'Love\u001B[31mlace',
  ContactType: 'PERSON',
  AddressLine1: '12 St James’s Square',
  City: 'London',
  CountryCode: 'GB',
  ZipCode: 'SW1Y 4JH',
  PhoneNumber: '+44.2079460123',
  Email: 'ada@example.org',
};

describe('keiro mail', () => {
  it('has none at first', async () => {
    expect(await said()).toBe('There is no mail.\n');
    expect(await said('--json')).toBe('[]\n');
    expect(await complaint('show', '--data', server.data)).toBe('keiro: there is no mail.\n');
    expect(await complaint('open', '--to', 'a@b.example', '--data', server.data)).toBe('keiro: there is no mail to a@b.example.\n');
  });

  it('leads from the request for a domain to the domain', async () => {
    const people = ['admin', 'registrant', 'tech'].flatMap((role) => [`--${role}-contact`, JSON.stringify(contact)]);
    const { OperationId } = await aws('register-domain', '--domain-name', 'keiro-test.com', '--duration-in-years', '1', ...people);
    const operation = () => aws('get-operation-detail', '--operation-id', String(OperationId));
    expect(await operation()).toMatchObject({ Status: 'IN_PROGRESS', StatusFlag: 'PENDING_CUSTOMER_ACTION' });
    expect(await aws('list-domains')).toEqual({ Domains: [] });

    const line =
      /^\* (mail-[0-9a-f]{12}) {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}ada@example\.org {2}Verify your email address for keiro-test\.com\n$/;
    const list = await said('--to', 'Ada@example.org');
    expect(list).toMatch(line);
    const [, id = ''] = line.exec(list) ?? [];

    const shown = await said('show', id);
    expect(shown).toMatch(/^From: .*\nTo: ada@example\.org\nDate: .*Z\nSubject: Verify your email address for keiro-test\.com\n\nDear Ada/);
    expect(shown).toContain('Dear Ada Love[31mlace,'); // and the terminal is not red
    const [link = ''] = new RegExp(`${server.endpoint}/_keiro/confirm\\?token=[\\w-]{43}`).exec(shown) ?? [];
    expect(await said('open', id)).toBe(`${link}\n`);
    expect(JSON.parse(await said('open', '--json'))).toEqual({ id, links: [link] });
    expect(await said()).toMatch(/^ {2}mail-/);

    const confirmed = 'It is confirmed that ada@example.org is the address of the registrant of keiro-test.com.';
    expect(await said('open', id, '--confirm')).toBe(`Thank you. ${confirmed}\n`);
    expect(JSON.parse(await said('open', id, '--confirm', '--json'))).toEqual({ id, confirmed: [confirmed] });
    expect(await operation()).toMatchObject({ Status: 'SUCCESSFUL' });
    expect(await aws('list-domains')).toMatchObject({ Domains: [{ DomainName: 'keiro-test.com', AutoRenew: true }] });
    expect(await said('show')).toContain('Subject: Registration of keiro-test.com succeeded\n');
    expect(JSON.parse(await said('--json'))).toMatchObject([{ links: [] }, { id, links: [{ path: link }] }]);
  });

  it('complains of what cannot be', async () => {
    expect(await complaint('show', 'mail-0', '--data', server.data)).toBe('keiro: There is no mail mail-0.\n');
    expect(await complaint('open', '--data', server.data)).toMatch(/^keiro: the mail mail-[0-9a-f]{12} has no link\.\n$/);
    expect(await complaint('list', 'mail-0', '--data', server.data)).toBe("keiro: to see mail-0, say 'keiro mail show mail-0'.\n");
    expect(await complaint('--confirm', '--data', server.data)).toBe("keiro: --confirm goes with 'keiro mail open'.\n");
    expect(await complaint('read')).toMatch(/Allowed choices are list, show, open/);
    const data = temporaryDirectory();
    expect(await complaint('--data', data)).toContain(`no Keiro runs on the data directory ${data}`);
  });

  it('explains itself', async () => {
    const { code, stdout } = await keiro(['mail', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Usage: keiro mail \[options\] \[what\] \[id\]/);
    expect(stdout).toContain('--confirm');
  });
});
