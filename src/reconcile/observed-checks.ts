/** What checkers see of health checks' endpoints, in memory. */
import type { CheckStatus } from '#model/health-check.ts';

export class ObservedChecks {
  readonly #statuses = new Map<string, CheckStatus>();

  see(statuses: readonly CheckStatus[]): void {
    for (const status of statuses) this.#statuses.set(status.id, status);
  }

  of(id: string): CheckStatus | undefined {
    return this.#statuses.get(id);
  }

  forget(id: string): void {
    this.#statuses.delete(id);
  }
}
