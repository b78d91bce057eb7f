/** Giving an Elastic IP to another account: offered by the one, accepted within seven days by the other. */
import type { AddressTransfer } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { paginateByKey } from '#aws/pagination.ts';
import { tagsFor } from '#aws/tags.ts';
import { requireAddress } from '#services/ec2/addresses/address-associations.ts';
import { addressNotFound, allocationNotFound, transferOfAssociated, transferOfNamed } from '#services/ec2/addresses/address-errors.ts';
import { requireRoomForAddress } from '#services/ec2/addresses/addresses.ts';
import { handOverPublicAddress, holderOf } from '#services/ec2/addresses/public-addresses.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { acceptedTransferTable, type AddressRecord, addressTable } from '#services/ec2/tables/interfaces.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** AWS's terms: an offer stands for seven days, an accepted one is shown to the giver for fourteen. */
const offerMs = 7 * dayMs;
const acceptedShownMs = 14 * dayMs;

export const addressTransfers = {
  EnableAddressTransfer(context, input) {
    const address = requireAddress(context, input.AllocationId);
    const account = input.TransferAccountId;
    if (!/^[0-9]{12}$/.test(account) || account === context.account) {
      throw invalidParameterValue(`Value (${account}) for parameter transferAccountId is invalid.`);
    }
    const offered = { ...address, transfer: { account, offeredMs: context.nowMs, expiresMs: context.nowMs + offerMs } };
    context.tx.put(addressTable, offered);
    return { AddressTransfer: offerView(offered) };
  },

  DisableAddressTransfer(context, input) {
    const address = requireAddress(context, input.AllocationId);
    if (!isOffered(address, context)) throw invalidParameterValue(`The address with allocation id ${address.id} has no pending transfer.`);
    const { transfer: _withdrawn, ...rest } = address;
    context.tx.put(addressTable, rest);
    return { AddressTransfer: { ...offerView(address), AddressTransferStatus: 'disabled' } };
  },

  AcceptAddressTransfer(context, input) {
    const tags = tagsFor(input.TagSpecifications, 'elastic-ip');
    const { giver, address } = requireOffer(context, input.Address);
    requireRoomForAddress(context);
    if (address.domainName !== undefined) throw transferOfNamed(address.publicIp);
    if (address.association) throw transferOfAssociated(address.publicIp);
    const { account, nowMs } = context;
    const { id, publicIp, networkBorderGroup } = address;
    const from = context.tx.in({ account: giver, region: context.region });
    from.delete(addressTable, id);
    from.delete(acceptedTransferTable, id);
    from.put(acceptedTransferTable, { id, publicIp, account, acceptedMs: nowMs });
    handOverPublicAddress(context, publicIp);
    context.tx.put(addressTable, { id, publicIp, networkBorderGroup, tags });
    return { AddressTransfer: acceptedView({ id, publicIp, account, acceptedMs: nowMs }) };
  },

  DescribeAddressTransfers(context, input) {
    const known = [...offers(context), ...accepted(context)];
    const ids = new Set(input.AllocationIds ?? []);
    const missing = [...ids].filter((id) => !context.tx.get(addressTable, id) && !known.some((one) => one.AllocationId === id));
    if (missing.length > 0) throw allocationNotFound(missing);
    const asked = ids.size === 0 ? known : known.filter((one) => ids.has(one.AllocationId ?? ''));
    const { items, nextToken } = paginateByKey(input, asked, (one) => one.AllocationId ?? '', ['DescribeAddressTransfers', ...ids]);
    return { AddressTransfers: [...items], NextToken: nextToken };
  },
} satisfies Ec2Operations;

/** The offer of an address to the caller's account. Whoever is not meant does not learn that it exists. */
function requireOffer(context: OperationContext, publicIp: string): { giver: string; address: AddressRecord } {
  const holder = holderOf(context, publicIp);
  if (!holder || holder.region !== context.region) throw addressNotFound(publicIp);
  const [address] = context.tx.in({ account: holder.account, region: holder.region }).find(addressTable, 'publicIp', publicIp);
  if (!address || !isOffered(address, context) || address.transfer?.account !== context.account) throw addressNotFound(publicIp);
  return { giver: holder.account, address };
}

function isOffered(address: AddressRecord, context: OperationContext): boolean {
  return address.transfer !== undefined && context.nowMs < address.transfer.expiresMs;
}

function offers(context: OperationContext): AddressTransfer[] {
  return [...context.tx.list(addressTable)].filter((address) => isOffered(address, context)).map(offerView);
}

function accepted(context: OperationContext): AddressTransfer[] {
  return [...context.tx.list(acceptedTransferTable)].filter((one) => context.nowMs < one.acceptedMs + acceptedShownMs).map(acceptedView);
}

function offerView({ id, publicIp, transfer }: AddressRecord): AddressTransfer {
  return {
    AllocationId: id,
    PublicIp: publicIp,
    TransferAccountId: transfer?.account,
    TransferOfferExpirationTimestamp: transfer && new Date(transfer.expiresMs),
    AddressTransferStatus: 'pending',
  };
}

function acceptedView(one: { id: string; publicIp: string; account: string; acceptedMs: number }): AddressTransfer {
  return {
    AllocationId: one.id,
    PublicIp: one.publicIp,
    TransferAccountId: one.account,
    TransferOfferAcceptedTimestamp: new Date(one.acceptedMs),
    AddressTransferStatus: 'accepted',
  };
}
