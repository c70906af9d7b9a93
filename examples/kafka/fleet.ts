import { random } from '../train/random.js';

/** A sensor: what it reads lies around a level of its own that moves slowly, with noise of its own and sometimes a spike. */
export interface Sensor {
  readonly key: string;
  /** °C at a time, which is ms since 1970. */
  read(atMs: number): number;
}

/** Share of readings that are spikes, and how many °C they are off at most. */
const SPIKES = 0.01;
const SPIKE = 15;

/** Sensors that differ. The same for the same seed. */
export function fleetOf(count: number, seed = 1): Sensor[] {
  const next = random(seed);
  return Array.from({ length: count }, (_, i) => sensor(`sensor-${String(i).padStart(6, '0')}`, next));
}

function sensor(key: string, next: () => number): Sensor {
  const level = 5 + 25 * next();
  const swing = 1 + 3 * next();
  const periodMs = 60_000 * (1 + 4 * next());
  const phase = next();
  const noise = 0.2 + 0.8 * next();
  return {
    key,
    read(atMs) {
      const drift = swing * Math.sin(2 * Math.PI * (atMs / periodMs + phase));
      const bell = 2 * (next() + next() + next() - 1.5); // nearly: mean 0, standard deviation 1
      const spike = next() < SPIKES ? SPIKE * (2 * next() - 1) : 0;
      return Number((level + drift + noise * bell + spike).toFixed(2));
    },
  };
}
