import type { DataType } from 'apache-arrow';

/** A type as errors have it. */
export function typeText(type: { toString(): string } & Pick<DataType, 'typeId'>): string {
  return type.toString();
}
