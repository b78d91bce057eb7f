/** The wire protocol that a service's model names. */
import { createAwsJson } from '#protocol/aws-json.ts';
import { createAwsQuery } from '#protocol/aws-query.ts';
import { createEc2Query } from '#protocol/ec2-query.ts';
import type { Model } from '#protocol/model.ts';
import type { Protocol } from '#protocol/protocol.ts';
import { createRestJson } from '#protocol/rest-json.ts';
import { createRestXml } from '#protocol/rest-xml.ts';

export function createProtocol(model: Model): Protocol {
  switch (model.protocol) {
    case 'ec2':
      return createEc2Query(model);
    case 'query':
      return createAwsQuery(model);
    case 'json-1.0':
    case 'json-1.1':
      return createAwsJson(model);
    case 'rest-json':
      return createRestJson(model);
    case 'rest-xml':
      return createRestXml(model);
  }
}
