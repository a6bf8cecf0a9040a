"""What customers say that concerns people: the rules, one folder a language, and how they are read.

`reading` turns a message into plain sentences, `notation` a rule into a pattern; `phrases` holds the rules
on a topic, `rules` reads the folders, and `hearing` asks all languages. Why rules, and what counts as what:
docs/decisions/0008-rules-for-words.md.
"""
