"""A territory: its communes, its residents, the channels that they use, its calendar."""
