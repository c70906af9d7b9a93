import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { kafkaClient } from '../../../../src/apps/cli/worker/kafkaClient.js';
import { emptyFolder } from '../../../support/emptyFolder.js';

/** A package of one file. */
function packageOf(text: string): string {
  const path = join(emptyFolder(), 'index.mjs');
  writeFileSync(path, text);
  return pathToFileURL(path).href;
}

it('is the first package that is installed', async () => {
  const [first, second] = [packageOf('export default { is: 1 }'), packageOf('export default { is: 2 }')];
  expect(await kafkaClient([first, second])).toEqual({ is: 1 });
  expect(await kafkaClient(['no-such-client', second])).toEqual({ is: 2 });
});

it('says what to install where there is none', async () => {
  await expect(kafkaClient(['no-such-client', 'nor-this-one'])).rejects.toMatchObject({
    code: 'PACKAGE_MISSING',
    message:
      'rx-ema worker must find no-such-client or nor-this-one beside rx-ema, got neither: npm install no-such-client',
  });
});

it('says of one that was built for another Node that it must be built anew', async () => {
  const broken = packageOf("throw new Error('was compiled against a different Node.js version')");
  await expect(kafkaClient([broken, packageOf('export default {}')])).rejects.toMatchObject({
    code: 'PACKAGE_MISSING',
    message: `${broken} must load, got 'was compiled against a different Node.js version': npm rebuild ${broken}`,
  });
});
