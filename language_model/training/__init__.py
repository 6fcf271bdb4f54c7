"""How the shipped weights came to be: text, tokenizer, training. Needed to train, not to run."""
