/** `keiro coverage`: which AWS operations are done. */
import { Complaint } from '#cli/complaint.ts';
import { print } from '#cli/print.ts';
import { coverageMarkdown, readCoverage } from '#server/coverage.ts';

export async function coverage(
  service: string | undefined,
  options: { readonly json?: boolean; readonly markdown?: boolean },
): Promise<void> {
  const all = await readCoverage();
  const chosen = service === undefined ? all : all.filter((one) => one.service === service);
  if (chosen.length === 0) throw new Complaint(`there is no service '${service}'; there are ${all.map((one) => one.service).join(', ')}.`);
  print(options.json, chosen, () => {
    if (options.markdown) return coverageMarkdown(chosen).trimEnd();
    return chosen
      .map((one) => {
        const counts = `${one.service}: ${one.done.length} of ${one.done.length + one.missing.length} operations`;
        return service === undefined
          ? counts
          : [counts, ...one.done.map((name) => `  ${name}`), ...one.missing.map((name) => `  ${name}  (501)`)].join('\n');
      })
      .join('\n');
  });
}
