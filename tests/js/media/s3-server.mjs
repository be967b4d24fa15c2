// An S3 server of another maker (s3rver) on a free port, on the directory given; ends when its standard input does.
import S3rver from 's3rver';

const server = new S3rver({
    address: '127.0.0.1', port: 0, silent: true, directory: process.argv[2], configureBuckets: [{ name: 'media' }],
});
const { port } = await server.run();
console.log(port);
process.stdin.on('end', () => process.exit(0)).resume();
