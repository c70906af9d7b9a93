import { render } from 'preact';
import './page.css';
import { App } from './app.js';
import { connect } from './model.js';

connect();
render(<App />, document.body);
