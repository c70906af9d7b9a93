import { expect, it } from 'vitest';
import { otherNames } from '../../src/values/otherNames.js';

const names = (prefix: string, ...more: string[]): string[] => [
  ...['conv/kernel', 'conv/bias', 'out/kernel', 'out/bias'].map((name) => prefix + name),
  ...more,
];

it.each<[string, string[], string[], string]>([
  ['one that is gone', ['scale'], [], "none for 'scale'"],
  ['one that came', [], ['scale'], "'scale' besides"],
  ['one for another', ['scale'], ['offset'], "none for 'scale' and 'offset' besides"],
  ['several', ['a', 'b', 'c', 'd'], ['x', 'y'], "none for 4 ('a', 'b', 'c', …) and 2 ('x', 'y') besides"],
  ['a prefix gained', names(''), names('module.'), "'module.conv/kernel' with 'module.' in front"],
  ['a prefix lost', names('_orig_mod.'), names(''), "'conv/kernel' without '_orig_mod.' in front"],
  [
    'another prefix',
    names('model_1/'),
    names('model_2/'),
    "'model_2/conv/kernel' with 'model_2' in front instead of 'model_1'",
  ],
  [
    'layers of other names',
    ['dense_1/kernel'],
    ['dense_3/kernel'],
    "'dense_3/kernel' with 'dense_3' in front instead of 'dense_1'",
  ],
  [
    'a prefix gained, and a name (torch AveragedModel)',
    names(''),
    names('module.', 'n_averaged'),
    "'module.conv/kernel' with 'module.' in front and 'n_averaged' besides",
  ],
  [
    'a prefix lost, and a name before all others',
    ['n_averaged', ...names('module.')],
    names(''),
    "'conv/kernel' without 'module.' in front and none for 'n_averaged'",
  ],
  [
    'two prefixes at once',
    ['dense_1/kernel', 'dense_2/kernel'],
    ['dense_3/kernel', 'dense_4/kernel'],
    "none for 2 ('dense_1/kernel', 'dense_2/kernel') and 2 ('dense_3/kernel', 'dense_4/kernel') besides",
  ],
])('says of %s what happened', (_, gone, come, got) => {
  const { code, message } = otherNames(gone, come);
  expect(code).toBe('NAMES_MISMATCH');
  expect(message).toBe(`the weights must have the names of the first ones, got ${got}`);
});

it('of 10 000 names with nothing in common says so at once', () => {
  const [gone, come] = ['dense_', 'conv_'].map((prefix) =>
    Array.from({ length: 1e4 }, (_, i) => `${prefix}${i}/kernel`),
  );
  expect(otherNames(gone!, come!.reverse()).message).toMatch(/none for 10000 \('dense_0\/kernel'/);
});
