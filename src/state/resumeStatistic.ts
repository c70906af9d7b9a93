import type { Plan } from '../options.js';
import { batchAppender, type Appendix } from '../values/appended.js';
import { bandAppendix, numberBandSmoother, recordBandSmoother } from '../values/bands.js';
import { pairAppendix, recordPairSmoother, type Pair } from '../values/pairs.js';
import { freshTables } from '../values/record.js';
import { tableOf } from '../values/slots.js';
import type { ArrowBatch } from '../values/arrowData.js';
import type { Smoother, State } from '../values/smoother.js';
import { batchSeriesOf, seriesOf, type Resumers } from './resume.js';
import { savedJson } from './saved.js';

type Names = readonly string[];

/** How a covariance or correlation goes on. */
export function pairResumers(pair: Pair): Resumers {
  return {
    'pairs of fields': (saved, plan) => recordPairSmoother(plan, pair, seriesOf(saved, plan, [tableOf(plan)])),
    'pairs of columns': (saved, plan) => resumeAppender(saved, plan, pairAppendix(plan, pair)),
  };
}

/** How bands go on. */
export function bandResumers(width: number): Resumers {
  return {
    'bands of numbers': (saved, plan) => numberBandSmoother(plan, width, seriesOf(saved, plan, [tableOf(plan)])),
    'bands of records'(saved, plan) {
      const names = savedJson<Names>(saved, 'columns');
      return recordBandSmoother(plan, width, names, seriesOf(saved, plan, freshTables(plan, names)));
    },
    'bands of batches': (saved, plan) => resumeAppender(saved, plan, bandAppendix(plan, width)),
  };
}

function resumeAppender(saved: State, plan: Plan, appendix: Appendix): Smoother<ArrowBatch> {
  const columns = savedJson<Names>(saved, 'columns');
  const firsts = columns.filter((_, i) => i % appendix.perRun === 0);
  const series = batchSeriesOf(saved, plan, firsts);
  return batchAppender(plan, appendix, columns, series, String(saved.scalars['roles']));
}
