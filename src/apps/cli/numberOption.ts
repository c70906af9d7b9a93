import { InvalidArgumentError } from 'commander';

/** What an option says as a number. Its range is for those to check who know it. */
export function numberOption(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isNaN(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}
