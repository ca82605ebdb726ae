RULES = "base"
