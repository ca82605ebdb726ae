"""The write side: commands are decided, events are appended, and the log is published."""
