import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'

/** A client of the store that has its keys. */
export function s3Client(url: string, more: S3ClientConfig = {}): S3Client {
  return new S3Client({
    endpoint: url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'testkey', secretAccessKey: 'testsecret' },
    // Radosgw 16 does not know a checksum behind the body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...more,
  })
}
