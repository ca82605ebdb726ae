"""The catalogue: prototypes that a territory gives to the others, each a signed entry with its files in one archive."""
