"""HTTP of the write side: one route a command, batches of commands, problems for everything refused."""
