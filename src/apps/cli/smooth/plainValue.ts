import { DataType, TimeUnit, type Timestamp, type Vector } from 'apache-arrow';

/** What text can hold. */
export type PlainValue = number | bigint | boolean | string | object | null;

/** A value of a column for text: times as ISO 8601 to their last digit, decimals by their digits. */
export function plainValue(column: Vector, row: number): PlainValue {
  const type = column.type as DataType;
  const value = column.get(row) as PlainValue | undefined;
  if (value === null || value === undefined) return null;
  if (DataType.isTimestamp(type)) return timeText(column as Vector<Timestamp>, row);
  if (DataType.isDate(type)) return new Date(Number(value)).toISOString().slice(0, DATE_LENGTH);
  if (DataType.isDecimal(type)) return decimalText(BigInt((value as Uint32Array).toString()), type.scale);
  return value;
}

const DATE_LENGTH = 10;
const PER_SECOND: Readonly<Record<TimeUnit, bigint>> = {
  [TimeUnit.SECOND]: 1n,
  [TimeUnit.MILLISECOND]: 1_000n,
  [TimeUnit.MICROSECOND]: 1_000_000n,
  [TimeUnit.NANOSECOND]: 1_000_000_000n,
};

function timeText(column: Vector<Timestamp>, row: number): string {
  const { unit, timezone } = column.type;
  const data = column.data[0]!;
  const stamp = data.values[row]!;
  const perSecond = PER_SECOND[unit];
  const rest = ((stamp % perSecond) + perSecond) % perSecond;
  const seconds = new Date(Number((stamp - rest) / perSecond) * 1000)
    .toISOString()
    .slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
  const fraction = perSecond === 1n ? '' : `.${String(rest).padStart(String(perSecond).length - 1, '0')}`;
  return seconds + fraction + (timezone == null ? '' : 'Z');
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
