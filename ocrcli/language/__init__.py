"""What is known of a text before it is seen: n-grams, lexicon, charset, priors."""
