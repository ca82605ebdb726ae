"""What lets an operator watch any role: logs, traces and metrics. Off, or at its plainest, unless asked for.

Both sides of the house use it. It knows neither commands nor events: what it is not given, it cannot tell.
"""
