"""Projects made from templates: which there are, what they ask, how one is rendered, and how it is kept up to date."""
