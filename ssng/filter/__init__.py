"""The filter language: words -> tree -> kernel bytecode, and tree -> judgement of columns.

    syntax.parse        words of the command line and the -F file -> tree (values, hosts: the operands)
    bytecode.compile    tree -> program for INET_DIAG_REQ_BYTECODE, one family at a time
    beyond, facts       what is no word of ss's: conditions on facts; compare judges them
    predicate.predicate tree -> judge(column, count), for what the kernel cannot say
    explain.explained   query -> what the kernel is asked, what is judged here and why, what is read
"""
