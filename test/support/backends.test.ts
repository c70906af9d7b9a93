import { expect, it } from 'vitest';
import { BACKENDS, tf, withBackends } from './backends.js';

withBackends(BACKENDS, 'withBackends', (backend) => {
  it('computes on the backend it names', () => {
    expect(tf.getBackend()).toBe(backend);
    const sum = tf.tidy(() => Array.from(tf.add(tf.tensor1d([1, 2]), 1).dataSync()));
    expect(sum).toEqual([2, 3]);
  });
});
