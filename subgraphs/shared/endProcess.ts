/**
 * Ends this process at once, for when nobody is left who reads its exit code. `process.exit` first waits for V8's threads, and may wait
 * for ever: one that compiles can itself wait for the main thread to collect garbage (nodejs/node#54918, open, in each release since
 * Node 20). A signal that can't be caught waits for none. Listeners of `exit` are not called.
 */
export function endProcess(): void {
  process.kill(process.pid, 'SIGKILL');
}
