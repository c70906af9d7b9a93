import { Command, Option } from 'commander';

import { numberOption } from './numberOption.js';
import type { WorkerLibrary } from './worker/worker.js';
import type { WorkerFlags } from './worker/workerFlags.js';

const EXAMPLES = `
Keys are those of Kafka's messages: each has an average of its own, which stays with its partition. What is read, what is
written and the state are committed together: nothing is lost or counted twice when a worker dies.

Passwords and keys come from a file or from the environment, where sasl.password is RX_EMA_KAFKA_SASL_PASSWORD.

Examples:
  rx-ema worker --brokers localhost:9092 --in metrics --out smoothed --half-life 50
  rx-ema worker --brokers localhost:9092 --in metrics --out smoothed --half-life-ms 2000 --time at --columns celsius
  rx-ema worker --brokers kafka:9093 --in metrics --out bands --span 20 --stat bands --slot "\${HOSTNAME##*-}" \\
      --config security.protocol=SASL_SSL --config sasl.mechanism=SCRAM-SHA-512 --config-file /run/secrets/kafka
  curl -o p3.state http://127.0.0.1:9464/state/3       the state of a partition, as of its latest message`;

/** `rx-ema worker`: a topic of Kafka in, the same topic smoothed out. @param library - that does the work */
export function workerCommand(library?: WorkerLibrary): Command {
  const command = new Command('worker').description('smooths a topic of Kafka into another one, exactly once');
  for (const add of [addTopics, addForgetting, addValues, addStatistics, addKafka, addMetrics]) add(command);
  return command.addHelpText('after', EXAMPLES).action(async (flags: WorkerFlags) => {
    const { worker } = await import('./worker/worker.js');
    await worker(flags, library);
  });
}

function addTopics(command: Command): void {
  command
    .optionsGroup('Topics:')
    .option('--brokers <host:port>', 'where the cluster is, with commas between (bootstrap.servers of --config-file)')
    .requiredOption('--in <topic>', 'topic to read')
    .requiredOption('--out <topic>', 'topic to write, with as many partitions')
    .addOption(
      new Option('--codec <name>', 'what the values of messages are (json)').choices(['json', 'float64', 'arrow']),
    )
    .option('--slot <name>', 'which of the workers this is: the same after a restart, and no other has it (0)')
    .option('--group <name>', 'consumer group (rx-ema- and the name of --out)')
    .option('--changelog <topic>', 'compacted topic for the state, made if need be (the group and -changelog)')
    .option('--dead-letters <topic>', 'topic for messages that cannot be smoothed (--out and -dead-letters)')
    .option('--max-dead-in-a-row <n>', 'dead letters in a row that are a wrong codec, an error (100)', numberOption);
}

function addForgetting(command: Command): void {
  command
    .optionsGroup('How fast to forget, one of these:')
    .option('--half-life <steps>', 'steps after which a weight has halved', numberOption)
    .option('--decay <d>', 'weight that the past keeps, in [0, 1)', numberOption)
    .option('--alpha <a>', '1 - decay, in (0, 1]', numberOption)
    .option('--span <steps>', 'as pandas: alpha = 2/(span + 1)', numberOption)
    .option('--com <steps>', 'as pandas: alpha = 1/(1 + com)', numberOption)
    .option('--tau <steps>', 'steps after which a weight has fallen to 1/e', numberOption)
    .option('--half-life-ms <ms>', 'time after which a weight has halved', numberOption)
    .option('--tau-ms <ms>', 'time after which a weight has fallen to 1/e', numberOption);
}

function addValues(command: Command): void {
  command
    .optionsGroup('What to smooth:')
    .option('--columns <names>', 'fields, with commas between (every number but --time and --weight)', names)
    .option('--append', 'keeps the fields, and puts <field>_ema behind them, or <field>_<stat>')
    .option('--weight <field>', 'the weight of a value')
    .option('--time <field>', 'when it was measured (the timestamp of the message)')
    .addOption(
      new Option('--time-unit <unit>', 'of --time; with --columns others than ms (ms)').choices([
        's',
        'ms',
        'us',
        'ns',
        'date',
      ]),
    )
    .addOption(
      new Option('--hold <kind>', 'what a value stands for between two times (sample)').choices([
        'sample',
        'next',
        'last',
        'linear',
      ]),
    )
    .addOption(
      new Option('--late <what>', 'with a value from before the newest: a dead letter, or left out (throw)').choices([
        'throw',
        'skip',
      ]),
    )
    .addOption(
      new Option('--missing <what>', 'with null, NaN and infinities (skip; with --stat carry)').choices([
        'skip',
        'carry',
        'throw',
        'propagate',
      ]),
    )
    .option('--ages', 'a missing value is an elapsed step')
    .option('--start <how>', 'zero, first, or sma:N, the mean of the first N (zero)')
    .option('--raw', 'does not correct the bias of the start at zero')
    .option('--max-keys <n>', 'most keys at a time, for each partition', numberOption)
    .option('--idle-ms <ms>', 'time after which a key that does not come is forgotten', numberOption);
}

function addStatistics(command: Command): void {
  command
    .optionsGroup("pandas' ewm:")
    .addOption(
      new Option('--stat <name>', 'a statistic in place of the average').choices([
        'mean',
        'sum',
        'var',
        'std',
        'cov',
        'corr',
        'bands',
      ]),
    )
    .option('--adjust', 'adjust=True, as it is if nothing is said')
    .option('--no-adjust', 'adjust=False')
    .option('--ignore-na', 'a missing value is no elapsed step')
    .option('--min-periods <n>', 'values before anything comes out (0)', numberOption)
    .option('--bias', 'of var, std, cov: not corrected for few samples')
    .option('--width <n>', 'of bands: standard deviations to either side (2)', numberOption)
    .option('--x <field>', 'of cov, corr')
    .option('--y <field>', 'of cov, corr');
}

function addKafka(command: Command): void {
  command
    .optionsGroup('Kafka:')
    .option(
      '--commit-ms <ms>',
      'how long a message waits at most for its commit: 1 to 7500, up to 10000 with a transaction.timeout.ms of twice as many (200)',
      numberOption,
    )
    .option('--session-ms <ms>', 'without a sign of life, after which others take over (10000)', numberOption)
    .option(
      '--config <key=value>',
      'a setting of librdkafka, as often as there are some',
      (one, all: readonly string[] | undefined) => [...(all ?? []), one],
    )
    .option('--config-file <file>', 'settings of librdkafka, secrets too: lines of key=value, or JSON');
}

function addMetrics(command: Command): void {
  command
    .optionsGroup('Watching over it:')
    .option('--metrics-port <number>', 'of /metrics, /healthz, /readyz, /state/PARTITION, 0 for any (9464)')
    .option('--metrics-host <address>', 'where to listen (127.0.0.1: read from this machine alone)')
    .option('--no-metrics', 'none of these');
}

function names(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}
