// Writes a Parquet file of one row group, or reads it, and prints how much memory the process has ever had.
import { readFileSync, writeFileSync } from 'node:fs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { fromParquet } from 'rx-ema/sources';
import { lastValueFrom, reduce } from 'rxjs';

const [path, mode, rows] = process.argv.slice(2) as [string, 'write' | 'read', string];

if (mode === 'write') {
  const column = (name: string, value: (row: number) => number) => {
    const data = Array.from({ length: Number(rows) }, (_, row) => (row % 1000 === 0 ? null : value(row)));
    return { name, data, type: 'DOUBLE', encoding: 'PLAIN' } as const;
  };
  const columnData = [column('loss', (row) => Math.sin(row)), column('accuracy', (row) => Math.cos(row))];
  writeFileSync(path, Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: Number(rows) })));
} else {
  const read$ = fromParquet(path).pipe(reduce((sum, { numRows }) => sum + numRows, 0));
  const peak = /VmHWM:\s+(\d+)/;
  const read = await lastValueFrom(read$);
  console.log(
    JSON.stringify({ rows: read, peak: 1024 * Number(peak.exec(readFileSync('/proc/self/status', 'utf8'))![1]) }),
  );
}
