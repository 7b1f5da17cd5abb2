"""How much of the territories, and of what the bank sells, the customers already hold."""
