"""The Web API: one function per method, one place that checks what all of them share."""
