"""The published language: events as CloudEvents, their subjects, their delivery."""
