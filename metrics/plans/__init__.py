"""Plans: spread over working days, divided, attained, projected; and the summary of them all."""
