"""A little life for a real territory: invented residents, believable cases, ten channels."""
