export { type ContinuableServer, deferContinue } from './defer-continue.js'
export { belowMount, gateRequest } from './incoming.js'
export { nodeBody, replyHeaders, writeReply } from './outgoing.js'
