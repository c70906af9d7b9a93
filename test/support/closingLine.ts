import { writeSync } from 'node:fs';
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

/** What a run came to. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The one line a machine reads, last of all. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * Ends the output with {@link closingLine}, and lists above it what was skipped, with the reason that was given.
 * A file or suite that could not be collected and an error outside any test count as failures too. The line is
 * written when the process ends, so that nothing comes after it.
 */
export class ClosingLine implements Reporter {
  private readonly counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  private skips: string[] = [];

  onInit(): void {
    process.once('exit', (code) => {
      // vitest can fail without a failed test: nothing found to run, a threshold missed
      if (code !== 0 && this.counts.failed === 0) this.counts.failed = 1;
      const skips = this.skips.length === 0 ? '' : `Skipped:\n${this.skips.join('\n')}\n\n`;
      writeSync(1, `${skips}${closingLine(this.counts)}\n`);
    });
  }

  onTestRunStart(): void {
    Object.assign(this.counts, { passed: 0, failed: 0, skipped: 0 });
    this.skips = [];
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    this.counts.failed += unhandled.length;
    for (const module of modules) {
      this.counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) this.addSuite(suite);
      for (const test of module.children.allTests()) this.addTest(test);
    }
  }

  private addSuite(suite: TestSuite): void {
    this.counts.failed += suite.errors().length;
  }

  private addTest(test: TestCase): void {
    const result = test.result();
    if (result.state === 'passed') this.counts.passed++;
    else if (result.state === 'skipped') {
      this.counts.skipped++;
      const reason = result.note ?? (test.options.mode === 'run' ? 'not reached' : `marked ${test.options.mode}`);
      this.skips.push(`  ${test.module.relativeModuleId} > ${test.fullName}: ${reason}`);
    } else this.counts.failed++; // a test that never ended is no success
  }
}
