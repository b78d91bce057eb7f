/** The name of the server that a TLS client asks for, read from its first record. */

const HANDSHAKE = 0x16;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;

/** Undefined when there is none, or not all of it is in these bytes (RFC 8446 section 4.1.2, RFC 6066 section 3). */
export function serverNameOf(bytes: Buffer): string | undefined {
  if (bytes[0] !== HANDSHAKE || bytes[5] !== CLIENT_HELLO) return undefined;
  try {
    let at = 5 + 4 + 2 + 32; // record, handshake, version, random
    at += 1 + bytes.readUInt8(at); // session
    at += 2 + bytes.readUInt16BE(at); // ciphers
    at += 1 + bytes.readUInt8(at); // compression
    const end = at + 2 + bytes.readUInt16BE(at);
    for (at += 2; at + 4 <= end; at += 4 + bytes.readUInt16BE(at + 2)) {
      if (bytes.readUInt16BE(at) !== SERVER_NAME) continue;
      const length = bytes.readUInt16BE(at + 7);
      if (bytes.readUInt8(at + 6) !== HOST_NAME || at + 9 + length > bytes.length) return undefined;
      return bytes.toString('latin1', at + 9, at + 9 + length).toLowerCase();
    }
  } catch {
    // It ends too early.
  }
  return undefined;
}
