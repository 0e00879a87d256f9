"""On what terms a service is granted: how much, how often, when, where, by whom, and held against what was asked."""
