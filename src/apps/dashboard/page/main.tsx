import { render } from 'preact';
import './page.css';
import './controls.css';
import './chart.css';
import { App } from './app.js';
import { startAddress } from './address.js';
import { startCursor } from './cursor.js';
import { startKeys } from './keys.js';
import { startLink } from './link.js';
import { startTheme } from './theme.js';

startTheme();
startAddress();
startLink();
startCursor();
startKeys();
render(<App />, document.body);
