"""How a view is fed: paged, exactly once, rebuilt beside the live one."""
