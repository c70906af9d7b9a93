import { Ema, ModelEma, biasCorrected, emaScan, ewm, modelEma, rampDecay, type Ewm } from 'rx-ema';
import { NEVER, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { refusal } from './refusal.js';

type Options = Record<string, unknown>;

const EMA = 'decay, alpha, span, com, halfLife, tau, halfLifeMs, tauMs';
const MODEL = 'decay, alpha, halfLife, tau';

/** Options, and what is said about them when the pipe is built. */
type Row = [options: unknown, code: string, message: string];

const decayRanges: Row[] = [
  ...[-0.1, 1, 1.2, NaN, Infinity].map((decay): Row => [
    { decay },
    'DECAY_RANGE',
    `decay must be in [0, 1), or a schedule, got ${decay}`,
  ]),
  ...[0, -1, 1.1, NaN].map((alpha): Row => [
    { alpha },
    'DECAY_RANGE',
    `alpha must be in (0, 1], or a schedule, got ${alpha}`,
  ]),
  ...[0.9, 0, NaN, Infinity].map((span): Row => [
    { span },
    'DECAY_RANGE',
    `span must be >= 1 step and finite, got ${span}`,
  ]),
  ...[-0.1, NaN, Infinity].map((com): Row => [{ com }, 'DECAY_RANGE', `com must be >= 0 steps and finite, got ${com}`]),
  ...[0, -1, NaN, Infinity].map((halfLife): Row => [
    { halfLife },
    'DECAY_RANGE',
    `halfLife must be > 0 steps and finite, got ${halfLife}`,
  ]),
  ...[0, -1, NaN, Infinity].map((tau): Row => [{ tau }, 'DECAY_RANGE', `tau must be > 0 steps and finite, got ${tau}`]),
  [{ decay: '0.9' }, 'DECAY_RANGE', "decay must be in [0, 1), or a schedule, got '0.9'"],
  [{ decay: null }, 'DECAY_RANGE', 'decay must be in [0, 1), or a schedule, got null'],
  [{ alpha: 2n }, 'DECAY_RANGE', 'alpha must be in (0, 1], or a schedule, got 2n'],
  [{ span: () => 3 }, 'DECAY_RANGE', 'span must be >= 1 step and finite, got a function'],
  [{ com: [1] }, 'DECAY_RANGE', 'com must be >= 0 steps and finite, got [1]'],
];

const choices: Row[] = [
  [0.9, 'DECAY_CHOICE', 'options must be like { decay: 0.98 }, got 0.9'],
  [undefined, 'DECAY_CHOICE', 'options must be like { decay: 0.98 }, got undefined'],
  [null, 'DECAY_CHOICE', 'options must be like { decay: 0.98 }, got null'],
  [{}, 'DECAY_CHOICE', `options must have exactly one of ${EMA}, got none`],
  [{ decay: undefined }, 'DECAY_CHOICE', `options must have exactly one of ${EMA}, got none`],
  [{ decay: 0.9, span: 3 }, 'DECAY_CHOICE', `options must have exactly one of ${EMA}, got decay and span`],
  [
    { alpha: 0.9, com: 3, tau: 1 },
    'DECAY_CHOICE',
    `options must have exactly one of ${EMA}, got alpha and com and tau`,
  ],
];

const others: Row[] = [
  [{ decay: 0.9, start: 'last' }, 'OPTION_VALUE', "start must be 'zero', 'first', { sma: n } or { value }, got 'last'"],
  [{ decay: 0.9, start: null }, 'OPTION_VALUE', "start must be 'zero', 'first', { sma: n } or { value }, got null"],
  [
    { decay: 0.9, start: { sma: 2, value: 1 } },
    'OPTION_VALUE',
    "start must be 'zero', 'first', { sma: n } or { value }, got { sma, value }",
  ],
  ...[0, 1.5, -1, NaN, Infinity, '3'].map((sma): Row => [
    { decay: 0.9, start: { sma } },
    'OPTION_VALUE',
    `start.sma must be an integer >= 1, got ${typeof sma === 'string' ? `'${sma}'` : sma}`,
  ]),
  ...[NaN, Infinity, null, undefined].map((value): Row => [
    { decay: 0.9, start: { value } },
    'OPTION_VALUE',
    `start.value must be finite, got ${value}`,
  ]),
  [
    { decay: 0.9, missing: 'drop' },
    'OPTION_VALUE',
    "missing must be one of 'skip', 'carry', 'throw', 'propagate', got 'drop'",
  ],
  [
    { decay: 0.9, missing: null },
    'OPTION_VALUE',
    "missing must be one of 'skip', 'carry', 'throw', 'propagate', got null",
  ],
  [{ decay: 0.9, emit: 'view' }, 'OPTION_VALUE', "emit must be one of 'live', 'copy', got 'view'"],
  [{ decay: 0.9, ages: 1 }, 'OPTION_VALUE', 'ages must be one of true, false, got 1'],
  ...[[], ['a', 'a'], [1], 'a', null].map((columns): Row => [
    { decay: 0.9, columns },
    'OPTION_VALUE',
    `columns must be a list of different names, got ${JSON.stringify(columns).replaceAll('"', "'").replaceAll(',', ', ')}`,
  ]),
  [{ decay: 0.9, as: 'b' }, 'OPTION_VALUE', "as must be a function, got 'b'"],
  ...[0, -1, NaN, Infinity].map((halfLifeMs): Row => [
    { halfLifeMs },
    'DECAY_RANGE',
    `halfLifeMs must be > 0 ms and finite, got ${halfLifeMs}`,
  ]),
  [{ tauMs: () => 3 }, 'DECAY_RANGE', 'tauMs must be > 0 ms and finite, got a function'],
  [{ decay: 0.9, time: 'at' }, 'OPTION_VALUE', "time must come with a decay per millisecond, got 'at'"],
  [{ decay: 0.9, hold: 'next' }, 'OPTION_VALUE', "hold must come with a decay per millisecond, got 'next'"],
  [{ tauMs: 9, start: 'first' }, 'OPTION_VALUE', "start must come with a decay per step, got 'first'"],
  [{ tauMs: 9, ages: true }, 'OPTION_VALUE', 'ages must come with a decay per step, got true'],
  [{ tauMs: 9, time: 3 }, 'OPTION_VALUE', 'time must be a name or a function, got 3'],
  [
    { decay: 0.9, clock: Date },
    'OPTION_VALUE',
    'clock must come with a decay per millisecond, or idleMs, got a function',
  ],
  [{ tauMs: 9, clock: Date.now }, 'OPTION_VALUE', 'clock must have a method now(), got a function'],
  [{ tauMs: 9, hold: 'first' }, 'OPTION_VALUE', "hold must be one of 'sample', 'next', 'last', 'linear', got 'first'"],
  [{ tauMs: 9, late: 'drop' }, 'OPTION_VALUE', "late must be one of 'throw', 'skip', got 'drop'"],
  [
    { tauMs: 9, hold: 'next', weight: 'n' },
    'OPTION_VALUE',
    "weight must come with hold 'sample' (under 'next' a value weighs the time it stands for), got 'n'",
  ],
  [{ decay: 0.9, weight: 2 }, 'OPTION_VALUE', 'weight must be a name or a function, got 2'],
  [{ decay: 0.9, by: ['a', 'a'] }, 'OPTION_VALUE', "by must be a name, several or a function, got ['a', 'a']"],
  [{ decay: 0.9, by: 'a', maxKeys: 0 }, 'OPTION_VALUE', 'maxKeys must be >= 1, got 0'],
  [{ decay: 0.9, by: 'a', idleMs: -1 }, 'OPTION_VALUE', 'idleMs must be > 0 ms, got -1'],
  [{ decay: 0.9, maxKeys: 3 }, 'OPTION_VALUE', 'maxKeys must come with by, got 3'],
  [{ decay: 0.9, idleMs: 3 }, 'OPTION_VALUE', 'idleMs must come with by, got 3'],
];

const modelOptions: Row[] = [
  ...[-0.1, 1.0001, NaN].map((decay): Row => [
    { decay },
    'DECAY_RANGE',
    `decay must be in [0, 1], or a schedule, got ${decay}`,
  ]),
  ...[-0.1, 1.0001, NaN].map((alpha): Row => [
    { alpha },
    'DECAY_RANGE',
    `alpha must be in [0, 1], or a schedule, got ${alpha}`,
  ]),
  [{ tau: 0 }, 'DECAY_RANGE', 'tau must be > 0 steps and finite, got 0'],
  [{}, 'DECAY_CHOICE', `options must have exactly one of ${MODEL}, got none`],
  [{ decay: 0.9, tau: 3 }, 'DECAY_CHOICE', `options must have exactly one of ${MODEL}, got decay and tau`],
  [
    { decay: 0.9, missing: 'carry' },
    'OPTION_VALUE',
    "missing must be one of 'skip', 'throw', 'propagate', got 'carry'",
  ],
  [{ decay: 0.9, emit: 'view' }, 'OPTION_VALUE', "emit must be one of 'live', 'copy', got 'view'"],
  [
    { decay: 0.9, rule: 'average' },
    'OPTION_VALUE',
    "rule must be a function to 'average', 'copy' or 'ignore', or one of 'yolov5', 'timm', 'keras', 'torch', got 'average'",
  ],
  ...[0, -1, 1.5, NaN, '2'].map((stepsPerUpdate): Row => [
    { decay: 0.9, stepsPerUpdate },
    'OPTION_VALUE',
    `stepsPerUpdate must be an integer >= 1, got ${typeof stepsPerUpdate === 'string' ? `'${stepsPerUpdate}'` : stepsPerUpdate}`,
  ]),
];

const EWM = 'alpha, span, com, halfLife, halfLifeMs, tauMs';
const EWM_OPTIONS = `${EWM}, adjust, ignoreNa, minPeriods, time, clock, late, missing, columns, as, weight, by, maxKeys, idleMs`;

const ewmOptions: Row[] = [
  [{}, 'DECAY_CHOICE', `options must have exactly one of ${EWM}, got none`],
  [{ alpha: 0.5, halfLifeMs: 3 }, 'DECAY_CHOICE', `options must have exactly one of ${EWM}, got alpha and halfLifeMs`],
  ...[0, 1.1, NaN].map((alpha): Row => [{ alpha }, 'DECAY_RANGE', `alpha must be in (0, 1], got ${alpha}`]),
  [{ alpha: () => 0.5 }, 'DECAY_RANGE', 'alpha must be in (0, 1], got a function'],
  [{ span: 0.5 }, 'DECAY_RANGE', 'span must be >= 1 step and finite, got 0.5'],
  ...[
    ['decay', ''],
    ['tau', ": did you mean 'tauMs'?"],
    ['hold', ''],
    ['start', ''],
    ['ages', ": did you mean 'as'?"],
    ['emit', ''],
  ].map(([name, tip]): Row => [
    { alpha: 0.5, [name!]: 0.5 },
    'OPTION_UNKNOWN',
    `options must be among ${EWM_OPTIONS}, got '${name}'${tip}`,
  ]),
  ...[-1, 1.5, NaN, Infinity, '3'].map((minPeriods): Row => [
    { alpha: 0.5, minPeriods },
    'OPTION_VALUE',
    `minPeriods must be an integer >= 0, got ${typeof minPeriods === 'string' ? `'${minPeriods}'` : minPeriods}`,
  ]),
  [{ alpha: 0.5, adjust: 1 }, 'OPTION_VALUE', 'adjust must be one of true, false, got 1'],
  [{ alpha: 0.5, ignoreNa: 'no' }, 'OPTION_VALUE', "ignoreNa must be one of true, false, got 'no'"],
  [{ tauMs: 5, ignoreNa: false }, 'OPTION_VALUE', 'ignoreNa must come with a decay per step, got false'],
  [{ alpha: 0.5, time: 'at' }, 'OPTION_VALUE', "time must come with a decay per millisecond, got 'at'"],
  [{ alpha: 0.5, late: 'skip' }, 'OPTION_VALUE', "late must come with a decay per millisecond, got 'skip'"],
  [
    { alpha: 0.5, missing: 'drop' },
    'OPTION_VALUE',
    "missing must be one of 'skip', 'carry', 'throw', 'propagate', got 'drop'",
  ],
  [
    { tauMs: 5, adjust: false, weight: 'n' },
    'OPTION_VALUE',
    "weight must come with adjust: true under a decay per millisecond, got 'n'",
  ],
];

/** What a statistic of `ewm` is asked, and what is said about it. */
const statistics: [ask: (one: Ewm<{ x: number }>) => unknown, code: string, message: string][] = [
  [(one) => one.var({ bias: 1 as never }), 'OPTION_VALUE', 'bias must be one of true, false, got 1'],
  [(one) => one.std({ bias: 'no' as never }), 'OPTION_VALUE', "bias must be one of true, false, got 'no'"],
  [(one) => one.std(true as never), 'OPTION_VALUE', 'options must be like { bias }, got true'],
  [(one) => one.cov('x', 'x', null as never), 'OPTION_VALUE', 'options must be like { bias }, got null'],
  [(one) => one.std({ ddof: 1 } as never), 'OPTION_UNKNOWN', "options must be among bias, got 'ddof'"],
  [(one) => one.cov(1 as never, 'x'), 'OPTION_VALUE', 'x must be the name of a field or column, got 1'],
  [
    (one) => one.corr('x', undefined as never),
    'OPTION_VALUE',
    'y must be the name of a field or column, got undefined',
  ],
  ...[0, -1, NaN, Infinity, '2'].map((width): (typeof statistics)[number] => [
    (one) => one.bands({ width: width as number }),
    'OPTION_VALUE',
    `width must be > 0 and finite, got ${typeof width === 'string' ? `'${width}'` : width}`,
  ]),
];

const build = {
  emaScan: (options: unknown) => emaScan(options as { decay: number }),
  Ema: (options: unknown) => new Ema(options as { decay: number }),
  modelEma: (options: unknown) => modelEma(options as { decay: number }),
  ModelEma: (options: unknown) => new ModelEma(options as { decay: number }),
};

describe.each(['emaScan', 'Ema'] as const)('%s, when it is built', (name) => {
  it.each([...decayRanges, ...choices, ...others])('refuses %o as %s', (options, code, message) => {
    expect(refusal(() => build[name](options))).toEqual({ code, message });
  });

  it.each([
    ['dcay', 'decay'],
    ['Alpha', 'alpha'],
    ['halflife', 'halfLife'],
    ['half_life', 'halfLife'],
    ['column', 'columns'],
    ['age', 'ages'],
    ['strat', 'start'],
    ['mising', 'missing'],
  ])('suggests the nearest known name for %s: %s', (given, nearest) => {
    const known = `${EMA}, ages, start, time, clock, hold, late, missing, emit, columns, as, weight, by, maxKeys, idleMs`;
    expect(refusal(() => build[name]({ decay: 0.9, [given]: 1 }))).toEqual({
      code: 'OPTION_UNKNOWN',
      message: `options must be among ${known}, got '${given}': did you mean '${nearest}'?`,
    });
  });

  it('takes the limits of each range', () => {
    const limits: Options[] = [
      { decay: 0 },
      { alpha: 1 },
      { alpha: 5e-324 },
      { span: 1 },
      { com: 0 },
      { halfLife: 5e-324 },
      { halfLife: 1.7e308 },
      { tau: 5e-324 },
      { span: 1.7e308 },
    ];
    for (const options of limits) expect(build[name](options)).toBeDefined();
  });

  it('does not ask a schedule before a value arrives', () => {
    let asked = 0;
    build[name]({ decay: () => ++asked });
    expect(asked).toBe(0);
  });
});

describe.each(['modelEma', 'ModelEma'] as const)('%s, when it is built', (name) => {
  it.each(modelOptions)('refuses %o as %s', (options, code, message) => {
    expect(refusal(() => build[name](options))).toEqual({ code, message });
  });

  it.each(['span', 'com', 'start', 'ages', 'columns', 'as', 'rules'])('does not know %s', (option) => {
    const { code, message } = refusal(() => build[name]({ decay: 0.9, [option]: 1 }));
    expect(code).toBe('OPTION_UNKNOWN');
    expect(message).toContain(`got '${option}'`);
  });

  it('takes decay 1 and alpha 0, which freeze', () => {
    for (const options of [{ decay: 1 }, { alpha: 0 }, { decay: 0 }, { alpha: 1 }])
      expect(build[name](options)).toBeDefined();
  });
});

describe('biasCorrected() anywhere else', () => {
  it('is refused when the pipe is built, and the message says where it belongs', () => {
    expect(refusal(() => NEVER.pipe(biasCorrected()))).toEqual({
      code: 'MISPLACED',
      message:
        'biasCorrected() must stand directly behind emaScan or modelEma, got another observable before it: ' +
        'put tap, share, retry and the like after the pair',
    });
  });
});

describe('an options object', () => {
  it('may be changed after the pipe is built: nothing follows', () => {
    const options = { decay: 0.5 };
    const operator = emaScan(options);
    options.decay = 2;
    const out: number[] = [];
    of(4, 4)
      .pipe(operator)
      .subscribe((v) => out.push(v));
    expect(out).toEqual([2, 3]);
  });

  it('of a schedule may be changed after it is made: nothing follows', () => {
    const options = { decay: 0.5, tau: 1, max: 0.4 };
    const schedule = rampDecay(options);
    const before = schedule({ step: 1 });
    Object.assign(options, { decay: 0.9, tau: 100, max: 1 });
    expect(schedule({ step: 1 })).toBe(before);
  });
});

describe('ewm, when it is built', () => {
  it.each(ewmOptions)('refuses %o as %s', (options, code, message) => {
    expect(refusal(() => ewm(options as { alpha: number }))).toEqual({ code, message });
  });

  it.each(statistics)('refuses %s as %s', (ask, code, message) => {
    expect(refusal(() => ask(ewm<{ x: number }>({ alpha: 0.5 })))).toEqual({ code, message });
  });

  it('refuses a sum of weights that do not decay from 1', () => {
    expect(refusal(() => ewm({ alpha: 0.5, adjust: false }).sum())).toEqual({
      code: 'OPTION_VALUE',
      message: 'adjust must be true for a sum, got false',
    });
  });

  it('takes the limits of each range', () => {
    for (const options of [{ alpha: 1 }, { span: 1 }, { com: 0 }, { halfLife: 5e-324 }, { tauMs: 5e-324 }] as const) {
      expect(ewm({ ...options, minPeriods: 0 }).mean()).toBeTypeOf('function');
    }
  });
});
