/** The control channel of an application of the benchmark: says when it listens, and what it has used when it is asked. */
export function answerTo(port) {
  const usage = () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    return { cpuUs: userCPUTime + systemCPUTime, rssBytes: process.memoryUsage.rss() };
  };
  process.on('message', () => process.send({ kind: 'usage', ...usage() }));
  // The benchmark is gone, however it ended.
  process.on('disconnect', () => process.exit(0));
  process.send({ kind: 'listening', port, startMs: performance.now(), ...usage() });
}
