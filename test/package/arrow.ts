// A program of someone who has apache-arrow beside it.
import { Float64, makeData, makeVector, RecordBatch, tableFromArrays, tableToIPC } from 'apache-arrow';
import { from, lastValueFrom } from 'rxjs';
import { biasCorrected, emaScan } from 'rx-ema';
import { readArrow, writeArrow } from 'rx-ema/arrow';
import { fromArrow } from 'rx-ema/sources';

const table = tableFromArrays({ price: Float64Array.of(4, 4, 4) });
const [batch] = table.batches;
if (batch === undefined) throw new Error('no batch');
const options = { decay: 0.5, as: (name: string) => `${name}_ema` };
const smoothed: RecordBatch = await lastValueFrom(from<RecordBatch[]>([batch]).pipe(emaScan<RecordBatch>(options)));
console.log(smoothed.schema.names.join(' '), smoothed.getChild('price_ema')?.toArray().join(' '));

const corrected = await lastValueFrom(from<RecordBatch[]>([batch]).pipe(emaScan({ decay: 0.5 }), biasCorrected()));
console.log(corrected.schema.names.join(' '), corrected.getChild('price')?.toArray().join(' '));
console.log(typeof writeArrow, makeVector(makeData({ type: new Float64(), data: Float64Array.of(1) })).length);

const back = await lastValueFrom(readArrow(tableToIPC(table)));
console.log('read', back.numRows, back.schema.names.join(' '));

const followed = lastValueFrom<RecordBatch>(fromArrow('price.arrows', { follow: true }));
await lastValueFrom(from([batch]).pipe(writeArrow('price.arrows')));
console.log('followed', (await followed).numRows);
