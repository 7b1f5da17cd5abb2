"""Minutes as they leave the bank: made with the rights of the branch's screen, by hand or at a time of day."""
