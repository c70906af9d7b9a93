export { decodeSafetensors, type Safetensors } from './decodeSafetensors.js';
export {
  encodeSafetensors,
  safetensorsChunks,
  type SafetensorsOptions,
  type SafetensorsWeights,
} from './encodeSafetensors.js';
export type { SafetensorsArray } from './safetensorsDtypes.js';
