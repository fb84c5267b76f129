// Starts and reads, but never answers.
process.stdin.resume();
