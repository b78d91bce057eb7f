/** Keeps the kernel's rules of a network load balancer's node equal to what is wanted: one `nft` at a time, the last word wins. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';

export class KernelFlows {
  #wanted = '';
  #held = '';
  #isRunning = false;
  readonly #onError: (words: string) => void;

  constructor(onError: (words: string) => void) {
    this.#onError = onError;
  }

  /** Lets the kernel forget flows that are idle for so many seconds; it forwards already. @throws what the file system says: it is no namespace of ours */
  prepare(tcpIdleSeconds: number, udpIdleSeconds: number): void {
    const idle = {
      'netfilter/nf_conntrack_tcp_timeout_established': `${tcpIdleSeconds}`,
      'netfilter/nf_conntrack_udp_timeout': `${udpIdleSeconds}`,
      'netfilter/nf_conntrack_udp_timeout_stream': `${udpIdleSeconds}`,
    };
    for (const [name, value] of Object.entries(idle)) writeFileSync(`/proc/sys/net/${name}`, value);
  }

  /** @param rules the whole table as one transaction */
  want(rules: string): void {
    this.#wanted = rules;
    if (!this.#isRunning && this.#wanted !== this.#held) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#wanted !== this.#held) {
      const rules = this.#wanted;
      const words = await nft(rules);
      this.#held = rules;
      if (words !== undefined) this.#onError(words);
    }
    this.#isRunning = false;
  }
}

/** What it complains of; undefined when the rules are in force. */
async function nft(rules: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
    child.stdin.on('error', () => undefined); // one that ends early says why itself
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === 0 ? undefined : words));
    child.stdin.end(rules);
  });
}
