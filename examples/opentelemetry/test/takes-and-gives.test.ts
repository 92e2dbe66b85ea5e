import { describeExample } from '../../testing/describe-example.js'

describeExample('opentelemetry')
