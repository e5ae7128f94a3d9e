"""Language: n-gram language models, lexicon of own words, charset, and priors of handwriting."""
