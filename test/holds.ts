import * as fc from 'fast-check';
import { expect } from 'vitest';

/**
 * Expects a property to hold. The seed is fixed, so that a run can be repeated; `SEED=3 npx vitest run …` tries others.
 */
export function holds<Ts extends unknown[]>(property: fc.IProperty<Ts>, numRuns = 200): void {
  expectNone(fc.check(property, parameters(numRuns)));
}

/** The same of a property that takes its time. */
export async function holdsInTime<Ts extends unknown[]>(property: fc.IAsyncProperty<Ts>, numRuns = 200): Promise<void> {
  expectNone(await fc.check(property, parameters(numRuns)));
}

function parameters(numRuns: number) {
  return { numRuns, seed: Number(process.env['SEED'] ?? 1), includeErrorInReport: true };
}

function expectNone<Ts>(found: fc.RunDetails<Ts>): void {
  expect(found.failed ? fc.defaultReportMessage(found) : 'holds').toBe('holds');
}
