"""What happened in a prototype, kept in a file: written, read, played into another ledger, shown in one page."""
