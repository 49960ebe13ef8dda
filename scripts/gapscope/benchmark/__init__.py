"""The fast network step beside other ways to do the same work, timed in turns on one core."""
