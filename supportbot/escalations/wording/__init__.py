"""What customers say that concerns people: the rules, one file a language, and how they are read.

`reading` turns a message into plain sentences, `phrases` the notation of a rule into a pattern, `rules`
reads the files.
"""
