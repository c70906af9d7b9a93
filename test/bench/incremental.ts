import increwmean from '@stdlib/stats-incr-ewmean';
import { Ema } from 'rx-ema';
import { EMA as Indicator } from 'technicalindicators';
import { EMA as Signal } from 'trading-signals';
import { curve, type Contest, type Size } from './harness.js';

const SPAN = 20;
const ALPHA = 2 / (SPAN + 1);

/** `Ema.update` in a loop, against packages that smooth one number at a time. All forget their different starts. */
export function incremental({ smoke }: Size): Contest[] {
  const values = curve(smoke ? 2_000 : 100_000, 3);
  const ours = (): number => {
    const ema = new Ema({ span: SPAN });
    let last = 0;
    for (let i = 0; i < values.length; i++) last = ema.update(values[i]!);
    return last;
  };
  const contest = (peerName: string, peer: () => number): Contest => ({
    name: 'Ema.update',
    unit: 'value',
    count: values.length,
    peerName,
    ours,
    peer,
    tolerance: 1e-12,
  });
  return [
    contest('@stdlib increwmean', () => {
      const next = increwmean(ALPHA);
      let last = 0;
      for (let i = 0; i < values.length; i++) last = next(values[i]) ?? last;
      return last;
    }),
    contest('trading-signals EMA', () => {
      const ema = new Signal(SPAN);
      let last = 0;
      for (let i = 0; i < values.length; i++) last = ema.update(values[i]!, false);
      return last;
    }),
    contest('technicalindicators EMA', () => {
      const ema = new Indicator({ period: SPAN, values: [] });
      let last = 0;
      for (let i = 0; i < values.length; i++) last = ema.nextValue(values[i]!) ?? last;
      return last;
    }),
  ];
}
