import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import type { KafkaClient } from '../../../src/apps/scale/rdkafka/client.js';
import type { Need } from '../../support/need.js';
import { JARS } from './broker.js';

/** A broker's jars, Java to run them, and the client: `describeWith(kafka, 'a worker', (client) => { … })`. */
export const kafka: Need<KafkaClient> = {
  name: 'Kafka',
  remedy: 'Install Java 17 or later (`apt-get install default-jdk-headless maven`) and run `bash tools/get-kafka.sh`.',
  find() {
    try {
      execFileSync('java', ['-version'], { stdio: 'ignore' });
      return existsSync(JARS) ? (createRequire(import.meta.url)('node-rdkafka') as KafkaClient) : null;
    } catch {
      return null;
    }
  },
};
