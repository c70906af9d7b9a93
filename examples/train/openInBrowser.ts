/** Opens a page in the browser. @param say - told if there is none */
export async function openInBrowser(address: string, say: (line: string) => void): Promise<void> {
  const { default: open } = await import('open');
  const browser = await open(address);
  browser.on('error', (error) => say(`--open   no browser: ${error.message}`));
}
