/** A resolver of a real internet that is not there: `node real-resolver.ts ADDRESS NAME MEANING`. Run by outbound.test.ts. */
import process from 'node:process';
import { addressData, found, missing } from '#dataplane/dns/name-source.ts';
import { openDnsServer } from '#dataplane/dns/server.ts';
import { parseIp } from '#model/ip.ts';

const [address = '', name = '', meaning = ''] = process.argv.slice(2);
const ip = parseIp(meaning);
if (ip === undefined) throw new Error(`${meaning} is no address`);
const zone = name.slice(name.indexOf('.') + 1);
await openDnsServer({
  address,
  port: 53,
  answer: (question) => (question.name === name ? found(question, [addressData(ip)], zone) : missing(zone)),
});
process.stdout.write('ready\n');
