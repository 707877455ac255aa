"""Who does the jobs, and when: one process with a loop, or any number of workers on PostgreSQL. Jobs cannot tell which."""
