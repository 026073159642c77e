"""What every door does the same way: reads the record within a scope, and has it computed.

Between the pure rooms (casework, reports) and the doors (staff pages, residents' pages, API,
commands), so that a page and a command never give two answers.
"""
