import { afterAll, beforeAll, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { killedInTurn } from './support/killedInTurn.js';
import { kafka } from './support/needKafka.js';
import { KILLED, newStage, type Stage } from './support/scene.js';

describeWith(kafka, 'workers on three brokers', (client) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await newStage(client, { brokers: 3, heap: '384m', properties: KILLED });
  });
  afterAll(() => stage.end());

  it('are exact while each broker is killed in turn and comes back', () => killedInTurn(stage, stage.cluster.brokers));
});
