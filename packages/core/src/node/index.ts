export { type ContinuableServer, deferContinue } from './defer-continue.js'
export { belowMount, gateRequest } from './incoming.js'
export { nodeBody, writeHeaders, writeReply } from './outgoing.js'
