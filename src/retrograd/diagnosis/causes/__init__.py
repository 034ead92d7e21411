"""One mistake per file: its name, its words, and the arrays that it would make."""
