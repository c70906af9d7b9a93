import { describe, expect, it } from 'vitest';
import { pointsOf } from '../../../src/apps/dashboard/pointsOf.js';
import { refusal } from '../../refusal.js';

const NOW = 1_700_000_000_000;
const only = (value: unknown) => pointsOf(() => NOW)(value);
