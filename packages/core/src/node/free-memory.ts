import { MessageChannel, type MessagePort } from 'node:worker_threads'

// Less than this is soon collected, and costs more to hand over than to leave.
const LEAST_BYTES = 4 * 1024

let nowhere: MessagePort | undefined

/**
 * Frees the memory of a chunk at once, if it has it alone; its length is 0 afterwards. Left to the garbage collector, the
 * memory of an upload makes V8 collect the whole heap again and again, as it lies outside it and counts as pressure.
 *
 * By a transfer to a closed port, which detaches the memory and keeps it nowhere (HTML, "message port post message steps");
 * `ArrayBuffer.prototype.transfer` is not there before Node 22.
 */
export function freeMemory({ buffer, byteLength }: Uint8Array): void {
  if (byteLength < LEAST_BYTES || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return
  nowhere ??= closedPort()
  try {
    nowhere.postMessage(undefined, [buffer])
  } catch {
    // Whoever marked it as untransferable keeps it.
  }
}

function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  port2.close()
  port1.close()
  return port1
}
