import { createChart } from './charts.js';
import { Columns } from './columns.js';

const byId = (id) => document.getElementById(id);
const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

// ---- what is shown ---------------------------------------------------------------------------------------------------

const LOSS = ['loss', 'lossEma', 'lossCorrected'];
const ACCURACY = ['acc', 'accEma', 'accCorrected'];
const SCORES = ['raw', 'ema'];

let run; // what the server said about the run; undefined before
let points; // a row per step: its number is its index + 1
let scores; // a row per epoch
let zoom = null; // [from, to] in steps, or null: the whole run, growing
let end = null; // how the run ended
let rate = null; // { step, atMs, perSecond }

function startOver(about) {
  run = about;
  points = new Columns(['step', ...LOSS, ...ACCURACY]);
  scores = new Columns(['step', ...SCORES]);
  [zoom, end, rate] = [null, null, null];
  byId('about').textContent = `${run.model} · seed ${run.seed} · ${run.backend}`;
  dirty();
}

const training = (names, faint) => [
  { name: names[0], label: 'training, each batch', color: '--training', look: faint },
  { name: names[1], label: 'emaScan', color: '--uncorrected', look: 'dashed' },
  { name: names[2], label: 'emaScan, biasCorrected', color: '--training', look: 'bold' },
];

const charts = [
  createChart(byId('loss'), {
    title: 'Loss',
    format: (value) => value.toFixed(3),
    tick: (value) => value.toFixed(value < 10 ? 1 : 0),
    series: training(LOSS, 'faint'),
    range: ({ loss, lossCorrected }) => [0, 1.08 * Math.max(quantile(loss, 0.995), greatest(lossCorrected), 0.1)],
    onZoom: setZoom,
  }),
  createChart(byId('accuracy'), {
    title: 'Accuracy',
    format: (value) => percent(value),
    tick: (value) => percent(value, 0),
    series: [
      ...training(ACCURACY, 'fainter'),
      { name: 'raw', label: 'test, raw weights', color: '--raw', look: 'thin' },
      { name: 'ema', label: 'test, EMA weights', color: '--ema', look: 'bold' },
    ],
    range: ({ acc }) => [Math.min(quantile(acc, 0.05), 0.9), 1.005],
    onZoom: setZoom,
  }),
];

function draw() {
  if (run === undefined) return;
  const last = points.length;
  const view = zoom ?? [0, Math.max(last, 10)];
  charts[0].draw([table(points, LOSS)], view, valueAt);
  charts[1].draw([table(points, ACCURACY), table(scores, SCORES)], view, valueAt);

  const { epochs, stepsPerEpoch } = run;
  const epoch = Math.min(Math.floor(Math.max(last - 1, 0) / stepsPerEpoch) + 1, epochs);
  const newest = (name) => valueAt(name, last);
  show('epoch', last > 0, () => `${epoch} / ${epochs}`);
  show('step', last > 0, () => last.toLocaleString('en'));
  show('rate', rate?.perSecond !== undefined, () => Math.round(rate.perSecond).toLocaleString('en'));
  show('loss', last > 0, () => newest('lossCorrected').toFixed(3));
  show('raw', scores.length > 0, () => percent(newest('raw')));
  show('ema', scores.length > 0, () => percent(newest('ema')));
  byId('progress').value = last / (epochs * stepsPerEpoch);
  byId('follow').hidden = zoom === null;
  document.title = last > 0 ? `${newest('lossCorrected').toFixed(3)} · rx-ema` : 'rx-ema';
}

const table = (columns, names) => ['step', ...names].map((name) => columns.get(name));

/** A series' value at a step; of the test accuracies the newest until then. */
function valueAt(name, step) {
  if (!SCORES.includes(name)) return points.get(name)[step - 1];
  return scores.get(name)[Math.min(Math.floor(step / run.stepsPerEpoch), scores.length) - 1];
}

function show(number, known, text) {
  document.querySelector(`[data-number=${number}]`).textContent = known ? text() : '–';
}

function setZoom(range) {
  zoom = range;
  dirty();
}
byId('follow').addEventListener('click', () => setZoom(null));

/** Draws once per frame, however much arrives. */
function dirty() {
  if (dirty.frame) return;
  dirty.frame = requestAnimationFrame(() => {
    dirty.frame = 0;
    draw();
  });
}

function greatest(values) {
  return values.reduce((most, value) => (value > most ? value : most), 0);
}

/** Of about a thousand of the values: a few spikes need not squeeze all the rest. */
function quantile(values, q) {
  const every = Math.ceil(values.length / 1000) || 1;
  const sample = Array.from({ length: Math.floor(values.length / every) }, (_, i) => values[i * every]);
  const known = sample.filter(Number.isFinite).sort((a, b) => a - b);
  return known[Math.floor(q * (known.length - 1))] ?? 0;
}

// ---- the stream ------------------------------------------------------------------------------------------------------

const handlers = {
  run(about) {
    if (about.run !== run?.run) startOver(about);
  },
  points(piece) {
    points.append(piece);
    const { step } = piece;
    if (rate === null || piece.atMs - rate.atMs >= 1000) {
      const perSecond = rate ? ((step.at(-1) - rate.step) * 1000) / (piece.atMs - rate.atMs) : undefined;
      rate = { step: step.at(-1), atMs: piece.atMs, perSecond };
    }
  },
  score({ step, raw, ema }) {
    scores.append({ step: [step], raw: [raw], ema: [ema] });
  },
  end({ how }) {
    end = how;
  },
};

/** EventSource comes back by itself where the server has only gone away; where it gave up, it is made anew. */
function connect() {
  const source = new EventSource('/events');
  source.addEventListener('open', showStatus);
  source.addEventListener('error', () => {
    showStatus();
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 1000);
  });
  for (const [event, handle] of Object.entries(handlers)) {
    source.addEventListener(event, ({ data }) => {
      handle(JSON.parse(data));
      showStatus();
      dirty();
    });
  }

  function showStatus() {
    const open = source.readyState === EventSource.OPEN;
    const state = end ?? (open ? 'live' : 'reconnecting');
    byId('status').dataset.state = state;
    byId('status').textContent = state;
    byId('status').title = open ? '' : 'The server is gone; the page looks for the next run.';
  }
}
connect();
