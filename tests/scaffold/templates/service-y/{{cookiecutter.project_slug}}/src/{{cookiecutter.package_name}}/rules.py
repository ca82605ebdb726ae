RULES = "y"
