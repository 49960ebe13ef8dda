"""gapscope's library. Its wings depend one way: tables -> network -> analysis -> plots -> report."""
