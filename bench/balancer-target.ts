/** A target that costs next to nothing: answers each request's head with the same octets. `PORT BODY-BYTES` */
import { createServer } from 'node:net';
import process from 'node:process';

const [port = '', bytes = ''] = process.argv.slice(2);
const body = Buffer.alloc(Number(bytes), 'x');
const head = `HTTP/1.1 200 OK\r\nDate: Tue, 24 Nov 2026 00:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nServer: target\r\n\r\n`;
const answer = body.length > 4096 ? Buffer.concat([Buffer.from(head), body]) : head + body.toString('latin1');
const end = Buffer.from('\r\n\r\n');

createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (piece) => {
    // One request at a time, and heads are small: they come whole.
    if (piece.subarray(-end.length).equals(end)) socket.write(answer, 'latin1');
  });
}).listen(Number(port), '127.0.0.1', 4096, () => process.stdout.write('ready\n'));
