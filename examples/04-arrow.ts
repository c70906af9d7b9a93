// Apache Arrow batches in, Arrow batches out: columns smoothed, nulls kept, everything else untouched.
import { Float64, Int32, RecordBatch, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { from, map, toArray } from 'rxjs';
import { biasCorrected, emaScan } from 'rx-ema';
import { toFloat64 } from 'rx-ema/arrow';

// Two batches of one stream; a price is missing, and volume is an integer column.
const batch = (price: (number | null)[], volume: number[], venue: string[]): RecordBatch =>
  new Table({
    price: vectorFromArray(price, new Float64()),
    volume: vectorFromArray(volume, new Int32()),
    venue: vectorFromArray(venue, new Utf8()),
  }).batches[0]!;

const show = (x: unknown): string => (typeof x === 'number' ? x.toFixed(2) : String(x)).padStart(10);

const batches$ = from([
  batch([101.2, 101.9, null, 101.4], [300, 120, 0, 500], ['XETR', 'XETR', 'XPAR', 'XPAR']),
  batch([102.8, 102.1, 103.0, 102.6], [250, 80, 410, 90], ['XETR', 'XPAR', 'XPAR', 'XETR']),
]);

batches$
  .pipe(
    toFloat64('volume'), // integers are not smoothed unasked
    emaScan<RecordBatch>({ span: 4, columns: ['price', 'volume'], as: (name) => `${name}_ema` }),
    biasCorrected(),
    toArray(),
    map((batches) => new Table(batches)),
  )
  .subscribe((table) => {
    console.log(String(table.schema));
    console.log(table.schema.names.map((name) => show(name)).join(' '));
    for (const row of table) console.log(table.schema.names.map((name) => show(row[name])).join(' '));
  });
console.log('The state went on from batch to batch, and the missing price is null in both columns.');
