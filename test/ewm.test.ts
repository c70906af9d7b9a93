import { describeEwmFixtures } from './fixtures/ewm.fixtures.js';

describeEwmFixtures();
