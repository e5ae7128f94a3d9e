"""What all trainings share: the loop, the optimizer, several processes as one, shards on disk."""
