// The newest setting wins: one computation at a time, and at most one that waits.

// work(job) does a job and gives a promise; ask(job) lets it be done, in place of one that waits.
export function newestWins(work) {
  let running = false;
  let waiting = null;
  let listeners = [];

  async function go(first) {
    running = true;
    for (let job = first; job; ) {
      await work(job);
      job = waiting;
      waiting = null;
    }
    running = false;
    const told = listeners;
    listeners = [];
    for (const tell of told) tell();
  }

  return {
    ask(job) {
      if (running) waiting = job;
      else go(job);
    },
    forget() {
      waiting = null;
    },
    // Resolves when nothing is computed and nothing waits.
    settled: () => (running ? new Promise((resolve) => listeners.push(resolve)) : Promise.resolve()),
  };
}

// One after another: gives alone(task), which starts a task when those before it have ended.
export function queue() {
  let last = Promise.resolve();
  return (task) => {
    const mine = last.then(task);
    last = mine.catch(() => {});
    return mine;
  };
}

// Lets `task` run at once, then not more often than every `pause` milliseconds; the last call is kept.
export function unhurried(task, pause) {
  let timer = null;
  let again = false;
  function tick() {
    timer = null;
    if (again) call();
  }
  function call() {
    again = timer !== null;
    if (again) return;
    task();
    timer = setTimeout(tick, pause);
  }
  return { call, stop: () => { clearTimeout(timer); again = false; } };
}
