export { toSafetensors, type SafetensorsFileOptions } from './toSafetensors.js';
