"""Our paths and the stock library side by side, in one run on one machine: figures are ratios, medians of rounds."""
