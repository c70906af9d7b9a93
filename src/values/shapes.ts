import type { SafetensorsArray } from '../state/safetensorsDtypes.js';
import { isTensor, type Tensor } from './tensorOps.js';

/** Elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The shape of a tensor, or the one that an array was given; else its length. */
export function shapeOf(weight: Tensor | SafetensorsArray): readonly number[] {
  if (isTensor(weight)) return [...weight.shape];
  const { shape } = weight as { readonly shape?: unknown };
  return Array.isArray(shape) ? [...(shape as number[])] : [weight.length];
}

/** The same weight: an array says its shape from now on, where that is more than its length. */
export function shaped<W extends Tensor | SafetensorsArray>(weight: W, shape: readonly number[]): W {
  if (isTensor(weight) || shape.length === 1) return weight;
  return Object.defineProperty(weight, 'shape', { value: [...shape], configurable: true }); // not enumerable: no element
}
