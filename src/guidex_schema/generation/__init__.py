"""Generation: documents are made into records by a language model, stage by stage, each of which is checked.

Source: GuideX, arXiv:2506.00649, section 3.
"""
