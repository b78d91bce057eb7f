/** Which of a forward action's groups gets the next request: in proportion to the weights, spread evenly over time. */

export interface WeightedGroup {
  readonly id: string;
  /** 0 to 999. */
  readonly weight: number;
}

/** Smooth weighted round robin: every group saves up its weight, the richest pays for all. */
export class WeightedGroups {
  private credits = new Map<string, number>();
  private groups: readonly WeightedGroup[];
  private total = 0;

  constructor(groups: readonly WeightedGroup[], random: () => number) {
    this.groups = groups;
    this.update(groups);
    // Workers do not all begin with the same group. Weights sum up to 4,995: one round is short.
    for (let steps = Math.floor(random() * this.total); steps > 0; steps--) this.next();
  }

  /** Groups that stay keep what they saved. */
  update(groups: readonly WeightedGroup[]): void {
    this.credits = new Map(groups.map(({ id }) => [id, this.credits.get(id) ?? 0]));
    this.groups = groups;
    this.total = groups.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** A group's id; undefined when all weights are 0. */
  next(): string | undefined {
    const only = this.groups[0];
    if (this.groups.length === 1 && only !== undefined) return only.weight > 0 ? only.id : undefined;
    let best: string | undefined;
    let most = -Infinity;
    for (const { id, weight } of this.groups) {
      if (weight === 0) continue;
      const credit = this.credits.get(id)! + weight; // every group has one
      this.credits.set(id, credit);
      if (credit > most) {
        most = credit;
        best = id;
      }
    }
    if (best !== undefined) this.credits.set(best, most - this.total);
    return best;
  }

  has(id: string): boolean {
    return this.credits.has(id);
  }
}
