/** What loggers call the number of a step. */
const STEPS = new Set([
  'step',
  'steps',
  'global_step',
  'iteration',
  'iterations',
  'iter',
  'batch',
  'batch_idx',
  'epoch',
  'epochs',
  'timesteps',
  'total_timesteps',
  'env_step',
  'env_steps',
]);
/** What they call the time: since the Unix epoch, since the start, or as a date. */
const TIMES = new Set([
  'time',
  'time_ms',
  'timestamp',
  'timestamp_ms',
  'wall_time',
  'walltime',
  'relative_time',
  'elapsed',
  'elapsed_ms',
  'time_elapsed',
  'runtime',
  'date',
  'datetime',
  'created_at',
]);
/** What says whose a row is: numbers, and no measurements. The empty name is pandas' index. */
const KEYS = new Set(['', 'index', 'id', 'seed', 'rank', 'run_id', 'unnamed:_0', 'level_0']);

/** True for the names under which loggers keep the number of a step: `step`, `epoch`, `trainer/global_step`, `_step`. */
export function isStepName(name: string): boolean {
  return STEPS.has(plain(name));
}

/** True for the names under which loggers keep the time: `time_ms`, `Wall time`, `_timestamp`, `date`. */
export function isTimeName(name: string): boolean {
  return TIMES.has(plain(name));
}

/** True for columns that are an x axis or a key, and so are never smoothed unasked: steps, times, `index`, `id`, `seed`. */
export function isAxisName(name: string): boolean {
  return isStepName(name) || isTimeName(name) || KEYS.has(plain(name));
}

/** Without the case, blanks, wandb's underscore in front, and what Lightning, Hugging Face and Stable Baselines put before a slash. */
function plain(name: string): string {
  const spelled = name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  return spelled.replace(/^(trainer|train|eval|val|valid|test|time)\//, '').replace(/^_(?=.)/, '');
}
