/** What checks come to, apart from who asks and when (Route 53 guide, "How Amazon Route 53 determines whether a health check is healthy"). */
import type { HealthCheck } from '#model/health-check.ts';
import type { Id } from '#model/topology.ts';

/** "If more than 18% of health checkers report that an endpoint is healthy, Route 53 considers it healthy." */
const HEALTHY_PERCENT = 18;

/** Before inversion. @param healthy how many of the checkers think so; without any checker nothing is known against an endpoint */
export function isEndpointHealthy(healthy: number, checkers: number): boolean {
  return checkers === 0 || healthy * 100 > checkers * HEALTHY_PERCENT;
}

/** A disabled check counts as healthy, and inversion turns that as well: so traffic is kept away from an endpoint. */
export function verdictOf(check: HealthCheck, isFound: boolean): boolean {
  return (check.isDisabled || isFound) !== check.isInverted;
}

/**
 * The verdicts of all calculated checks. Children that are no more do not count. Of checks that are each other's children,
 * directly or round about, the one that is asked again counts as it did before.
 * @param of the verdict of any other check; undefined when there is none
 * @param before what the calculated ones came to last; new ones count as healthy
 */
export function calculatedVerdicts(
  checks: ReadonlyMap<Id, HealthCheck>,
  of: (id: Id) => boolean | undefined,
  before: ReadonlyMap<Id, boolean>,
): Map<Id, boolean> {
  const verdicts = new Map<Id, boolean>();
  const underWay = new Set<Id>();
  const ofAny = (id: Id): boolean | undefined => {
    const check = checks.get(id);
    if (check?.type !== 'CALCULATED') return of(id);
    const known = verdicts.get(id);
    if (known !== undefined) return known;
    if (underWay.has(id)) return before.get(id) ?? true;
    underWay.add(id);
    const healthy = check.isDisabled ? 0 : check.children.filter((child) => ofAny(child) === true).length;
    underWay.delete(id);
    const verdict = verdictOf(check, healthy >= check.healthyChildrenMin);
    verdicts.set(id, verdict);
    return verdict;
  };
  for (const { type, id } of checks.values()) if (type === 'CALCULATED') ofAny(id);
  return verdicts;
}
