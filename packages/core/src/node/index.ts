export { type ContinuableServer, deferContinue } from './defer-continue.js'
export { belowMount, gateRequest } from './incoming.js'
export { isLarge, nodeBody, nodeStream, writeHeaders, writeReply } from './outgoing.js'
export { isPlainResponse } from './plain-response.js'
