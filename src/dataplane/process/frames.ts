/** Values over a stream: each as four bytes of length and Node's own serialization, which keeps big integers and bytes. */
import { deserialize, serialize } from 'node:v8';

const HEAD_BYTES = 4;
/** More than any world that is handed over; a length above it is no length of ours. */
const FRAME_BYTES_MAX = 512 * 2 ** 20;

export function frameOf(value: unknown): Buffer {
  const body = serialize(value);
  const frame = Buffer.allocUnsafe(HEAD_BYTES + body.length);
  frame.writeUInt32BE(body.length, 0);
  body.copy(frame, HEAD_BYTES);
  return frame;
}

/**
 * Splits a stream into values, whatever pieces it comes in.
 * @throws Error for what is no frame; the connection is then good for nothing
 */
export function frameReader(onValue: (value: unknown) => void): (piece: Buffer) => void {
  let pieces: Buffer[] = [];
  let held = 0;
  let wanted = HEAD_BYTES;
  return (piece) => {
    pieces.push(piece);
    held += piece.length;
    while (held >= wanted) {
      const all = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces); // there is one
      pieces = [all];
      const size = all.readUInt32BE(0);
      if (size > FRAME_BYTES_MAX) throw new Error(`a frame of ${size} bytes`);
      wanted = HEAD_BYTES + size;
      if (held < wanted) return;
      const rest = all.subarray(wanted);
      onValue(deserialize(all.subarray(HEAD_BYTES, wanted)));
      pieces = rest.length === 0 ? [] : [rest];
      held = rest.length;
      wanted = HEAD_BYTES;
    }
  };
}
