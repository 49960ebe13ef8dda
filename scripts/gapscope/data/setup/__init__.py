"""The wizard behind start.py: what a config for new tables should say."""
