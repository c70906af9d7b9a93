/** What a worker says of itself. */
export interface Health {
  /** Messages per second. */
  readonly rate: number;
  /** Messages that it has not read yet. */
  readonly lag: number;
  /** In memory. */
  readonly keys: number;
  readonly partitions: number;
}

const ANSWER_MS = 500;

/** Asks a worker's `/metrics`, as Prometheus does; null if it does not answer. */
export async function healthOf(port: number): Promise<Health | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const text = await response.text();
    const sum = (name: string): number => sumOf(text, `rx_ema_${name}`);
    return { rate: sum('rate'), lag: sum('lag'), keys: sum('keys'), partitions: sum('partitions') };
  } catch {
    return null;
  }
}

/** Lines are `name{labels} value`. */
function sumOf(text: string, name: string): number {
  const values = [...text.matchAll(/^(?<name>\w+)(?:\{.*\})? (?<value>\S+)/gm)]
    .filter(({ groups }) => groups!['name'] === name)
    .map(({ groups }) => Number(groups!['value']));
  return values.reduce((sum, value) => sum + value, 0);
}
