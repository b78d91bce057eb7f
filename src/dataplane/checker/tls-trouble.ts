/** AWS's words for a handshake that fails. */
import { trouble } from '#dataplane/checker/outcome.ts';

/** RFC 8446 section 6, RFC 5246 section 7.2. */
const alerts: Readonly<Record<number, string>> = {
  10: 'unexpected_message',
  40: 'handshake_failure',
  42: 'bad_certificate',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  112: 'unrecognized_name',
  116: 'certificate_required',
  120: 'no_application_protocol',
};

export function tlsTrouble(error: NodeJS.ErrnoException): string {
  const alert = alerts[Number(/SSL alert number (\d+)/.exec(error.message)?.[1])];
  if (alert !== undefined) return trouble.alert(alert);
  return error.code === 'ECONNRESET' || error.code === 'EPIPE' ? trouble.closed : trouble.handshake;
}
