import protobuf from 'protobufjs';
import { crc32c } from '../../src/state/crc32c.js';

/** What TensorFlow's event.proto, summary.proto and tensor.proto say, as far as scalars and what stands beside them need it. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message SummaryMetadata {
    message PluginData { string plugin_name = 1; bytes content = 2; }
    PluginData plugin_data = 1;
    string display_name = 2;
    string summary_description = 3;
    int32 data_class = 4;
  }
  message TensorShapeProto {
    message Dim { int64 size = 1; string name = 2; }
    repeated Dim dim = 2;
    bool unknown_rank = 3;
  }
  message TensorProto {
    int32 dtype = 1;
    TensorShapeProto tensor_shape = 2;
    int32 version_number = 3;
    bytes tensor_content = 4;
    repeated float float_val = 5;
    repeated double double_val = 6;
    repeated int32 int_val = 7;
    repeated bytes string_val = 8;
    repeated int64 int64_val = 10;
    repeated int32 half_val = 13;
  }
  message HistogramProto { double min = 1; double max = 2; repeated double bucket = 7; }
  message Summary {
    message Value {
      string node_name = 7;
      string tag = 1;
      oneof value { float simple_value = 2; HistogramProto histo = 5; TensorProto tensor = 8; }
      SummaryMetadata metadata = 9;
    }
    repeated Value value = 1;
  }
  message SessionLog { int32 status = 1; }
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; bytes graph_def = 4; Summary summary = 5; SessionLog session_log = 7; }
  }
`);
const Event = root.lookupType('Event');

/** An event as protobufjs takes and gives it. */
export interface EventMessage {
  readonly wallTime?: number;
  readonly step?: number | string;
  readonly fileVersion?: string;
  readonly summary?: { readonly value: readonly ValueMessage[] };
  readonly sessionLog?: { readonly status: number };
}

/** A value in an event's summary. */
export interface ValueMessage {
  readonly tag: string;
  readonly simpleValue?: number;
  readonly tensor?: Readonly<Record<string, unknown>>;
  readonly metadata?: { readonly pluginData: { readonly pluginName: string } };
}

/** An event in protobuf's wire format, by protobufjs. */
export function encodeEvent(event: EventMessage): Uint8Array {
  return Event.encode(Event.fromObject(event)).finish();
}

/** What protobufjs makes of an event; integers of 64 bits are strings. */
export function decodeEvent(bytes: Uint8Array): EventMessage {
  return Event.toObject(Event.decode(bytes), { longs: String });
}

/** A record of a TFRecord file. */
export function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(bytes, 0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return bytes;
}

/** The data of the records of a sound TFRecord file. */
export function dataIn(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found: Uint8Array[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(view.getBigUint64(at, true));
    found.push(file.subarray(at + 12, at + 12 + length));
    at += length + 16;
  }
  return found;
}

/** A file of one event for each scalar, behind the one that every file begins with. */
export function eventFile(scalars: readonly (readonly [tag: string, step: number, value: number])[]): Uint8Array {
  const first = encodeEvent({ wallTime: 1.5, fileVersion: 'brain.Event:2' });
  return Buffer.concat([first, ...scalars.map(([tag, step, value]) => scalarEvent(tag, step, value))].map(record));
}

/** An event with one scalar, as PyTorch writes it. */
export function scalarEvent(tag: string, step: number, value: number): Uint8Array {
  return encodeEvent({ wallTime: 1700000000 + step, step, summary: { value: [{ tag, simpleValue: value }] } });
}

const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
