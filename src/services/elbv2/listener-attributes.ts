/** Attributes of listeners, by protocol (ELB API reference, "ListenerAttribute"). */
import {
  type AttributeSpecs,
  type AttributeWords,
  attributeReader,
  attributesView,
  changeAttributes,
  flag,
  number,
  oneOf,
  text,
} from '#services/elbv2/attribute-values.ts';
import { putListener } from '#services/elbv2/certificates.ts';
import { requireListener } from '#services/elbv2/lookup.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';
import { type ListenerRecord, type Protocol } from '#services/elbv2/tables.ts';

const response: AttributeSpecs = {
  'routing.http.response.server.enabled': flag('true'),
  'routing.http.response.strict_transport_security.header_value': text(''),
  'routing.http.response.access_control_allow_origin.header_value': text(''),
  'routing.http.response.access_control_allow_methods.header_value': text(''),
  'routing.http.response.access_control_allow_headers.header_value': text(''),
  'routing.http.response.access_control_allow_credentials.header_value': oneOf('', '', 'true'),
  'routing.http.response.access_control_expose_headers.header_value': text(''),
  'routing.http.response.access_control_max_age.header_value': number('', 0, 86_400, ''),
  'routing.http.response.content_security_policy.header_value': text(''),
  'routing.http.response.x_content_type_options.header_value': oneOf('', '', 'nosniff'),
  'routing.http.response.x_frame_options.header_value': text(''),
};

/** Requests that come by TLS carry these headers, under names that can be changed. */
const requestHeaders: readonly (readonly [key: string, name: string])[] = [
  ['x_amzn_mtls_clientcert_serial_number', 'X-Amzn-Mtls-Clientcert-Serial-Number'],
  ['x_amzn_mtls_clientcert_issuer', 'X-Amzn-Mtls-Clientcert-Issuer'],
  ['x_amzn_mtls_clientcert_subject', 'X-Amzn-Mtls-Clientcert-Subject'],
  ['x_amzn_mtls_clientcert_validity', 'X-Amzn-Mtls-Clientcert-Validity'],
  ['x_amzn_mtls_clientcert_leaf', 'X-Amzn-Mtls-Clientcert-Leaf'],
  ['x_amzn_mtls_clientcert', 'X-Amzn-Mtls-Clientcert'],
  ['x_amzn_tls_version', 'X-Amzn-Tls-Version'],
  ['x_amzn_tls_cipher_suite', 'X-Amzn-Tls-Cipher-Suite'],
];

const request: AttributeSpecs = Object.fromEntries(
  requestHeaders.map(([key, name]) => [`routing.http.request.${key}.header_name`, text(name)]),
);

const tcp: AttributeSpecs = { 'tcp.idle_timeout.seconds': number('350', 60, 6000) };

const byProtocol: Readonly<Record<Protocol, AttributeSpecs>> = {
  HTTP: response,
  HTTPS: { ...request, ...response },
  TCP: tcp,
  TLS: {},
  UDP: {},
  TCP_UDP: {},
};

export const listenerAttributes = {
  ModifyListenerAttributes(context, input) {
    const listener = requireListener(context, input.ListenerArn);
    const specs = byProtocol[listener.protocol];
    const words: AttributeWords = {
      noun: 'Listener',
      isKnown: (key) => Object.values(byProtocol).some((others) => Object.hasOwn(others, key)),
      unsupported: (key) => `Listener attribute key '${key}' is not supported on listeners with the ${listener.protocol} protocol`,
    };
    const attributes = changeAttributes(listener.attributes, input.Attributes, specs, words);
    putListener(context, { ...listener, attributes });
    return { Attributes: attributesView(attributes, specs) };
  },

  DescribeListenerAttributes(context, input) {
    const listener = requireListener(context, input.ListenerArn);
    return { Attributes: attributesView(listener.attributes, byProtocol[listener.protocol]) };
  },
} satisfies Elbv2Operations;

/** The values that hold, by AWS's keys. */
export function listenerAttribute({ attributes, protocol }: ListenerRecord): (key: string) => string {
  return attributeReader(attributes, byProtocol[protocol]);
}
