"""The same work on many machines, with Ray: where a dataset or a run has outgrown one.

Nothing but this package imports Ray (the extra ``ray``), and only when something is asked of a cluster.
"""
