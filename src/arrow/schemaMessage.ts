/** Bytes put in front of a footer: the offset of a table, the table's own description, the table. */
const FRONT = 32;
const TABLE = 16;
const DESCRIPTION = 4;
const SCHEMA_HEADER = 1;

/**
 * A message's header that holds the schema of a file's footer.
 *
 * Both are FlatBuffers, and in those tables refer to others by distances: so a table of a message is put in front, which refers
 * to the schema where it is. Of the footer's table, field 0 is the format's version and field 1 the schema; of a message's,
 * 0 is the version, 1 the kind of header and 2 the header.
 *
 * @param footer - its bytes without the length and mark behind them
 * @returns a copy
 * @throws RangeError for distances that lead out of the footer
 * @see https://github.com/apache/arrow/blob/main/format/File.fbs and https://flatbuffers.dev/internals
 */
export function schemaMessage(footer: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRONT + footer.byteLength);
  bytes.set(footer, FRONT);
  const view = new DataView(bytes.buffer);

  const table = FRONT + view.getUint32(FRONT, true);
  const description = table - view.getInt32(table, true);
  const versionAt = view.getUint16(description + 4, true); // 0: left out, as for the first version
  const schemaAt = view.getUint16(description + 6, true);
  const version = versionAt === 0 ? 0 : view.getInt16(table + versionAt, true);
  const schema = table + schemaAt + view.getUint32(table + schemaAt, true);

  view.setUint32(0, TABLE, true);
  const sizes = [10, 12]; // of the description and of the table, in bytes
  const [versionField, kindField, headerField] = [8, 10, 4]; // places in the table
  for (const [i, size] of [...sizes, versionField, kindField, headerField].entries()) {
    view.setUint16(DESCRIPTION + 2 * i, size, true);
  }
  view.setInt32(TABLE, TABLE - DESCRIPTION, true);
  view.setUint32(TABLE + headerField, schema - (TABLE + headerField), true);
  view.setInt16(TABLE + versionField, version, true);
  view.setUint8(TABLE + kindField, SCHEMA_HEADER);
  return bytes;
}
