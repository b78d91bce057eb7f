/** Bounds how many checks are under way at once: with very many targets, the others wait their turn. */
import type { CheckPlan } from '#dataplane/balancer/health/check-plan.ts';
import type { Outcome } from '#dataplane/balancer/health/outcome.ts';
import { probe, type Probe } from '#dataplane/balancer/health/probe.ts';

export class CheckQueue {
  private readonly most: number;
  private readonly waiting = new Set<() => void>();
  private running = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** @returns how to call it off, without an outcome */
  start(plan: CheckPlan, done: (outcome: Outcome) => void): () => void {
    let running: Probe | undefined;
    let isOver = false;
    const leave = (): void => {
      isOver = true;
      this.running--;
      this.next();
    };
    const run = (): void => {
      this.running++;
      running = probe(plan, (outcome) => {
        leave();
        done(outcome);
      });
    };
    this.waiting.add(run);
    this.next();
    return () => {
      if (this.waiting.delete(run) || isOver) return;
      running?.cancel();
      leave();
    };
  }

  private next(): void {
    for (const run of this.waiting) {
      if (this.running >= this.most) return;
      this.waiting.delete(run);
      run();
    }
  }
}
