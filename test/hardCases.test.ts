import { describeHardCases } from './support/hardCases.js';

describeHardCases();
