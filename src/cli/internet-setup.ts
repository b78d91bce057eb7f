/** What a program on Keiro's internet finds there: names, certificates that it may trust, credentials, a prompt. */

/** A file system of the program's own, which ends with it. */
const FOLDER = '/run/keiro-shell';
/** What the host trusts, and Keiro. */
const BUNDLE = `${FOLDER}/ca-bundle.crt`;
/** Keiro alone. */
const AUTHORITY = `${FOLDER}/keiro-ca.crt`;

/** Where systems keep the authorities that they trust, each in one file. */
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Alpine, Arch
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', // Fedora, Red Hat
  '/etc/ssl/ca-bundle.pem', // SUSE
] as const;

/** Variables by which programs are told what to trust, besides what the host trusts. */
const trustVariables = ['AWS_CA_BUNDLE', 'SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'GIT_SSL_CAINFO'] as const;
/** Endpoints are found by name here, and no proxy of the host can be reached. */
const removed = /^(AWS_ENDPOINT_URL.*|(https?|all|no|ftp)_proxy)$/i;

export interface Arrival {
  /** Keiro's certificate authority, PEM. */
  readonly authority: string;
  /** Keiro's resolver. */
  readonly resolver: string;
  readonly workingDirectory: string;
  /** Used where the caller has none of his own. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly region: string;
}

/** The environment of a program there. The setting up itself takes its part of it away again. */
export function internetEnvironment(caller: NodeJS.ProcessEnv, arrival: Arrival): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(caller).filter(([name]) => !removed.test(name)));
  const region = kept['AWS_REGION'] || kept['AWS_DEFAULT_REGION'] || arrival.region;
  if (!kept['AWS_ACCESS_KEY_ID'] || !kept['AWS_SECRET_ACCESS_KEY']) {
    delete kept['AWS_SESSION_TOKEN'];
    Object.assign(kept, arrival.credentials);
  }
  return {
    ...kept,
    ...Object.fromEntries(trustVariables.map((name) => [name, BUNDLE])),
    NODE_EXTRA_CA_CERTS: AUTHORITY,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true', // those of ~/.aws/config
    KEIRO_SHELL: '1',
    KEIRO_SETUP_CA: arrival.authority,
    KEIRO_SETUP_RESOLVER: arrival.resolver,
    KEIRO_SETUP_DIRECTORY: arrival.workingDirectory,
  };
}

/**
 * Prepares a mount namespace, then becomes the program. The resolver's file is often a link into the host's /run, which is
 * not here: what it leads to is made. Where the caller is no root on the host, root's home is his: ssh looks there for keys.
 */
const SETUP = `
set -e
umask 022
mkdir -p ${FOLDER}
mount -t tmpfs -o mode=755 keiro-shell ${FOLDER}
printf 'nameserver %s\\n' "$KEIRO_SETUP_RESOLVER" >${FOLDER}/resolv.conf
names=$(readlink -m /etc/resolv.conf)
case $names in /run/*) mkdir -p "\${names%/*}"; [ -e "$names" ] || : >"$names" ;; esac
mount --bind ${FOLDER}/resolv.conf "$names" || echo "keiro: $names cannot be replaced: names are not found" >&2
printf '%s\\n' "$KEIRO_SETUP_CA" >${AUTHORITY}
for bundle in ${bundles.join(' ')}; do [ ! -s "$bundle" ] || { cat "$bundle" >${BUNDLE}; break; }; done
printf '\\n%s\\n' "$KEIRO_SETUP_CA" >>${BUNDLE}
for bundle in ${bundles.join(' ')}; do [ ! -e "$bundle" ] || mount --bind ${BUNDLE} "$bundle"; done
if [ -n "$HOME" ] && ! grep -q "^root:[^:]*:0:0:[^:]*:$HOME:" /etc/passwd; then
  { printf 'root:x:0:0:root:%s:%s\\n' "$HOME" "\${SHELL:-/bin/sh}"; grep -v '^root:' /etc/passwd || :; } >${FOLDER}/passwd
  mount --bind ${FOLDER}/passwd /etc/passwd
fi
printf '%s\\n' '[ ! -f ~/.bashrc ] || . ~/.bashrc' 'PS1="(keiro) $PS1"' >${FOLDER}/bashrc
printf '%s\\n' 'ZDOTDIR=$HOME; [ ! -f ~/.zshenv ] || . ~/.zshenv; ZDOTDIR=${FOLDER}' >${FOLDER}/.zshenv
printf '%s\\n' 'ZDOTDIR=$HOME; [ ! -f ~/.zshrc ] || . ~/.zshrc; PROMPT="(keiro) $PROMPT"' >${FOLDER}/.zshrc
cd "$KEIRO_SETUP_DIRECTORY" 2>/dev/null || cd "$HOME" 2>/dev/null || cd /
unset KEIRO_SETUP_CA KEIRO_SETUP_RESOLVER KEIRO_SETUP_DIRECTORY
set +e
exec "$@"
`;

/** The program, started in the internet's namespace, with what it finds there set up for it alone. */
export function onInternet(program: readonly string[]): readonly string[] {
  return ['unshare', '--mount', 'sh', '-c', SETUP, 'keiro', ...program];
}

/**
 * The caller's own shell, with a prompt that says where it is.
 * @param hasBash dash, when it ends, cannot give the terminal back to processes outside of its namespace, and complains
 */
export function shellProgram(shell: string | undefined, hasBash: boolean): readonly string[] {
  const given = shell || '/bin/sh';
  const path = hasBash && /\/(da)?sh$/.test(given) ? '/bin/bash' : given;
  if (path.endsWith('/bash')) return [path, '--rcfile', `${FOLDER}/bashrc`, '-i'];
  if (path.endsWith('/zsh')) return ['env', `ZDOTDIR=${FOLDER}`, path, '-i'];
  return ['env', 'PS1=(keiro) # ', path, '-i'];
}
