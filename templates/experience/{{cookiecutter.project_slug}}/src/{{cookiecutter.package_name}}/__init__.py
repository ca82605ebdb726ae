"""An experiment: what is tried, which cases count, and what may be concluded from them."""
