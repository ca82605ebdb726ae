RULES = "x"
