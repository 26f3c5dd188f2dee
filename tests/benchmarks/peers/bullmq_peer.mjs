// BullMQ's producer. Reads `add N`, answers the seconds of one addBulk of N jobs; the queue is emptied afterwards.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

// BullMQ lies in a folder of its own, not beside this file.
const { Queue } = createRequire(`${process.env.PEER_FOLDER}/`)('bullmq');
const queue = new Queue('benchmark', { connection: { host: '127.0.0.1', port: Number(process.env.PEER_REDIS_PORT) } });
await queue.waitUntilReady();
for await (const line of createInterface({ input: process.stdin })) {
  const count = Number(line.split(' ')[1]);
  const started = process.hrtime.bigint();
  const added = await queue.addBulk(Array.from({ length: count }, (_, number) => ({ name: 'double', data: number })));
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (added.length !== count) throw new Error(`${added.length} of ${count} jobs were added`);
  await queue.obliterate({ force: true });
  console.log(seconds);
}
await queue.close();
