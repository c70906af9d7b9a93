import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Job } from './job.js';

/** Something happened in a program. */
export interface Mark {
  /** In ms since 1970. */
  readonly at: number;
  /** ms that all processors had worked for the process by then. */
  readonly cpuMs: number;
}

/**
 * A program that reads the input of a job, writes its output and commits, until its standard input is closed. It prints
 * `first AT CPU` with its first message and `end AT CPU` when it is told to end (the numbers as in {@link Mark}), and
 * whatever else it has measured, in the same form: a word and numbers.
 */
export interface Contender {
  readonly name: string;
  /** The program and its arguments, for a job in JSON. */
  line(job: string): readonly string[];
}

/** A contender at work. */
export class Running {
  private readonly child: ChildProcess;
  private readonly said = new Map<string, readonly number[]>();
  private readonly waiting = new Map<string, (numbers: readonly number[]) => void>();
  private readonly ended: Promise<never>;

  constructor(contender: Contender, job: Job) {
    const { name } = contender;
    const [program, ...args] = contender.line(JSON.stringify(job));
    this.child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface(this.child.stdout!).on('line', (line) => this.hear(line));
    this.ended = new Promise((_, reject) => {
      this.child.once('error', reject);
      this.child.once('exit', (code, signal) => reject(new Error(`${name} has ended: ${code ?? signal}`)));
    });
    this.ended.catch(() => {}); // whoever waits for a word hears of it
  }

  /** The numbers after a word: at once if it was said, else when it is. Rejects if the program ends without it. */
  word(word: string): Promise<readonly number[]> {
    const numbers = this.said.get(word);
    if (numbers !== undefined) return Promise.resolve(numbers);
    return this.orEnd(new Promise((resolve) => this.waiting.set(word, resolve)));
  }

  /** Waits for something that does not come if the program ends before. */
  orEnd<T>(something: Promise<T>): Promise<T> {
    return Promise.race([something, this.ended]);
  }

  async mark(word: 'first' | 'end'): Promise<Mark> {
    const [at, cpuMs] = await this.word(word);
    return { at: at!, cpuMs: cpuMs! };
  }

  /** Ends it, and waits until it is gone. */
  async end(): Promise<Mark> {
    this.child.stdin!.end();
    const end = await this.mark('end');
    await this.ended.catch(() => {});
    return end;
  }

  /** For `finally`: nothing stays, whatever happened. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  private hear(line: string): void {
    const [word, ...numbers] = line.split(' ');
    this.said.set(word!, numbers.map(Number));
    this.waiting.get(word!)?.(numbers.map(Number));
  }
}
