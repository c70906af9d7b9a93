import * as fc from 'fast-check';
import { Ema, EwmState } from 'rx-ema';
import { jsonRecords } from 'rx-ema/kafka';
import { describe, expect, it } from 'vitest';
import { holds } from '../../../holds.js';
import { refusal } from '../../../refusal.js';

type Fields = Record<string, unknown>;

/** What a text becomes, by what is made of the record in it. */
function through(text: string, smooth: (record: Fields) => Fields | number, codec = jsonRecords()): string {
  const value = Buffer.from(text);
  return Buffer.from(codec.encode(smooth(codec.decode(value)), value)).toString();
}
const withFields = (more: Fields) => (record: Fields) => ({ ...record, ...more });

/** In place. */
const toCelsius = (record: Fields): Fields => Object.assign(record, { t: (Number(record['t']) - 32) / 1.8 });

/** A record with another number for each of its own. */
const renumbered = (record: Fields, x: number): Fields =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, typeof value === 'number' ? x : value]));

describe('records in JSON', () => {
  it('go out with the numbers of their averages in the place of their own', () => {
    const ema = new Ema<Fields>({ alpha: 0.5, start: 'first', columns: ['celsius'] });
    const texts = ['{"at":1,"celsius":20,"site":"é"}', '{"at":2,"celsius":21,"site":"é"}', '{"celsius":null}'];
    const codec = jsonRecords();
    expect(texts.map((text) => through(text, (record) => ema.update(record), codec))).toEqual([
      texts[0],
      '{"at":2,"celsius":20.5,"site":"é"}',
      '{"celsius":null}',
    ]);
  });

  it('go out with what is appended behind their own fields', () => {
    const ema = new Ema<Fields>({ alpha: 0.5, start: 'first', columns: ['x'], as: (name) => `${name} "é"` });
    const codec = jsonRecords();
    const smooth = (text: string): string => through(text, (record) => ema.update(record), codec);
    expect(smooth('{ "x" : 4 }\n')).toBe('{ "x" : 4,"x \\"é\\"":4 }\n');
    expect(smooth('{"x":2,"2":3}')).toBe('{"x":2,"2":3,"x \\"é\\"":3}');
    expect(smooth('{"x":null}')).toBe('{"x":null,"x \\"é\\"":null}');
    const bands = new EwmState<Fields>({ alpha: 0.5, columns: ['x'] }, { stat: 'bands' });
    expect(through('{"x":2}', (record) => bands.update(record))).toBe(
      '{"x":2,"x_mean":2,"x_std":null,"x_upper":null,"x_lower":null}',
    );
    expect(through('{ }', withFields({ n: 1, none: undefined, text: 'é', list: [1] }))).toBe(
      '{ "n":1,"text":"é","list":[1]}',
    );
  });

  it('keep to the letter what is not smoothed: long ids, other spellings, blanks, what is nested', () => {
    const text =
      '\t{"id": 9007199254740993, "raw":1.50e+2 , "x" :7.000,"big":1e999,\r\n"tag":"a\\u00e9\\"}",' +
      '"nested":{"x":1, "l":[{"}":"]"},2]},"no":-0,"yes":true} ';
    expect(through(text, (record) => record)).toBe(text);
    expect(through(text, withFields({ x: 0.1 }))).toBe(text.replace('7.000', '0.1'));
  });

  it('have null for NaN and the infinities', () => {
    const numbers = { a: NaN, b: Infinity, c: -Infinity, d: NaN };
    expect(through('{"a":1,"b":2}', withFields(numbers))).toBe('{"a":null,"b":null,"c":null,"d":null}');
    const notYet = new Ema<Fields>({ alpha: 0.5, start: { sma: 2 } });
    expect(through('{"x":1}', (record) => notYet.update(record))).toBe('{"x":null}');
  });

  it('have a carried number where null stood, or nothing', () => {
    const ema = new Ema<Fields>({ alpha: 0.5, missing: 'carry', columns: ['x'] });
    const codec = jsonRecords();
    const texts = ['{"x":3}', '{"x":null}', '{"y":"-"}'];
    expect(texts.map((text) => through(text, (record) => ema.update(record), codec))).toEqual([
      '{"x":3}',
      '{"x":3}',
      '{"y":"-","x":3}',
    ]);
  });

  it('that come to a number go out as one', () => {
    const cov = new EwmState<Fields>({ alpha: 0.5 }, { stat: 'cov', x: 'x', y: 'y', bias: true });
    const codec = jsonRecords();
    const texts = ['{"x":1,"y":2}', '{"x":3,"y":8}'];
    const [first, second] = texts.map((text) => through(text, (record) => cov.update(record), codec));
    expect(first).toBe('0');
    expect(Number(second)).toBeCloseTo(8 / 3, 12);
    expect(through('{}', () => NaN)).toBe('null');
  });

  it('are what they were where nothing has changed, and else JSON of the same fields with other numbers', () => {
    const fields = fc.dictionary(
      fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('__proto__', 'toString', '7', '"', '\\', 'é😀')),
      fc.oneof({ weight: 2, arbitrary: fc.double() }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) }),
      { maxKeys: 6 },
    );
    const codec = jsonRecords();
    holds(
      fc.property(fields, fc.constantFrom('', ' ', '\n\t'), fc.double(), (record, blank, x) => {
        const text = JSON.stringify(record, null, blank);
        expect(through(text, (same) => ({ ...same }), codec)).toBe(text);
        const changed = { ...renumbered(JSON.parse(text) as Fields, x), appended: x };
        expect(JSON.parse(through(text, () => changed, codec))).toEqual(JSON.parse(JSON.stringify(changed)));
      }),
      2000,
    );
  });

  it('of other fields from message to message are told apart, of any length', () => {
    const codec = jsonRecords();
    const long = JSON.stringify('"é\\'.repeat(3000));
    const texts = ['{"a":1,"b":2}', '{"ab":1}', '{"b":2,"a":1,"c":3}', `{${long}:1,"a":${long},"b":1}`, '{"a":1}'];
    for (const text of texts) {
      const changed = renumbered(JSON.parse(text) as Fields, 0.5);
      expect(JSON.parse(through(text, () => changed, codec))).toEqual(changed);
    }
  });

  it('are memory of their own, and keep nothing of the message’s', () => {
    const codec = jsonRecords();
    const value = Buffer.from('{"x":1,"tag":"abc"}');
    const record = codec.decode(value);
    const out = codec.encode({ ...record, x: 2 }, value);
    codec.encode({ x: 5 }, Buffer.from('{"x":3,"tag":"xyz"}'));
    value.fill(0);
    expect([Buffer.from(out).toString(), record]).toEqual(['{"x":2,"tag":"abc"}', { x: 1, tag: 'abc' }]);
  });

  it('may be changed in place by whoever decodes them, or be encoded without that', () => {
    expect(through('{"t":212,"id":7}', toCelsius)).toBe('{"t":100,"id":7}');
    const codec = jsonRecords();
    codec.decode(Buffer.from('{"t":1}'));
    expect(Buffer.from(codec.encode({ t: 1, u: 3 }, Buffer.from('{"t":2,"u":3.0}'))).toString()).toBe(
      '{"t":1,"u":3.0}',
    );
  });

  it('may have a field __proto__, which is one like others', () => {
    const ema = new Ema<Fields>({ alpha: 0.5, start: 'first' });
    const codec = jsonRecords();
    const smooth = (text: string): string => through(text, (record) => ema.update(record), codec);
    expect(smooth('{"__proto__":2,"x":2}')).toBe('{"__proto__":2,"x":2}');
    expect(smooth('{"__proto__":4,"x":4}')).toBe('{"__proto__":3,"x":3}');
    const text = '{"__proto__":{"isAdmin":true},"x":1}';
    const record = codec.decode(Buffer.from(text));
    expect([({} as Fields)['isAdmin'], record['isAdmin'], Object.keys(record)]).toEqual([
      undefined,
      undefined,
      ['__proto__', 'x'],
    ]);
    expect(through(text, withFields({ x: 5 }), codec)).toBe('{"__proto__":{"isAdmin":true},"x":5}');
  });
});

describe('what is no record in JSON is refused, and the message says what came:', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'nothing'],
    ['text', 'hello', "'hello' at character 1"],
    ['a list', '[{"x":1}]', 'an array'],
    ['a number', '7', '7'],
    ['null', 'null', 'null'],
    ['a string, however long', JSON.stringify('x'.repeat(1e6)), `'${'x'.repeat(39)}`],
    ['half a record', '{"x":1', 'the end of the line at character 7'],
    ['a comma too many', '{"x":1,}', "'}' at character 8"],
    ['two records', '{"x":1}{"x":2}', "'{' at character 8"],
    ['NaN', '{"x":NaN}', 'NaN or Infinity, where null belongs'],
    ['a byte order mark', '\ufeff{"x":1}', "'\ufeff' at character 1"],
    ['Latin-1', Buffer.from('{"x":"é"}', 'latin1'), 'bytes that are no UTF-8'],
    ['UTF-16', Buffer.from('{"x":1}', 'utf16le'), 'UTF-16 or no text (a zero byte)'],
  ])('%s', (_, value, got) => {
    expect(refusal(() => jsonRecords().decode(Buffer.from(value)))).toEqual({
      code: 'VALUE_KIND',
      message: `the value of a message must be a record in JSON, got ${got}`,
    });
  });
});
