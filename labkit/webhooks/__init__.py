"""What an operator does for webhooks: add and remove endpoints, look at what does not arrive, and send it again."""
