"""A prototype for others: one file that Python alone runs, wheels, a container, a page that plays a recording."""
