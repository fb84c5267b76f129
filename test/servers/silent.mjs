// Starts, reads, and never says anything.
process.stdin.resume();
