/** The wire protocol that a service's model names. */
import { createEc2Query } from '#protocol/ec2-query.ts';
import type { Model } from '#protocol/model.ts';
import type { Protocol } from '#protocol/protocol.ts';

export function createProtocol(model: Model): Protocol {
  switch (model.protocol) {
    case 'ec2':
      return createEc2Query(model);
    default:
      throw new Error(`the protocol ${model.protocol} of ${model.service} is not written`);
  }
}
