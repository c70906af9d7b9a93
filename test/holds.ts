import * as fc from 'fast-check';
import { expect } from 'vitest';

/**
 * Expects a property to hold. The seed is fixed, so that a run can be repeated; `SEED=3 npx vitest run …` tries others.
 */
export function holds<Ts extends unknown[]>(property: fc.IProperty<Ts>, numRuns = 200): void {
  const found = fc.check(property, {
    numRuns,
    seed: Number(process.env['SEED'] ?? 1),
    includeErrorInReport: true,
  });
  expect(found.failed ? fc.defaultReportMessage(found) : 'holds').toBe('holds');
}
