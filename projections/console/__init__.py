"""The agents' pages: what the views know, shown at the edge, in French and in English."""
