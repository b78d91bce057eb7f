/** The `keiro` command: what it can do, each part loaded when it is asked for. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { Complaint } from '#cli/complaint.ts';
import { LOG_LEVELS } from '#server/log-level.ts';
import { version } from '#server/version.ts';
import { StoreError } from '#store/store-error.ts';

const portOption = () => new Option('-p, --port <number>', 'port of the server').env('KEIRO_PORT').argParser(parsePort);
const dataOption = () => new Option('-d, --data <directory>', 'data directory of the server (default: .keiro)').env('KEIRO_DATA');
const jsonOption = () => new Option('--json', 'answer in JSON');

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(port) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(portOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .showHelpAfterError(`(add --help to see what 'keiro ${name}' takes)`);
}

/** A command about a server that runs already. */
function serverCommand(name: string, description: string): Command {
  return command(name, description).hook('preAction', (_, called) => preferCommandLine(called, 'port'));
}

/** A command that becomes another program, or a stream: there is no answer of its own to give in JSON. */
function enteringCommand(name: string, description: string, usage: string): Command {
  return new Command(name)
    .description(description)
    .usage(usage)
    .addOption(portOption())
    .addOption(dataOption())
    .showHelpAfterError(`(add --help to see what 'keiro ${name}' takes)`)
    .hook('preAction', (_, called) => preferCommandLine(called, 'port'));
}

/** A server that is named on the command line is meant, whatever the environment says. */
function preferCommandLine(called: Command, port: string): void {
  const isGiven = (option: string): boolean => called.getOptionValueSource(option) === 'cli';
  if (isGiven('data') && !isGiven(port)) called.setOptionValue(port, undefined);
  if (isGiven(port) && !isGiven('data')) called.setOptionValue('data', undefined);
}

const endsHelp = `
An end is one of
  i-…              an instance: its primary network interface
  eni-…            a network interface
  web-1            the Name tag of an instance or network interface, when it is one's alone
  vpc-…/10.0.0.5   the interface with this address in this VPC; 10.0.0.5 alone when it is one's alone
  198.18.1.7       a public address, of an interface or of anybody on the internet
  internet         a host on the internet (198.18.0.10 and 2001:db8::10)

Exits with 0 when the packet arrives and so does the answer, with 1 when not, with 2 when that could not be said.`;

const program = new Command('keiro')
  .description('The AWS network category as software you run yourself: VPC, load balancers, Route 53, API Gateway.')
  .version(version)
  .showHelpAfterError("(add --help to see what 'keiro' takes)");

program.addCommand(
  command('start', 'start Keiro and stay in the foreground')
    .addOption(new Option('--listen <address>', 'address to listen on (default: 127.0.0.1); beyond loopback signatures are verified'))
    .addOption(new Option('--auth <mode>', 'verify signatures and IAM policies (default: off on loopback)').choices(['off', 'sigv4']))
    .addOption(new Option('--quotas <mode>', "enforce AWS's default quotas (default: on)").choices(['on', 'off']))
    .addOption(
      new Option('--packets <mode>', 'move packets: as the machine allows, always or never (default: auto)').choices(['auto', 'on', 'off']),
    )
    .addOption(new Option('--outbound', "let Keiro's internet lead on to the real one"))
    .addOption(
      new Option(
        '--certificates <mode>',
        "issue certificates at once for names that are not on Keiro's internet, or wait for their validation (default: auto)",
      ).choices(['auto', 'strict']),
    )
    .addOption(new Option('--dns <port>', 'port for names on the loopback, auto or off (default: auto: 53, else 5353, where one is free)'))
    .addOption(new Option('--region <name>', 'Region of requests that name none (default: AWS_REGION, else us-east-1)'))
    .addOption(new Option('--geo <file>', "database in MaxMind's format that says where addresses are, for routing by place"))
    .addOption(new Option('--log-level <level>', 'what to log on standard error (default: info)').choices(LOG_LEVELS))
    .action(async (options) => (await import('#cli/start.ts')).start(options)),
);
program.addCommand(serverCommand('stop', 'stop a running Keiro').action(async (options) => (await import('#cli/stop.ts')).stop(options)));
program.addCommand(
  serverCommand('status', 'say whether Keiro runs, where, and how it is').action(async (options) =>
    (await import('#cli/status.ts')).status(options),
  ),
);
program.addCommand(
  serverCommand('balancers', 'list the load balancers, and where they are reached from this host').action(async (options) =>
    (await import('#cli/balancers.ts')).balancers(options),
  ),
);
program.addCommand(
  serverCommand('reset', 'forget every record of a running or stopped Keiro')
    .option('-y, --yes', 'do not ask')
    .action(async (options) => (await import('#cli/reset.ts')).reset(options)),
);
program.addCommand(
  serverCommand('doctor', 'say what this machine lets Keiro do, and what to do about the rest').action(async (options) =>
    (await import('#cli/doctor.ts')).doctor(options),
  ),
);
program.addCommand(
  new Command('coverage')
    .description('list every AWS operation of every service: done or not yet')
    .argument('[service]', 'one service only, e.g. ec2')
    .addOption(jsonOption())
    .option('--markdown', 'as the text of COVERAGE.md')
    .showHelpAfterError("(add --help to see what 'keiro coverage' takes)")
    .action(async (service, options) => (await import('#cli/coverage.ts')).coverage(service, options)),
);
program.addCommand(
  serverCommand('ca', "print the certificate of Keiro's certificate authority (PEM), for --ca-bundle and trust stores").action(
    async (options) => (await import('#cli/ca.ts')).ca(options),
  ),
);
program.addCommand(
  serverCommand('env', 'print the variables that point the aws CLI and the SDKs here: eval "$(keiro env)"')
    .addOption(new Option('--account <id>', 'account to act in').default('123456789012'))
    .addOption(new Option('--region <name>', 'Region to act in').env('AWS_REGION').default('us-east-1'))
    .option('--https', 'use TLS, with the certificate authority of Keiro')
    .action(async (options) => (await import('#cli/env.ts')).env(options)),
);
program.addCommand(
  new Command('trace')
    .description('say whether a packet would arrive, there and back, and which rule decides')
    .argument('<from>', 'where it starts; see below')
    .argument('<to>', 'where it goes; see below')
    .addOption(new Option('-p, --port <number>', 'destination port, for TCP and UDP').argParser(parsePort))
    .addOption(new Option('--source-port <number>', 'source port (default: 49152)').argParser(parsePort))
    .addOption(new Option('--protocol <name>', 'tcp, udp, icmp (an echo request) or a protocol number').default('tcp'))
    .addOption(new Option('--ipv6', 'go by IPv6; else IPv4 where both ends have it'))
    .addOption(
      new Option('--account <id>', 'account of names and private addresses (default: AWS_ACCESS_KEY_ID when it is one, else 123456789012)'),
    )
    .addOption(new Option('--region <name>', "Region of names and private addresses (default: AWS_REGION, else the server's)"))
    .addOption(new Option('--server-port <number>', 'port of the server').env('KEIRO_PORT').argParser(parsePort))
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', endsHelp)
    .showHelpAfterError("(add --help to see what 'keiro trace' takes)")
    .hook('preAction', (_, called) => preferCommandLine(called, 'serverPort'))
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .action(async (from, to, options) => (await import('#cli/trace.ts')).trace(from, to, options)),
);
program.addCommand(
  serverCommand('mail', 'list the mails that services have sent, the newest first; show one, or open the link in it')
    .addArgument(new Argument('[what]', 'what to do').choices(['list', 'show', 'open']).default('list'))
    .argument('[id]', 'which mail, mail-… (default: the newest)')
    .option('--to <address>', 'only mails to this address')
    .option('--confirm', 'with open: confirm what the link asks, instead of printing it')
    .action(async (what, id, options) => (await import('#cli/mail.ts')).mail(what, id, options)),
);
program.addCommand(
  serverCommand('dig', 'ask for a name, from wherever on earth')
    .argument('[name]', 'e.g. www.example.com')
    .argument('[type]', 'A (the default), AAAA, MX, TXT, … or TYPE65280')
    .addOption(
      new Option('--from <place>', 'say that somebody there asks: a country, JP; a state, US-CA; a Region, eu-west-1; a continent, EU'),
    )
    .addOption(new Option('--server <address>', "ask this server, ADDRESS or ADDRESS:PORT (default: the running Keiro's)"))
    .addOption(new Option('--short', 'print what the answers say, and nothing else'))
    .addOption(new Option('--places', 'list the places that there are'))
    .action(async (name, type, options) => (await import('#cli/dig.ts')).dig(name, type, options)),
);
program.addCommand(
  enteringCommand('exec', 'run a command, or a login shell, in an instance', '[options] <instance> [-- command...]')
    .argument('<instance>', 'its id, i-…')
    .argument('[command...]', 'what to run; write it behind --')
    .addOption(new Option('--user <name>', "the instance's user to be (default: root)"))
    .addHelpText('after', '\nExits as the command does.')
    .action(async (instance, words, options) => (await import('#cli/exec.ts')).exec(instance, words, options)),
);
program.addCommand(
  enteringCommand('shell', "open a shell on Keiro's internet, where AWS's names lead to Keiro", '[options] [-- command...]')
    .argument('[command...]', 'what to run instead; write it behind --')
    .addHelpText(
      'after',
      "\nThere aws, curl, ssh and dig need no endpoint: names are Keiro's, and its certificates are trusted.\nExits as the shell does.",
    )
    .action(async (words, options) => (await import('#cli/internet.ts')).shell(words, options)),
);
program.addCommand(
  new Command('internet')
    .description("run programs on Keiro's internet, and say what their address is")
    .showHelpAfterError("(add --help to see what 'keiro internet' takes)")
    .addCommand(
      enteringCommand('run', "run a program on Keiro's internet", '[options] -- command...')
        .argument('<command...>', 'what to run; write it behind --')
        .addHelpText('after', '\nExits as the program does.')
        .action(async (words, options) => (await import('#cli/internet.ts')).runOnInternet(words, options)),
    )
    .addCommand(
      new Command('address')
        .description('print the address that its programs have')
        .option('--ipv6', 'the IPv6 address')
        .addOption(jsonOption())
        .action(async (options) => (await import('#cli/internet.ts')).internetAddress(options)),
    ),
);
program.addCommand(
  enteringCommand('connect', "join standard input and output to a TCP connection from Keiro's internet", '[options] <address:port>')
    .argument('<address>', 'ADDRESS:PORT or [IPv6 ADDRESS]:PORT')
    .argument('[port]', 'when the address comes without it')
    .addHelpText('after', "\nFor ssh from outside: ssh -o ProxyCommand='keiro connect %h %p' ec2-user@198.18.0.1")
    .action(async (address, port, options) => (await import('#cli/connect.ts')).connect(address, port, options)),
);
program.addCommand(
  serverCommand('forward', "let ports of this machine lead to addresses on Keiro's internet, until Ctrl-C")
    .argument('<forwards...>', '[LOCAL:]PORT:ADDRESS:PORT, e.g. 8080:198.18.0.1:80; port 0 takes a free one')
    .action(async (texts, options) => (await import('#cli/forward.ts')).forward(texts, options)),
);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Complaint) && !(error instanceof StoreError)) throw error;
  process.stderr.write(`keiro: ${error.message}\n`);
  process.exitCode = 1;
}
