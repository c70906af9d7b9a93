import { isUtf8 } from 'node:buffer';

import type { Headers } from './port.js';

/** True of a header's value that node-rdkafka writes as it is: text in UTF-8 without zero bytes. It changes any other. */
const isWritable = (value: Buffer | string): boolean =>
  typeof value === 'string' ? !value.includes('\0') : isUtf8(value) && !value.includes(0);

/** The name of the first header that would be changed as it is written; undefined if none is. */
export function unwritableHeader(headers: Headers): string | undefined {
  for (const header of headers) {
    for (const name in header) if (!isWritable(header[name]!)) return name;
  }
  return undefined;
}

/** The same headers; what would be changed is in base64, under its name and `;base64`. */
export function writableHeaders(headers: Headers): Headers {
  return headers.map((header) =>
    Object.fromEntries(
      Object.entries(header).map(([name, value]) =>
        isWritable(value) ? [name, value] : [`${name};base64`, Buffer.from(value).toString('base64')],
      ),
    ),
  );
}
