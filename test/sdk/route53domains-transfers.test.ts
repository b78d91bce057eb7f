import {
  AcceptDomainTransferFromAnotherAwsAccountCommand,
  CancelDomainTransferToAnotherAwsAccountCommand,
  DeleteDomainCommand,
  GetDomainDetailCommand,
  RejectDomainTransferFromAnotherAwsAccountCommand,
  type Route53DomainsClient,
  TransferDomainToAnotherAwsAccountCommand,
} from '@aws-sdk/client-route-53-domains';
import { beforeEach, expect, test, vi } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { domainsClient, freshName, mailsAbout, registered, statusOf } from '#test/sdk/route53domains.ts';

const keiro = await useKeiro({ logLevel: 'error' });

let giver: Route53DomainsClient;
let taker: Route53DomainsClient;
let [from, to, DomainName] = ['', '', ''];
beforeEach(async () => {
  [from, to, DomainName] = [keiro.freshAccount(), keiro.freshAccount(), freshName()];
  [giver, taker] = [domainsClient(keiro, from), domainsClient(keiro, to)];
  await registered(keiro, giver, DomainName);
});

async function offer() {
  const { OperationId: id = '', Password = '' } = await giver.send(
    new TransferDomainToAnotherAwsAccountCommand({ DomainName, AccountId: to }),
  );
  const waiting = { Type: 'INTERNAL_TRANSFER_OUT_DOMAIN', Status: 'IN_PROGRESS', StatusFlag: 'PENDING_ACCEPTANCE' };
  await vi.waitFor(async () => expect(await statusOf(giver, id)).toMatchObject(waiting));
  return { id, Password };
}

const accept = async (Password: string) =>
  (await taker.send(new AcceptDomainTransferFromAnotherAwsAccountCommand({ DomainName, Password }))).OperationId ?? '';
const has = async (client: Route53DomainsClient): Promise<boolean> =>
  client.send(new GetDomainDetailCommand({ DomainName })).then(
    () => true,
    () => false,
  );

test('an offer is accepted by whoever knows the password', async () => {
  const { id, Password } = await offer();
  expect((await mailsAbout(keiro, DomainName))[0]?.subject).toBe(`Transfer of ${DomainName} to another AWS account`);
  expect(await refusal(accept('wrong'))).toEqual({ code: 'InvalidInput', message: 'The password is not valid.' });
  const stranger = domainsClient(keiro);
  const theirs = stranger.send(new AcceptDomainTransferFromAnotherAwsAccountCommand({ DomainName, Password }));
  expect((await refusal(theirs)).message).toContain(`Domain ${DomainName} not found in `);
  const accepted = await accept(Password);
  expect(await statusOf(taker, accepted)).toMatchObject({ Status: 'SUCCESSFUL', Type: 'INTERNAL_TRANSFER_IN_DOMAIN' });
  expect(await statusOf(giver, id)).toMatchObject({ Status: 'SUCCESSFUL' });
  expect([await has(giver), await has(taker)]).toEqual([false, true]);
  expect((await refusal(accept(Password))).message).toBe(`Domain ${DomainName} not found in ${to} account.`);
});

test('an offer is rejected, and can be made again', async () => {
  const { id } = await offer();
  const { OperationId = '' } = await taker.send(new RejectDomainTransferFromAnotherAwsAccountCommand({ DomainName }));
  const failed = { Status: 'FAILED', Message: `Domain Transfer from Aws Account ${from} has been rejected` };
  expect(await statusOf(taker, OperationId)).toMatchObject(failed);
  expect(await statusOf(giver, id)).toMatchObject(failed);
  expect([await has(giver), await has(taker)]).toEqual([true, false]);
  await accept((await offer()).Password);
});

test('an offer is taken back', async () => {
  const cancel = () => giver.send(new CancelDomainTransferToAnotherAwsAccountCommand({ DomainName }));
  expect((await refusal(cancel())).message).toBe(`Domain ${DomainName} is not being transferred.`);
  const { id, Password } = await offer();
  expect((await cancel()).OperationId).toBe(id);
  expect(await statusOf(giver, id)).toMatchObject({
    Status: 'FAILED',
    Message: `Domain Transfer from Aws Account ${from} has been cancelled`,
  });
  expect((await refusal(accept(Password))).code).toBe('InvalidInput');
});

test('what is offered is neither offered again nor given up', async () => {
  const { id } = await offer();
  const again = giver.send(new TransferDomainToAnotherAwsAccountCommand({ DomainName, AccountId: to }));
  await expect(again).rejects.toMatchObject({ name: 'DuplicateRequest', requestId: id });
  expect((await refusal(giver.send(new DeleteDomainCommand({ DomainName })))).code).toBe('DuplicateRequest');
});

test('the recipient is another account', async () => {
  const transfer = (AccountId: string) => giver.send(new TransferDomainToAnotherAwsAccountCommand({ DomainName, AccountId }));
  expect((await refusal(transfer(from))).code).toBe('InvalidInput');
  expect((await refusal(transfer('12345'))).code).toBe('ValidationException');
});
