"""Schema history, run as the owner of the tables; the processes that serve people never own one."""
